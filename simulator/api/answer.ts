import type { Seconds, Tokens } from "#units";
import type { OutputLimits } from "../output-plan.ts";
import type { ApiProblem } from "./problem.ts";

/** Token counts of one response, all prompts and choices together. Prompt tokens include cached ones. */
export type Usage = { readonly promptTokens: Tokens; readonly completionTokens: Tokens; readonly cachedTokens: Tokens };

export type ChoiceResult = { readonly text: string; readonly reason: "stop" | "length" };

/** Writes one response as server-sent events. */
export type StreamAnswer = {
  readonly kind: "stream";
  /** Ahead of the first token. */
  readonly opening: (usage: Usage) => string;
  /** `reason` with the last token of a choice. */
  readonly token: (choice: number, text: string, reason: ChoiceResult["reason"] | undefined, usage: Usage) => string;
  readonly closing: (results: readonly ChoiceResult[], usage: Usage) => string;
};

/** Writes one response as a JSON document. */
export type WholeAnswer = {
  readonly kind: "whole";
  readonly render: (results: readonly ChoiceResult[], usage: Usage) => unknown;
};

export type Answer = StreamAnswer | WholeAnswer;

/** What each response has of its own. */
export type AnswerIdentity = {
  /** Unique; each API puts its own prefix before it. */
  readonly id: string;
  readonly createdAtSeconds: Seconds;
};

/** A request that the engine has to work for. */
export type Generation = {
  /** As the client wrote it, and as the response repeats it. */
  readonly model: string;
  readonly adapter: string | undefined;
  readonly prompts: readonly Uint32Array[];
  readonly choicesPerPrompt: number;
  /** Undefined: the prompt is computed and nothing is generated. */
  readonly limits: OutputLimits | undefined;
  /** Makes length and text of the answer reproducible. */
  readonly seed: number | undefined;
  readonly cacheSalt: string | undefined;
  readonly answer: (identity: AnswerIdentity) => Answer;
};

/** A request as decoded: work for the engine, an answer that needs none, or what is wrong with it. */
export type DecodedRequest =
  | { readonly kind: "generate"; readonly generation: Generation }
  | { readonly kind: "answer"; readonly body: unknown }
  | { readonly kind: "problem"; readonly problem: ApiProblem };

/** One server-sent event without a name. */
export const dataEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** One named server-sent event whose data repeats the name as its type. */
export const namedEvent = (data: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
