import { readFileSync } from "node:fs";

/** From package.json, the only place that says it. */
export const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
