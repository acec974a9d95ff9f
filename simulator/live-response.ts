import type { Ratio, Tokens } from "#units";
import type { Answer, ChoiceResult, Generation } from "./api/answer.ts";
import { blockHashes, textHash } from "./engine/block-hash.ts";
import type { EngineRequest } from "./engine/engine-request.ts";
import { planOutput, planText } from "./output-plan.ts";
import type { OutputLengths, OutputPlan } from "./output-plan.ts";
import { seededRandom } from "#random";
import { vocabulary, vocabularyIds } from "./tokenizer.ts";

/** Where one answer goes: either `answer` once, or `openStream`, any number of `write`, then `end` or `reset`. */
export interface AnswerSink {
  answer(status: number, contentType: string, body: string): void;
  /** Status 200 and the headers of an event stream. */
  openStream(): void;
  write(text: string): void;
  end(text: string): void;
  /** Breaks the connection without ending the answer. */
  reset(): void;
}

/** One sequence of a response. */
export type Choice = { readonly response: LiveResponse; readonly index: number; readonly plan: OutputPlan };

/** The words and length of each choice, and what the engine has to do for it. */
export type PlannedChoice = { readonly plan: OutputPlan; readonly request: EngineRequest };

const nothing: OutputPlan = { words: new Uint16Array(0), finishReason: "stop" };

/** Decides every choice of a generation. A request with a seed gets the same words each time. */
export function planChoices(
  id: string,
  generation: Generation,
  blockSize: Tokens,
  lengths: OutputLengths,
  serverRandom: () => Ratio,
): readonly PlannedChoice[] {
  const { adapter, cacheSalt, choicesPerPrompt, limits, prompts, seed } = generation;
  const random = seed === undefined ? serverRandom : seededRandom(seed);
  const salt = textHash(`${adapter ?? ""}\n${cacheSalt ?? ""}`);
  const planned: PlannedChoice[] = [];
  for (const prompt of prompts) {
    for (let i = 0; i < choicesPerPrompt; i++) {
      const plan = limits === undefined ? nothing : planOutput(limits, lengths, random);
      const tokens = new Uint32Array(prompt.length + plan.words.length);
      tokens.set(prompt);
      for (let word = 0; word < plan.words.length; word++) {
        tokens[prompt.length + word] = vocabularyIds[plan.words[word]!]!;
      }
      planned.push({
        plan,
        request: {
          id: `${id}/${planned.length}`,
          promptTokens: prompt.length,
          outputTokens: plan.words.length,
          finishReason: plan.finishReason,
          blockHashes: blockHashes(tokens, blockSize, salt),
          adapter,
        },
      });
    }
  }
  return planned;
}

/** An answer while it is being made. Text is gathered over a step and goes out in one write. */
export class LiveResponse {
  readonly choices: readonly Choice[];
  readonly #answer: Answer;
  readonly #sink: AnswerSink;
  readonly #choicesPerPrompt: number;
  readonly #usage: { readonly promptTokens: Tokens; completionTokens: Tokens; cachedTokens: Tokens };
  #unfinished: number;
  #pending = "";

  constructor(generation: Generation, answer: Answer, plans: readonly OutputPlan[], sink: AnswerSink) {
    this.choices = plans.map((plan, index) => ({ response: this, index, plan }));
    this.#answer = answer;
    this.#sink = sink;
    this.#choicesPerPrompt = generation.choicesPerPrompt;
    this.#unfinished = plans.length;
    const promptTokens = generation.prompts.reduce((sum, prompt) => sum + prompt.length, 0);
    this.#usage = { promptTokens, completionTokens: 0, cachedTokens: 0 };
  }

  get emittedTokens(): Tokens {
    return this.#usage.completionTokens;
  }

  /** True when the last choice has finished. */
  get finished(): boolean {
    return this.#unfinished === 0;
  }

  /** A stream's status and headers go out before there is a token. */
  start(): void {
    if (this.#answer.kind === "stream") this.#sink.openStream();
  }

  /** `index` counts from 1. */
  onToken(choice: Choice, index: number, cachedTokens: Tokens): void {
    // Choices of one prompt share it, so its cached tokens count once.
    if (index === 1 && choice.index % this.#choicesPerPrompt === 0) this.#usage.cachedTokens += cachedTokens;
    if (this.#answer.kind === "stream" && this.#usage.completionTokens === 0) {
      this.#pending += this.#answer.opening(this.#usage);
    }
    this.#usage.completionTokens++;
    if (this.#answer.kind !== "stream") return;
    const { words, finishReason } = choice.plan;
    const reason = index === words.length ? finishReason : undefined;
    this.#pending += this.#answer.token(choice.index, vocabulary[words[index - 1]!]!, reason, this.#usage);
  }

  onFinished(): void {
    this.#unfinished--;
  }

  /** Sends what a step brought. */
  flush(): void {
    if (!this.finished) {
      if (this.#pending !== "") this.#sink.write(this.#pending);
    } else if (this.#answer.kind === "stream") {
      this.#sink.end(this.#pending + this.#answer.closing(this.#results(), this.#usage));
    } else {
      this.#sink.answer(200, "application/json", JSON.stringify(this.#answer.render(this.#results(), this.#usage)));
    }
    this.#pending = "";
  }

  /** Sends what there is and breaks the connection. */
  reset(): void {
    if (this.#pending !== "") this.#sink.write(this.#pending);
    this.#pending = "";
    this.#sink.reset();
  }

  #results(): readonly ChoiceResult[] {
    return this.choices.map(({ plan }) => ({ text: planText(plan), reason: plan.finishReason }));
  }
}
