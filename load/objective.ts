import type { ServiceLevel } from "#objective";
import type { Ratio, Tokens } from "#units";
import type { LengthDistribution } from "./lengths.ts";
import type { RateCurve } from "./rate.ts";

/** The API that requests speak. */
export type LoadApi = "chat" | "completions" | "messages" | "responses";
/** Every API, in the order of help texts. */
export const loadApis = ["chat", "completions", "messages", "responses"] as const satisfies readonly LoadApi[];

/** Traffic of one InferenceObjective and what it is promised. */
export type LoadObjective = {
  /** Value of the objective header. */
  readonly name: string;
  readonly rate: RateCurve;
  readonly prompt: LengthDistribution;
  readonly output: LengthDistribution;
  /** Share of prompts that begin with one of the shared prefixes. */
  readonly sharedShare: Ratio;
  /** Length of a shared prefix; a prompt that is shorter begins with all but one of its tokens. */
  readonly prefixTokens: Tokens;
  /** How many different prefixes there are. */
  readonly prefixCount: number;
  readonly streamShare: Ratio;
  readonly api: LoadApi;
  /** Decides whether a shed may be excluded. */
  readonly priority: number;
  /** Undefined: requests are measured and not judged. */
  readonly level: ServiceLevel | undefined;
};
