/** Ended requests as the recorder hands them to the tracer. */
import { judge } from "#objective";
import { observationOf, type RequestEnd, type RequestRecord } from "../../picker/attainment/outcome.ts";
import type { EndedRequest } from "../../picker/tracing/attributes.ts";
import { arrivalOf, headersOf, readerWith, routeTo } from "./attainment.ts";

export type EndedSketch = {
  readonly objective?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly record?: Partial<RequestRecord>;
  readonly end?: Partial<RequestEnd>;
};

/** A request of `chat`: arrived at 1000, decided 1010 to 1012, tokens at 1200 and 1500, ended at 1600; met. */
export function endedRequest({ objective = "chat", headers = {}, record, end }: EndedSketch = {}): EndedRequest {
  const whole: RequestRecord = {
    arrival: { ...arrivalOf(objective, 1000), headers: headersOf(headers) },
    route: routeTo("a", "llama", 1012),
    decidingAtMs: 1010,
    ...record,
  };
  const ended: RequestEnd = {
    ending: "responded",
    refusal: undefined,
    responseStatus: 200,
    reader: readerWith({
      firstTokenAtMs: 1200,
      lastTokenAtMs: 1500,
      tokenEvents: 11,
      usage: { inputTokens: 300, outputTokens: 11, cachedTokens: 256 },
    }),
    endedAtMs: 1600,
    ...end,
  };
  const observation = observationOf(whole, ended);
  const { objective: entry } = whole.arrival;
  return { record: whole, end: ended, observation, judgement: judge(observation, entry.level, entry) };
}

/** Refused before anything was read of a response. */
export const refusedRequest = (
  refusal: NonNullable<RequestEnd["refusal"]>,
  refusalStatus: number,
  sketch: EndedSketch = {},
): EndedRequest =>
  endedRequest({
    ...sketch,
    record: { route: undefined, ...sketch.record },
    end: { ending: "refused", refusal, refusalStatus, responseStatus: 0, reader: undefined, ...sketch.end },
  });
