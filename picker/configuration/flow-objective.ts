import { z } from "zod";
import { fieldTrust, type TrustedSource, type TrustSettings } from "../flow/trust/settings.ts";
import type { Findings } from "./findings.ts";
import { headerText } from "./flow-text.ts";

const text = z.string().min(1);
const place = { namespace: text, path: z.tuple([text], text) };
const policy = z.enum(["default", "refuse", "lowest"]);

/** `flowControl.attain.objective`: who says which objective a request has, and how far that is believed. */
export const objectiveSection = z.strictObject({
  trusted: z.array(z.strictObject({ ...place, objectives: z.record(text, text).optional() })).default([]),
  ceilings: z.array(z.strictObject(place)).default([]),
  headers: z.array(headerText).default([...fieldTrust.headers]),
  allowed: z.array(text).optional(),
  headerCeiling: z.int().optional(),
  default: text.optional(),
  unknown: policy.default(fieldTrust.unknownObjective),
  unknownBand: policy.default(fieldTrust.unknownBand),
});
type Written = z.infer<typeof objectiveSection>;

const trustedSource = ({ namespace, path, objectives }: Written["trusted"][number]): TrustedSource => ({
  namespace,
  path,
  objectives: objectives && new Map(Object.entries(objectives)),
});

/** Whether the objectives are there is known only with each request: they come and go while the picker runs. */
export function resolveTrust(section: Written, findings: Findings): TrustSettings {
  if (section.headers.length === 0) {
    for (const key of ["allowed", "headerCeiling"] as const) {
      if (section[key] === undefined) continue;
      findings.warn(["flowControl", "attain", "objective", key], { message: "has no effect without headers" });
    }
  }
  return {
    trusted: section.trusted.map(trustedSource),
    ceilings: section.ceilings,
    headers: section.headers,
    headerObjectives: section.allowed && new Set(section.allowed),
    headerCeiling: section.headerCeiling,
    defaultObjective: section.default,
    unknownObjective: section.unknown,
    unknownBand: section.unknownBand,
  };
}
