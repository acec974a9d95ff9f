import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import {
  decodeProcessingRequest,
  encodeProcessingRequest,
  type BodyMode,
  type Direction,
  type OutgoingRequest,
} from "#extproc";
import { expected, forced, plain } from "./arbitraries.ts";

/** Messages that Envoy 1.40 sent, as data, with the size in bytes that each had. */
const recording = fileURLToPath(new URL("../../../../../shared/data/envoy/extproc-trace-1.40.jsonl", import.meta.url));

type Recorded = {
  readonly kind: string;
  readonly size: number;
  readonly eos: boolean;
  readonly len: number;
  readonly headers: readonly (readonly [name: string, value: string, rawValue: string])[];
  readonly protocol_config?: { readonly requestBodyMode: BodyMode; readonly responseBodyMode: BodyMode };
};

function asSent(message: Recorded): OutgoingRequest | undefined {
  const [direction, part] = message.kind.split("_") as [Direction, string];
  const envelope = {
    filterMetadata: {},
    ...(message.protocol_config !== undefined && { protocolConfig: message.protocol_config }),
  };
  const lines = () => message.headers.map(([name, value, raw]) => [name, raw === "" ? value : raw] as const);
  switch (part) {
    case "headers":
      return { kind: "headers", direction, headers: lines(), endOfStream: message.eos, ...envelope };
    case "body":
      return { kind: "body", direction, body: Buffer.alloc(message.len, "x"), endOfStream: message.eos, ...envelope };
    case "trailers":
      return { kind: "trailers", direction, trailers: lines(), ...envelope };
    default:
      return undefined;
  }
}

it("messages recorded from Envoy have the size that Envoy's had, and decode to what it said", () => {
  if (!existsSync(recording)) {
    process.stdout.write(`skipped: no recording at ${recording}\n`);
    return;
  }
  let messages = 0;
  for (const line of readFileSync(recording, "utf8").trim().split("\n")) {
    const message = JSON.parse(line) as Recorded;
    const sent = asSent(message);
    if (sent === undefined) continue;
    messages++;
    const bytes = encodeProcessingRequest(sent);
    expect(bytes).toHaveLength(message.size);
    expect(plain(forced(decodeProcessingRequest(bytes), []))).toEqual(plain(expected({ ...sent, filterMetadata: {} })));
  }
  expect(messages).toBeGreaterThan(20);
});
