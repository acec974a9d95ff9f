import type { ConfigProblem } from "#config";
import type { FlowSettings } from "../flow/settings.ts";
import type { PluginDefinition, PluginRole } from "../scheduling/plugin.ts";
import type { CoreMetricsParameters, FileDiscoveryParameters, MetricsSourceParameters } from "./data-plugins.ts";
import type { ParserType } from "./parser-plugins.ts";

/** A plugin with its decoded parameters. */
export type ConfiguredPlugin = {
  readonly name: string;
  readonly definition: PluginDefinition;
  readonly parameters: unknown;
};

export const hasRole = ({ definition }: ConfiguredPlugin, role: PluginRole): boolean => definition.roles.includes(role);

/** The decoded parameters of a plugin; undefined when it is of another type. */
export const parametersOf = <P>(plugin: ConfiguredPlugin, definition: PluginDefinition<P>): P | undefined =>
  plugin.definition === (definition as PluginDefinition) ? (plugin.parameters as P) : undefined;

/** A profile whose references are looked up. */
export type ResolvedProfile = {
  readonly name: string;
  readonly filters: readonly ConfiguredPlugin[];
  readonly scorers: readonly { readonly plugin: ConfiguredPlugin; readonly weight: number }[];
  readonly picker: ConfiguredPlugin;
};

/** Everything that an EndpointPickerConfig decides, with the field's defaults in place. */
export type ResolvedConfiguration = {
  /** The one profile that the single-profile-handler runs. */
  readonly profile: ResolvedProfile;
  readonly producers: readonly ConfiguredPlugin[];
  /** How endpoints are scraped and read; undefined where the configuration turns scraping off. */
  readonly metrics: { readonly source: MetricsSourceParameters; readonly extractor: CoreMetricsParameters } | undefined;
  /** Undefined: discovery is left to the flags. */
  readonly fileDiscovery: FileDiscoveryParameters | undefined;
  /** In the order in which they are asked. */
  readonly parsers: readonly ParserType[];
  readonly flow: FlowSettings;
  /** What is accepted and has no effect, or has a newer spelling. */
  readonly warnings: readonly ConfigProblem[];
};
