import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { InFlightLedger, type LedgerEntry } from "../../../../picker/flow/ledger.ts";

describe("InFlightLedger", () => {
  it("equals a plain recount after any sequence of admissions and releases, doubled releases included", () => {
    const action = fc.oneof(
      fc.record({
        kind: fc.constant("admit" as const),
        slot: fc.nat(40),
        objective: fc.constantFrom("chat", "batch"),
        tokens: fc.nat(5000),
      }),
      fc.record({ kind: fc.constant("release" as const), index: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const ledger = new InFlightLedger();
        const entries: LedgerEntry[] = [];
        for (const one of actions) {
          if (one.kind === "admit") entries.push(ledger.admit(one.slot, one.objective, one.tokens, one.tokens / 2));
          else if (entries[one.index] !== undefined) ledger.release(entries[one.index]!);
        }
        const open = entries.filter(({ released }) => !released);
        expect(ledger.total).toBe(open.length);
        for (let slot = 0; slot <= 41; slot++) {
          const here = open.filter((entry) => entry.slot === slot);
          expect(ledger.requests(slot)).toBe(here.length);
          expect(ledger.promptTokens(slot)).toBe(here.reduce((sum, entry) => sum + entry.promptTokens, 0));
          expect(ledger.uncachedPromptTokens(slot)).toBe(
            here.reduce((sum, entry) => sum + entry.uncachedPromptTokens, 0),
          );
          expect(ledger.isIdle(slot)).toBe(here.length === 0);
        }
        for (const objective of ["chat", "batch"]) {
          expect(ledger.requestsOf(objective)).toBe(open.filter((entry) => entry.objective === objective).length);
        }
      }),
    );
  });
});
