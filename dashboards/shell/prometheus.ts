import { z } from "zod";
import { CodedError, messageOf, unreachable } from "#errors";
import type { Grid, Sampled } from "../preview/sampled.ts";

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const answer = z.discriminatedUnion("resultType", [
  z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: labels, value: point })) }),
  z.object({ resultType: z.literal("matrix"), result: z.array(z.object({ metric: labels, values: z.array(point) })) }),
  z.object({ resultType: z.literal("scalar"), result: point }),
]);
const failure = z.object({ error: z.string() });

/** Prometheus refused an expression, or did not answer. */
export class PrometheusError extends CodedError<{ readonly code: "PROMETHEUS"; readonly path: string }> {}

const toNumber = (text: string): number => Number(text.replace("Inf", "Infinity"));
const toPoint = ([at, text]: z.infer<typeof point>) => [at, toNumber(text)] as const;

function toSampled(data: z.infer<typeof answer>): Sampled {
  switch (data.resultType) {
    case "vector":
      return data.result.map(({ metric, value }) => ({ labels: metric, points: [toPoint(value)] }));
    case "matrix":
      return data.result.map(({ metric, values }) => ({ labels: metric, points: values.map(toPoint) }));
    case "scalar":
      return [{ labels: {}, points: [toPoint(data.result)] }];
    default:
      return unreachable(data);
  }
}

/** Prometheus's HTTP API, as far as dashboards ask it. Errors: PrometheusError. */
export class Prometheus {
  readonly #base: string;

  constructor(url: string) {
    this.#base = `${url.replace(/\/+$/, "")}/api/v1/`;
  }

  /** Values at the instant where the grid ends. */
  async atTheEnd(expression: string, { toSeconds }: Grid): Promise<Sampled> {
    return toSampled(answer.parse(await this.#ask("query", { query: expression, time: String(toSeconds) })));
  }

  /** Values at every instant of the grid. */
  async over(expression: string, { fromSeconds, toSeconds, stepSeconds }: Grid): Promise<Sampled> {
    const range = { start: String(fromSeconds), end: String(toSeconds), step: String(stepSeconds) };
    return toSampled(answer.parse(await this.#ask("query_range", { query: expression, ...range })));
  }

  /** The values of a label over the series of a selector. */
  async labelValues(label: string, selector: string): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.#ask(`label/${label}/values`, { "match[]": selector }));
  }

  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const fail = (what: string): never => {
      throw new PrometheusError({ code: "PROMETHEUS", path }, `${path} ${JSON.stringify(parameters)}: ${what}`);
    };
    const response = await fetch(`${this.#base}${path}?${new URLSearchParams(parameters).toString()}`).catch(
      (error: unknown): never => fail(messageOf(error)),
    );
    const body = z.looseObject({ status: z.string(), data: z.unknown() }).safeParse(await response.json());
    if (!body.success) return fail("no answer of Prometheus");
    return body.data.status === "success" ? body.data.data : fail(failure.parse(body.data).error);
  }
}
