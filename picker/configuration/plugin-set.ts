import { nearestWord, type ConfigPath } from "#config";
import type { PluginDefinition, PluginRole } from "../scheduling/plugin.ts";
import type { Findings } from "./findings.ts";
import { hasRole, type ConfiguredPlugin } from "./resolved.ts";
import type { EndpointPickerConfig } from "./schema.ts";

/** What can be named, and whether alpha plugins may be. */
export type Known = {
  readonly inTree: readonly PluginDefinition[];
  readonly onlyInTheField: readonly string[];
  readonly allowExperimental: boolean;
};

type Entry = EndpointPickerConfig["plugins"][number];

const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;

/** With an article, such as "a filter, scorer or picker". */
const either = (words: readonly string[]): string =>
  withArticle(words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);

const didYouMean = (message: string, word: string, known: readonly string[]): string => {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? message : `${message}, did you mean "${nearest}"?`;
};

const kindOf = (type: string): string => type.slice(type.lastIndexOf("-") + 1);

/** The types that end in the same word, such as `scorer`; all where none does. */
function ofTheSameKind(type: string, types: readonly string[]): readonly string[] {
  const same = types.filter((one) => kindOf(one) === kindOf(type));
  return same.length > 0 ? same : types;
}

/** The plugins of one configuration by name, in its order. */
export class PluginSet {
  readonly #findings: Findings;
  readonly #known: Known;
  readonly #byName = new Map<string, ConfiguredPlugin>();
  readonly #paths = new Map<ConfiguredPlugin, ConfigPath>();
  readonly #referenced = new Set<string>();
  /** Names of entries that were refused: a reference to one is not a second mistake. */
  readonly #refused = new Set<string>();

  constructor(entries: readonly Entry[], known: Known, findings: Findings) {
    this.#findings = findings;
    this.#known = known;
    entries.forEach((entry, index) => this.#configure(entry, index));
  }

  get all(): readonly ConfiguredPlugin[] {
    return [...this.#byName.values()];
  }

  withRole(role: PluginRole): readonly ConfiguredPlugin[] {
    return this.all.filter((plugin) => hasRole(plugin, role));
  }

  ofType(type: string): readonly ConfiguredPlugin[] {
    return this.all.filter(({ definition }) => definition.type === type);
  }

  /** The path of a plugin's own entry. */
  pathOf(plugin: ConfiguredPlugin): ConfigPath {
    return this.#paths.get(plugin) ?? ["plugins"];
  }

  isReferenced({ name }: ConfiguredPlugin): boolean {
    return this.#referenced.has(name);
  }

  markReferenced({ name }: ConfiguredPlugin): void {
    this.#referenced.add(name);
  }

  /** The plugin behind a reference; refuses one that is not there or plays none of the roles. */
  find(ref: string, path: ConfigPath, roles: readonly PluginRole[]): ConfiguredPlugin | undefined {
    const plugin = this.#byName.get(ref);
    const names = this.all.filter((one) => roles.some((role) => hasRole(one, role))).map(({ name }) => name);
    const allowed = names.length === 0 ? `the name of ${either(roles)} under plugins` : names.join(", ");
    if (plugin === undefined) {
      if (this.#refused.has(ref)) return undefined;
      this.#findings.refuse(path, { message: didYouMean("no plugin of this name", ref, names), allowed });
      return undefined;
    }
    this.#referenced.add(ref);
    if (roles.some((role) => hasRole(plugin, role))) return plugin;
    const is = withArticle(plugin.definition.roles.join(" and "));
    this.#findings.refuse(path, { message: `${is} where ${either(roles)} belongs`, allowed });
    return undefined;
  }

  /** A plugin that no one configured, with the defaults of its type. */
  default(type: string): ConfiguredPlugin {
    const definition = this.#known.inTree.find((one) => one.type === type);
    if (definition === undefined) throw new Error(`the catalogue has no ${type}`);
    return { name: type, definition, parameters: definition.parameters.parse({}) };
  }

  #configure({ name, type }: Entry, index: number): void {
    const definition = this.#definition(type, ["plugins", index, "type"]);
    const known = name ?? type;
    if (this.#byName.has(known)) {
      const path: ConfigPath = name === undefined ? ["plugins", index, "type"] : ["plugins", index, "name"];
      this.#findings.refuse(path, { message: "another plugin has this name", allowed: "a name of its own" });
      return;
    }
    if (definition === undefined) {
      this.#refused.add(known);
      return;
    }
    const decoded = this.#findings.document.decode(definition.parameters, ["plugins", index, "parameters"], {});
    if (!decoded.ok) this.#findings.refuseAll(decoded.problems);
    const plugin = { name: known, definition, parameters: decoded.ok ? decoded.value : {} };
    this.#byName.set(known, plugin);
    this.#paths.set(plugin, ["plugins", index]);
  }

  #definition(type: string, path: ConfigPath): PluginDefinition | undefined {
    const { inTree, onlyInTheField, allowExperimental } = this.#known;
    const definition = inTree.find((one) => one.type === type);
    if (definition === undefined) {
      const types = inTree.map((one) => one.type);
      const known = [...types, ...onlyInTheField];
      const message = onlyInTheField.includes(type)
        ? "a plugin of the field that Attain does not provide yet"
        : didYouMean("unknown plugin type", type, known);
      this.#findings.refuse(path, {
        message,
        allowed: ofTheSameKind(nearestWord(type, known) ?? type, types).join(", "),
      });
    } else if (definition.stability === "alpha" && !allowExperimental) {
      this.#findings.refuse(path, {
        message: "an alpha plugin",
        allowed: "stable and beta plugins, or any with --allow-experimental-plugins",
      });
    }
    return definition;
  }
}
