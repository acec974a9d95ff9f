import type {
  DataProducer,
  Filter,
  Picker,
  PluginDefinition,
  PluginEnvironment,
  PluginInstance,
  PluginRole,
  Scorer,
} from "./plugin.ts";

type Definition<P, I extends PluginInstance> = Omit<PluginDefinition<P>, "roles" | "create"> & {
  create(parameters: P, environment: PluginEnvironment): I;
};

export const defineFilter = <P>(definition: Definition<P, Filter>): PluginDefinition<P> => ({
  ...definition,
  roles: ["filter"],
});

export const defineScorer = <P>(definition: Definition<P, Scorer>): PluginDefinition<P> => ({
  ...definition,
  roles: ["scorer"],
});

export const definePicker = <P>(definition: Definition<P, Picker>): PluginDefinition<P> => ({
  ...definition,
  roles: ["picker"],
});

export const defineProducer = <P>(definition: Definition<P, DataProducer>): PluginDefinition<P> => ({
  ...definition,
  roles: ["producer"],
});

/** A plugin whose parameters are read from the loaded configuration by another part of the picker. */
export const defineCarried = <P>(
  role: Exclude<PluginRole, "filter" | "scorer" | "picker">,
  definition: Omit<PluginDefinition<P>, "roles" | "create">,
): PluginDefinition<P> => ({ ...definition, roles: [role], create: () => ({}) });
