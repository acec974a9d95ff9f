import { describe, expect, it } from "@jest/globals";
import { formatProblem } from "#config";
import { decodeEndpoints } from "../../../../picker/state/endpoints-file.ts";

const file = "endpoints.yaml";
const problems = (text: string): readonly string[] => {
  const decoded = decodeEndpoints(text, { file });
  return decoded.ok ? [] : decoded.problems.map(formatProblem);
};

describe("decodeEndpoints", () => {
  it("reads the field's file, ports as text or number, in YAML or JSON", () => {
    const want = [
      { name: "a", namespace: "default", address: "10.0.0.1", port: 8000, labels: { "llm-d.ai/role": "decode" } },
      { name: "b", namespace: "models", address: "fd00::1", port: 8001, labels: {} },
    ];
    const yaml = `
endpoints:
  - name: a
    address: 10.0.0.1
    port: "8000"
    labels: {llm-d.ai/role: decode}
  - {name: b, namespace: models, address: "fd00::1", port: 8001}
`;
    expect(decodeEndpoints(yaml, { file })).toEqual({ ok: true, value: want });
    expect(decodeEndpoints(JSON.stringify({ endpoints: want }), { file })).toEqual({ ok: true, value: want });
  });

  it("reads an empty pool", () => {
    expect(decodeEndpoints("endpoints: []", { file })).toEqual({ ok: true, value: [] });
  });

  it.each([
    {
      entry: "{name: a, address: host.example, port: 1}",
      want: 'endpoints[0].address: wrong form; found "host.example"; allowed an IPv4 or IPv6 address without brackets',
    },
    {
      entry: '{name: a, address: "[::1]", port: 1}',
      want: 'endpoints[0].address: wrong form; found "[::1]"; allowed an IPv4 or IPv6 address without brackets',
    },
    {
      entry: "{name: a, address: 10.0.0.256, port: 1}",
      want: 'endpoints[0].address: wrong form; found "10.0.0.256"; allowed an IPv4 or IPv6 address without brackets',
    },
    {
      entry: '{name: a, address: 10.0.0.1, port: "0"}',
      want: 'endpoints[0].port: out of range; found "0"; allowed a port from 1 to 65535',
    },
    {
      entry: "{name: a, address: 10.0.0.1, port: 65536}",
      want: "endpoints[0].port: out of range; found 65536; allowed a port from 1 to 65535",
    },
    {
      entry: '{name: a, address: 10.0.0.1, port: "80a"}',
      want: 'endpoints[0].port: wrong type; found "80a"; allowed a port from 1 to 65535',
    },
    {
      entry: "{name: a, address: 10.0.0.1}",
      want: "endpoints[0].port: missing key; found nothing; allowed a port from 1 to 65535",
    },
    {
      entry: "{name: a/b, address: 10.0.0.1, port: 1}",
      want: "endpoints[0].name: wrong form; found \"a/b\"; allowed a name without '/' and blanks, at most 253 long",
    },
    {
      entry: "{name: a, address: 10.0.0.1, port: 1, lables: {}}",
      want: 'endpoints[0].lables: unknown key, did you mean "labels"?; found "lables"; allowed name, namespace, address, port, labels',
    },
  ])("refuses $entry", ({ entry, want }) => {
    expect(problems(`endpoints: [${entry}]`).map((problem) => problem.replace(/^endpoints\.yaml:1:\d+: /, ""))).toEqual(
      [want],
    );
  });

  it("refuses a second endpoint of one name, and a file without the key", () => {
    const entry = "{name: a, address: 10.0.0.1, port: 1}";
    expect(
      problems(`endpoints:\n- ${entry}\n- ${entry}\n- {name: a, namespace: other, address: 10.0.0.1, port: 1}`),
    ).toEqual(['endpoints.yaml:3:10: endpoints[1].name: a second endpoint "default/a"; found "a"']);
    expect(problems("endpoints:\n")).toHaveLength(1);
    expect(problems("{}")).toHaveLength(1);
    expect(problems("")).toHaveLength(1);
  });
});
