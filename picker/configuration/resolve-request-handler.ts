import type { ConfigPath } from "#config";
import type { Findings } from "./findings.ts";
import { parserTypes, type ParserType } from "./parser-plugins.ts";
import type { PluginSet } from "./plugin-set.ts";
import type { EndpointPickerConfig } from "./schema.ts";

type Config = Pick<EndpointPickerConfig, "requestHandler" | "parser">;

const isParserType = (type: string): type is ParserType => parserTypes.some((known) => known === type);

/** Parsers in the order in which they are asked. The older top-level `parser` counts only where the newer key is absent. */
export function resolveParsers(
  { requestHandler, parser }: Config,
  plugins: PluginSet,
  findings: Findings,
): readonly ParserType[] {
  const written = requestHandler.parsers.map(({ pluginRef }, index): [string, ConfigPath] => [
    pluginRef,
    ["requestHandler", "parsers", index, "pluginRef"],
  ]);
  if (parser !== undefined) {
    findings.warn(["parser"], { message: "deprecated, use requestHandler.parsers" });
    if (written.length === 0) written.push([parser.pluginRef, ["parser", "pluginRef"]]);
  }
  if (written.length === 0) return parserTypes;
  const types: ParserType[] = [];
  for (const [ref, path] of written) {
    const type = plugins.find(ref, path, ["parser"])?.definition.type;
    if (type !== undefined && isParserType(type) && !types.includes(type)) types.push(type);
  }
  return types;
}
