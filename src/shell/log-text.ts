type Line = { readonly level?: string; readonly time?: string; readonly msg?: string } & Record<string, unknown>;

const plain = /^[\w./:@%+-]+$/;

function fieldText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return plain.test(text) ? text : JSON.stringify(text);
}

/** One JSON line as a short line for a terminal: time of day, level, message, `name=value` fields. */
export function textLine(json: string): string {
  const { level = "", time = "", msg = "", ...fields } = JSON.parse(json) as Line;
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  return `${[time.slice(11, 23), level.toUpperCase().padEnd(5), msg, ...facts].join(" ")}\n`;
}
