import type { ConfigPath } from "#config";
import type { Findings } from "./findings.ts";
import type { PluginSet } from "./plugin-set.ts";
import { hasRole, type ConfiguredPlugin, type ResolvedProfile } from "./resolved.ts";
import type { EndpointPickerConfig } from "./schema.ts";

type Written = EndpointPickerConfig["schedulingProfiles"][number];
type Entry = Written["plugins"][number];

const profileRoles = ["filter", "scorer", "picker"] as const;
const defaultPicker = "max-score-picker";

/** Refuses what no profile handler at hand can run. */
export function checkProfileHandlers(profiles: readonly Written[], plugins: PluginSet, findings: Findings): void {
  const [handler, second] = plugins.withRole("profile-handler");
  if (second !== undefined) {
    findings.refuse(plugins.pathOf(second), {
      message: "a second profile handler",
      found: `"${second.name}" beside "${handler!.name}"`,
      allowed: "one profile handler",
    });
  }
  if (profiles.length > 1) {
    findings.refuse(["schedulingProfiles"], {
      message:
        handler === undefined
          ? "several profiles without a profile handler"
          : `several profiles for ${handler.definition.type}`,
      found: profiles.map(({ name }) => `"${name}"`).join(", "),
      allowed: "one profile",
    });
  }
  const seen = new Set<string>();
  profiles.forEach(({ name }, index) => {
    if (seen.has(name)) {
      findings.refuse(["schedulingProfiles", index, "name"], {
        message: "another profile has this name",
        allowed: "a name of its own",
      });
    }
    seen.add(name);
  });
}

/** The profile that stands for a configuration without any: every configured filter, scorer and picker. */
export const everythingConfigured = (plugins: PluginSet): Written => ({
  name: "default",
  plugins: plugins.all
    .filter((plugin) => profileRoles.some((role) => hasRole(plugin, role)))
    .map(({ name }) => ({ pluginRef: name })),
});

/** Looks up the references of one profile. */
export function resolveProfile(
  written: Written,
  path: ConfigPath,
  plugins: PluginSet,
  findings: Findings,
): ResolvedProfile {
  const filters: ConfiguredPlugin[] = [];
  const scorers: { plugin: ConfiguredPlugin; weight: number }[] = [];
  const pickers: ConfiguredPlugin[] = [];
  written.plugins.forEach((entry: Entry, index) => {
    const at = [...path, "plugins", index];
    const plugin = plugins.find(entry.pluginRef, [...at, "pluginRef"], profileRoles);
    if (plugin === undefined) return;
    if (hasRole(plugin, "filter")) filters.push(plugin);
    if (hasRole(plugin, "scorer")) scorers.push({ plugin, weight: entry.weight ?? 1 });
    else if (entry.weight !== undefined) {
      findings.warn([...at, "weight"], { message: "a weight has no effect on what is not a scorer" });
    }
    if (!hasRole(plugin, "picker")) return;
    if (pickers.length > 0) {
      findings.refuse([...at, "pluginRef"], { message: "a second picker in the profile", allowed: "one picker" });
    }
    pickers.push(plugin);
  });
  const picker = pickers[0] ?? plugins.withRole("picker")[0] ?? plugins.default(defaultPicker);
  plugins.markReferenced(picker);
  return { name: written.name, filters, scorers, picker };
}
