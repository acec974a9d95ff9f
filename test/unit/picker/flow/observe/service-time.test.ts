import { expect, it } from "@jest/globals";
import { ServiceTime } from "../../../../../picker/flow/observe/service-time.ts";

it.each([
  ["what was measured without too much beside it", [[100, true]], 100],
  ["what was measured, where nothing is typical yet", [[100, false]], 100],
  [
    "what is typical, where too much was beside it",
    [
      [100, true],
      [900, false],
    ],
    100,
  ],
  [
    "what was measured, where that is less than typical",
    [
      [100, true],
      [60, false],
    ],
    60,
  ],
  [
    "typical as of late",
    [
      [100, true],
      [300, true],
      [900, false],
    ],
    110,
  ],
  [
    "not moved by what is not typical",
    [
      [100, true],
      [900, false],
      [900, false],
    ],
    100,
  ],
] as const)("is %s", (_, measured, last) => {
  const service = new ServiceTime();
  const seen = measured.map(([ms, isTypical]) => service.observe(ms, isTypical));
  expect(seen.at(-1)).toBeCloseTo(last);
});
