import { allowing, decodeYaml, portNumber, type ConfigProblem, type ConfigSource } from "#config";
import { isNonEmpty, type NonEmpty } from "#units";
import { z } from "zod";
import { endpointId, type DiscoveredEndpoint } from "./snapshot-publisher.ts";

const ipLiteral = allowing("an IPv4 or IPv6 address without brackets", z.union([z.ipv4(), z.ipv6()]));

const name = allowing(
  "a name without '/' and blanks, at most 253 long",
  z
    .string()
    .max(253)
    .regex(/^[^\s/]+$/),
);

/** The field writes ports as text; numbers are read, too. */
const port = z.preprocess(
  (value) => (typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value),
  portNumber,
);

const endpointsFile = z.strictObject({
  endpoints: z.array(
    z.strictObject({
      name,
      namespace: name.default("default"),
      address: ipLiteral,
      port,
      labels: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

/** The endpoints, or every problem. */
export type DecodedEndpoints =
  | { readonly ok: true; readonly value: readonly DiscoveredEndpoint[] }
  | { readonly ok: false; readonly problems: NonEmpty<ConfigProblem> };

/** Decodes the endpoints file of the field's `file-discovery` plugin (YAML or JSON), strictly and as a whole. */
export function decodeEndpoints(text: string, source: ConfigSource): DecodedEndpoints {
  const decoded = decodeYaml(endpointsFile, text, source);
  if (!decoded.ok) return decoded;
  const { endpoints } = decoded.value;
  const seen = new Set<string>();
  const problems: ConfigProblem[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const id = endpointId(endpoint);
    const path = ["endpoints", index, "name"];
    if (seen.has(id)) problems.push(decoded.document.problem(path, { message: `a second endpoint "${id}"` }));
    seen.add(id);
  }
  return isNonEmpty(problems) ? { ok: false, problems } : { ok: true, value: endpoints };
}
