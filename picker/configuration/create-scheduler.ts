import type { DataProducer, Filter, Picker, PluginEnvironment, PluginInstance, Scorer } from "../scheduling/plugin.ts";
import { Scheduler } from "../scheduling/scheduler.ts";
import type { ConfiguredPlugin, ResolvedConfiguration } from "./resolved.ts";

const isFilter = (instance: PluginInstance): instance is PluginInstance & Filter => instance.filter !== undefined;
const isScorer = (instance: PluginInstance): instance is PluginInstance & Scorer => instance.score !== undefined;
const isPicker = (instance: PluginInstance): instance is PluginInstance & Picker => instance.pick !== undefined;
const isProducer = (instance: PluginInstance): instance is PluginInstance & DataProducer =>
  instance.produce !== undefined;

/** Makes the plugins of a configuration, one instance each, and the scheduler that runs them. */
export function createScheduler(
  { profile, producers }: Pick<ResolvedConfiguration, "profile" | "producers">,
  environment: PluginEnvironment,
): Scheduler {
  const instances = new Map<string, PluginInstance>();
  const made = <I extends PluginInstance>(plugin: ConfiguredPlugin, is: (one: PluginInstance) => one is I): I => {
    const instance = instances.get(plugin.name) ?? plugin.definition.create(plugin.parameters, environment);
    instances.set(plugin.name, instance);
    if (!is(instance)) throw new Error(`${plugin.definition.type} does not do what its roles say`);
    return instance;
  };
  return new Scheduler(
    {
      name: profile.name,
      filters: profile.filters.map((plugin) => made(plugin, isFilter)),
      scorers: profile.scorers.map(({ plugin, weight }) => ({
        name: plugin.name,
        scorer: made(plugin, isScorer),
        weight,
      })),
      picker: made(profile.picker, isPicker),
    },
    producers.flatMap(({ name, definition, parameters }) => {
      const producer = definition.create(parameters, environment);
      return isProducer(producer) ? [{ name, producer }] : [];
    }),
    environment.random,
  );
}
