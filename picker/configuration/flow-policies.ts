import { nearestWord, type ConfigPath } from "#config";
import type { PluginRole } from "../scheduling/plugin.ts";
import type { Findings } from "./findings.ts";
import type { PluginSet } from "./plugin-set.ts";
import { hasRole, type ConfiguredPlugin } from "./resolved.ts";
import type { EndpointPickerConfig } from "./schema.ts";

type PolicyRole = Extract<
  PluginRole,
  "saturation-detector" | "ordering-policy" | "fairness-policy" | "usage-limit-policy"
>;

/** What the field makes by itself, under the name of its type. Source: llm-d-router, pkg/epp/config/loader. */
const fieldDefaults: Readonly<Record<PolicyRole, string>> = {
  "saturation-detector": "utilization-detector",
  "ordering-policy": "fcfs-ordering-policy",
  "fairness-policy": "global-strict-fairness-policy",
  "usage-limit-policy": "static-usage-limit-policy",
};

/** What holds where a document neither refers to a policy nor configures the one of the field's default name. */
const ownDefaults: Readonly<Record<PolicyRole, string>> = {
  ...fieldDefaults,
  "saturation-detector": "ledger-detector",
  "fairness-policy": "weighted-cost-fairness-policy",
};

/** How a band, or the whole section, names its policies. */
export class FlowPolicies {
  readonly #plugins: PluginSet;
  readonly #written: ReadonlySet<string>;
  readonly #findings: Findings;

  constructor(written: EndpointPickerConfig["plugins"], plugins: PluginSet, findings: Findings) {
    this.#written = new Set(written.map(({ name, type }) => name ?? type));
    this.#plugins = plugins;
    this.#findings = findings;
  }

  /** The plugin behind a reference; undefined when the reference was refused. Defaults need no entry under plugins. */
  named(role: PolicyRole, ref: string, path: ConfigPath): ConfiguredPlugin | undefined {
    if (this.#written.has(ref)) return this.#plugins.find(ref, path, [role]);
    const defaults = [ownDefaults[role], fieldDefaults[role]];
    if (defaults.includes(ref)) return this.#plugins.default(ref);
    const names = [...new Set([...this.#plugins.withRole(role).map(({ name }) => name), ...defaults])];
    const nearest = nearestWord(ref, names);
    this.#findings.refuse(path, {
      message: nearest === undefined ? "no plugin of this name" : `no plugin of this name, did you mean "${nearest}"?`,
      allowed: names.join(", "),
    });
    return undefined;
  }

  /** What holds without a reference. */
  unnamed(role: PolicyRole): ConfiguredPlugin {
    return this.#configuredDefault(role) ?? this.#plugins.default(ownDefaults[role]);
  }

  /** What holds without a reference in the field. */
  unnamedInTheField(role: PolicyRole): ConfiguredPlugin {
    return this.#configuredDefault(role) ?? this.#plugins.default(fieldDefaults[role]);
  }

  #configuredDefault(role: PolicyRole): ConfiguredPlugin | undefined {
    const plugin = this.#plugins.all.find(({ name }) => name === fieldDefaults[role]);
    if (plugin === undefined || !hasRole(plugin, role)) return undefined;
    this.#plugins.markReferenced(plugin);
    return plugin;
  }
}
