import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";

const css = readFileSync(new URL("../../../web/page/page.css", import.meta.url), "utf8");

/** The colours of the light page, and of the dark one. */
const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
  ([, body]) => new Map([...body!.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name!, hex!])),
);

/** Source: WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const linear = [1, 3, 5].map((from) => {
    const value = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((one, other) => other - one);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each([
  { theme: "light", colours: light! },
  { theme: "dark", colours: dark! },
])("the $theme page", ({ colours }) => {
  it.each(["ink", "quiet", "met", "missed"].flatMap((text) => ["back", "card"].map((behind) => ({ text, behind }))))(
    "has $text that can be read on $behind (WCAG AA)",
    ({ text, behind }) => {
      expect(contrast(colours.get(text)!, colours.get(behind)!)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(["neutral", "focus", "met", "missed"])("has %s shapes that stand out (WCAG AA)", (shape) => {
    expect(contrast(colours.get(shape)!, colours.get("card")!)).toBeGreaterThanOrEqual(3);
  });
});
