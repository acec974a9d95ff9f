import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { hashOf, viewOf } from "../../../web/page/view.ts";

describe("the view in the address", () => {
  it.each([
    ["", undefined, false],
    ["#", undefined, false],
    ["#objective=", undefined, false],
    ["#objective=chat", "chat", false],
    ["#objective=chat&missed", "chat", true],
    ["#missed", undefined, true],
    ["#decisions", undefined, false],
    ["#objective=a%26b", "a&b", false],
  ])("%p is objective %p, missed only %p", (hash, objective, missedOnly) => {
    expect(viewOf(hash)).toEqual({ objective, missedOnly });
  });

  it("is empty for the view of everything", () => {
    expect(hashOf({ objective: undefined, missedOnly: false })).toBe("");
  });

  it("is read back as it was written, whatever the objective is called", () => {
    const name = fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined });
    fc.assert(
      fc.property(name, fc.boolean(), (objective, missedOnly) => {
        expect(viewOf(hashOf({ objective, missedOnly }))).toEqual({ objective, missedOnly });
      }),
    );
  });
});
