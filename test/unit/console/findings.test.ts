import { describe, expect, it } from "@jest/globals";
import { renderFindings } from "../../../console/findings.ts";

describe("renderFindings", () => {
  const findings = [
    { status: "ok", message: "good", fix: undefined },
    { status: "warning", message: "odd", fix: "look" },
    { status: "wrong", message: "bad", fix: "do this" },
  ] as const;

  it("marks each finding, puts its fix below it, and counts", () => {
    expect(renderFindings(findings, { colour: false }).split("\n")).toEqual([
      "✔ good",
      "! odd",
      "  → look",
      "✘ bad",
      "  → do this",
      "",
      "1 wrong, 1 warning, 1 in order",
    ]);
  });

  it("colours the marks only where colours are wanted", () => {
    const escape = "\u001B[";
    expect(renderFindings(findings, { colour: false })).not.toContain(escape);
    expect(renderFindings(findings, { colour: true })).toContain(`${escape}31m✘`);
  });
});
