import { z } from "zod";
import { defineCarried } from "../scheduling/define.ts";

const parser = (type: ParserType) =>
  defineCarried("parser", { type, stability: "beta", parameters: z.strictObject({}) });

/** What reads request bodies. */
export type ParserType = "openai-parser" | "anthropic-parser" | "passthrough-parser";

/** In the order in which they are asked where a configuration names none. */
export const parserTypes = ["openai-parser", "anthropic-parser", "passthrough-parser"] as const satisfies ParserType[];

export const parsers = parserTypes.map(parser);
