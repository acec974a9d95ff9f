import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { ObjectiveTable } from "#objective";
import { toMilliseconds } from "#units";
import { chatLevel, objective } from "../support/attainment.ts";
import { PickerCore } from "../support/extproc-core.ts";
import type { ScriptedProxy } from "../support/extproc-proxy.ts";
import {
  recordedExchanges,
  replay,
  writtenExchanges,
  type ExpectedVerdict,
  type RecordedExchange,
} from "./recorded-exchange.ts";

/** What Envoy 1.40 said and when, as data. */
const recording = fileURLToPath(new URL("../../../shared/data/envoy/extproc-trace-1.40.jsonl", import.meta.url));

const objectives = new ObjectiveTable([
  {
    objective: objective("chat"),
    level: { ...chatLevel, thresholds: { ttftMs: 600, tpotMs: 50, e2eMs: 10_000 } },
  },
]);

const newCore = (): PickerCore => new PickerCore({ objectives });

function verdictOf(core: PickerCore): ExpectedVerdict {
  const { verdict, ttftSeconds, tpotSeconds, elapsedSeconds, outputTokens } = core.lastDecision();
  const inMs = (seconds: number | undefined) => (seconds === undefined ? undefined : toMilliseconds(seconds));
  return {
    verdict,
    ttftMs: inMs(ttftSeconds),
    tpotMs: inMs(tpotSeconds),
    e2eMs: toMilliseconds(elapsedSeconds),
    outputTokens,
  };
}

function expectVerdict(core: PickerCore, expected: ExpectedVerdict): void {
  const got = verdictOf(core);
  expect({ ...got, ttftMs: undefined, tpotMs: undefined, e2eMs: 0 }).toEqual({
    ...expected,
    ttftMs: undefined,
    tpotMs: undefined,
    e2eMs: 0,
  });
  for (const span of ["ttftMs", "tpotMs", "e2eMs"] as const) {
    if (expected[span] === undefined) expect(got[span]).toBeUndefined();
    else expect(got[span]).toBeCloseTo(expected[span], 6);
  }
}

const bytesOf = ({ messages }: RecordedExchange, say: string): number =>
  messages.reduce((sum, message) => (message.say === say ? sum + message.bytes : sum), 0);

function expectPassedOn(proxy: ScriptedProxy, exchange: RecordedExchange): void {
  for (const direction of ["request", "response"] as const) {
    const pieces = proxy.pieces(direction);
    expect(pieces.reduce((sum, { body }) => sum + body.length, 0)).toBe(bytesOf(exchange, `${direction} body`));
    expect(pieces.filter(({ endOfStream }) => endOfStream)).toHaveLength(
      exchange.messages.some(({ say, end }) => say === `${direction} body` && end) ? 1 : 0,
    );
  }
}

/** What the rules of docs/attainment.md make of the recorded instants. */
function byTheRules({ messages }: RecordedExchange): ExpectedVerdict {
  const arrivalMs = messages.find(({ say }) => say === "request headers")!.atMs;
  const endMs = messages.find(({ say, end }) => say === "response body" && end)!.atMs;
  // One event is the role before the tokens, three follow them: finish reason, usage, end mark.
  const instants = messages.flatMap(({ atMs, events }) => Array.from({ length: events }, () => atMs));
  const tokens = instants.slice(1, -3);
  const [first] = tokens;
  return {
    verdict: "met",
    ttftMs: first === undefined ? undefined : first - arrivalMs,
    tpotMs: first === undefined ? undefined : (tokens.at(-1)! - first) / (tokens.length - 1),
    e2eMs: endMs - arrivalMs,
    outputTokens: first === undefined ? 5 : tokens.length,
  };
}

describe("exchanges as Envoy shows them", () => {
  it.each(writtenExchanges().map((one) => [one.name, one] as const))("%s", (_, exchange) => {
    const core = newCore();
    expectPassedOn(replay(core, exchange, "chat"), exchange);
    expect(core.verdictCount()).toBe(1);
    expectVerdict(core, exchange.expected);
    expect(core.inFlight().filter((count) => count !== 0)).toEqual([]);
  });

  it("one after another on one picker: one verdict each", () => {
    const core = newCore();
    const exchanges = writtenExchanges();
    for (const exchange of exchanges) {
      replay(core, exchange, "chat");
      expectVerdict(core, exchange.expected);
    }
    expect(core.verdictCount()).toBe(exchanges.length);
  });

  it("recorded ones: judged by what was seen, although each was reset at its end", () => {
    if (!existsSync(recording)) {
      process.stdout.write(`skipped: no recording at ${recording}\n`);
      return;
    }
    const exchanges = recordedExchanges(recording);
    expect(exchanges.length).toBeGreaterThan(2);
    for (const exchange of exchanges) {
      const core = newCore();
      expectPassedOn(replay(core, exchange, "chat"), exchange);
      expect(core.verdictCount()).toBe(1);
      expect(core.lastDecision()).toMatchObject({ outcome: "completed", responseStatus: 200 });
      expectVerdict(core, byTheRules(exchange));
    }
  });
});
