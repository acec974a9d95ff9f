import type { Findings } from "./findings.ts";
import type { PluginSet } from "./plugin-set.ts";
import type { ConfiguredPlugin } from "./resolved.ts";
import type { Consumption } from "../scheduling/plugin.ts";

/** Every producer of a configuration, with the defaults that its consumers need. At most one of a type. */
export function resolveProducers(plugins: PluginSet, findings: Findings): readonly ConfiguredPlugin[] {
  const byType = new Map<string, ConfiguredPlugin>();
  for (const producer of plugins.withRole("producer")) {
    const { type } = producer.definition;
    const first = byType.get(type);
    if (first === undefined) byType.set(type, producer);
    else {
      findings.refuse(plugins.pathOf(producer), {
        message: `a second ${type}`,
        found: `"${producer.name}" beside "${first.name}"`,
        allowed: "one of this type",
      });
    }
  }
  for (const plugin of plugins.all) {
    for (const consumption of plugin.definition.consumes ?? []) {
      const { producerType, required } = consumption;
      const isNamed = checkName(plugin, consumption, plugins, findings);
      if ((required || isNamed) && !byType.has(producerType)) byType.set(producerType, plugins.default(producerType));
    }
  }
  return [...byType.values()];
}

/** Refuses a producer name that nothing has. @returns whether one is given */
function checkName(
  plugin: ConfiguredPlugin,
  { parameter, producerType }: Consumption,
  plugins: PluginSet,
  findings: Findings,
): boolean {
  const name = (plugin.parameters as Readonly<Record<string, unknown>>)[parameter];
  if (name === undefined) return false;
  const producers = plugins.ofType(producerType).map((producer) => producer.name);
  const allowed = producers.length === 0 ? [producerType] : producers;
  if (allowed.some((one) => one === name)) return true;
  findings.refuse([...plugins.pathOf(plugin), "parameters", parameter], {
    message: `no ${producerType} of this name`,
    allowed: allowed.join(", "),
  });
  return true;
}
