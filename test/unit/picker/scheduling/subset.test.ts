import { describe, expect, it } from "@jest/globals";
import { parseSubset } from "../../../../picker/scheduling/subset.ts";
import { endpointAt } from "../../../support/scheduling-cycle.ts";

const pool = [
  endpointAt(0, { name: "a", address: "10.0.0.1", port: 8000 }),
  endpointAt(1, { name: "b", address: "10.0.0.1", port: 8001 }),
  endpointAt(2, { name: "c", address: "10.0.0.2", port: 8000 }),
  endpointAt(3, { name: "d", address: "fd00::1", port: 8000 }),
  endpointAt(4, { name: "e", address: "fd00::1", port: 8001 }),
];

describe("parseSubset", () => {
  it.each([
    { hint: ["10.0.0.1:8000"], want: "a" },
    { hint: ["10.0.0.1"], want: "ab" },
    { hint: "10.0.0.1:8001, 10.0.0.2:8000", want: "bc" },
    { hint: ["[fd00::1]:8000"], want: "d" },
    { hint: ["[fd00::1]"], want: "de" },
    { hint: "fd00::1", want: "de" },
    { hint: ["10.0.0.2:8000", 7, null], want: "c" },
    { hint: ["10.0.0.9:8000", "nonsense"], want: "" },
    { hint: [], want: "" },
    { hint: "", want: "" },
    { hint: " , ", want: "" },
  ])("$hint", ({ hint, want }) => {
    const matches = parseSubset(hint);
    expect(
      pool
        .filter((endpoint) => matches!(endpoint))
        .map(({ name }) => name)
        .join(""),
    ).toBe(want);
  });

  it.each([undefined, null, 3, true, {}])("is no restriction: %p", (hint) => expect(parseSubset(hint)).toBeUndefined());
});
