/**
 * A real Prometheus scrapes the running system; every query of every dashboard and every rule is evaluated there: none
 * fails, and where the system has something to show there is something to see.
 */
import { beforeAll, expect, it } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { decodeObjectives } from "#kubernetes";
import { objectiveMetrics } from "#metrics";
import { series } from "#promql";
import type { Milliseconds } from "#units";
import { defaultAlertOptions } from "../../alerts/options.ts";
import { renderRules } from "../../alerts/render.ts";
import { documentOf } from "../../alerts/rule-document.ts";
import { ruleGroups } from "../../alerts/rule-groups.ts";
import { allDashboards } from "../../dashboards/all-dashboards.ts";
import { annotations } from "../../dashboards/annotation.ts";
import { labelVariables } from "../../dashboards/variable.ts";
import { placedQueries } from "../../dashboards/placed-query.ts";
import type { Grid, Sampled } from "../../dashboards/preview/sampled.ts";
import { substitute } from "../../dashboards/preview/substitute.ts";
import { parseObjectives } from "../../load/objective-spec.ts";
import { loadDefaults } from "../../load/options.ts";
import type { LoadReport } from "../../load/report.ts";
import { runLoad } from "../../load/shell/run.ts";
import { tracingSettings, type TracingSettings } from "../../picker/tracing/settings.ts";
import { startSimulator } from "../../simulator/shell/server.ts";
import { call, chatBody, model, newRequestId, openCall, paths } from "./support/calls.ts";
import { startCollector } from "./support/collector.ts";
import { becomes, eventually } from "./support/poll.ts";
import { replaceFile } from "./support/pool-files.ts";
import { describeWithPrometheus, startPrometheus, type RunningPrometheus } from "./support/prometheus-server.ts";
import { listed, poolName, startStack, type Stack } from "./support/stack.ts";
import { stopAfterTests, type Stoppable } from "./support/started.ts";

const job = "attain-picker";
const loadMs: Milliseconds = 12_000;
const oddityPauseMs: Milliseconds = 500;
/** Prometheus starts to scrape some seconds after its own start; a rate needs two scrapes, a busy machine some more. */
const leastScrapes = 8;
const patienceMs: Milliseconds = 40_000;

/** `strict` promises what nothing can hold, so that there are misses; `batch` is sheddable. */
const objectivesText = (comment: string): string =>
  `# ${comment}\n` +
  [
    ["chat", 2, "ttft: 2s, tpot: 500ms, e2e: 60s"],
    ["strict", 1, "ttft: 1ms, tpot: 1ms, e2e: 1ms"],
    ["batch", -1, "e2e: 60s"],
  ]
    .flatMap(([name, priority, thresholds]) => [
      `apiVersion: llm-d.ai/v1alpha2\nkind: InferenceObjective\nmetadata: {name: ${name}}\nspec: {priority: ${priority}, poolRef: {name: ${poolName}}}\n`,
      `apiVersion: attain.dev/v1alpha1\nkind: InferenceSLO\nmetadata: {name: ${name}}\nspec: {objectiveRef: {name: ${name}}, ${thresholds}, target: "0.9", period: 7d}\n`,
    ])
    .join("---\n");

const decoded = decodeObjectives(objectivesText("rules"), { file: "objectives" });
if (!decoded.ok) throw new Error("the objectives of this test are wrong");
const groups = ruleGroups(decoded.value.objectives, { ...defaultAlertOptions, job, evaluationIntervalMs: 1000 });
/** None of the alerts fires within seconds; this one does, so that what shows firing alerts has something to show. */
const alwaysFiring = `
  - name: always
    rules:
      - { alert: AttainErrorBudgetBurn, expr: vector(1), labels: { pool: ${poolName}, objective: chat, severity: critical } }
`;
const rules = `${renderRules(documentOf(groups, { ...defaultAlertOptions, evaluationIntervalMs: 1000 })).trimEnd()}${alwaysFiring}`;

const load = parseObjectives(
  [
    "name=chat,rate=4,prompt=50-150,output=5-15,ttft=2s,tpot=500ms",
    "name=strict,rate=2,prompt=50,output=5,ttft=1ms",
    "name=batch,rate=2,prompt=50-150,output=5-15,e2e=60s,stream=0",
  ],
  { shape: "steady", wavePeriodMs: 60_000 },
);

/** Requests beside the load name an objective that nobody counts. */
const foreign = { "x-llm-d-inference-objective": "nobody-configured" };

/** Requests that go wrong in ways that panels show, one after the other until told to stop. */
async function sendOddities({ baseUrl }: Stack, stop: AbortSignal): Promise<void> {
  const short = { max_tokens: 3 };
  while (!stop.aborted) {
    const send = (body: object | string): Promise<unknown> =>
      call(baseUrl, { path: paths.chat, body, headers: foreign });
    await send(chatBody(short));
    await send(chatBody({ ...short, model: "nobody-serves" }));
    await send("{ this is no JSON");
    await sleep(oddityPauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/**
 * One answer that goes on until the tests are over: ratios of what is in flight need something in flight. A request may
 * go to the model server that is not there, and the same prompt would follow it: each attempt has a prompt of its own.
 */
async function openLongAnswer({ baseUrl }: Stack): Promise<Stoppable> {
  return eventually("an answer that goes on", async () => {
    const messages = [{ role: "user", content: newRequestId() }];
    const body = chatBody({ stream: true, max_tokens: 4000, ignore_eos: true, messages });
    const { response, abort } = await openCall(baseUrl, { path: paths.chat, body, headers: foreign });
    response.resume();
    return response.statusCode === 200 ? { stop: abort } : undefined;
  });
}

/** Panels, columns and queries that may have nothing to show here, each with the reason. */
const mayBeEmpty: Readonly<Record<string, string>> = {};

describeWithPrometheus("dashboards and rules on a real Prometheus", () => {
  const started = stopAfterTests();
  let prometheus: RunningPrometheus;
  let grid: Grid;
  let report: LoadReport;

  const tracing = async (): Promise<TracingSettings> => {
    await startCollector(started);
    const result = tracingSettings({ OTEL_BSP_SCHEDULE_DELAY: "20" }, { propagation: "inject", own: {} });
    if (result.kind !== "on") throw new Error(JSON.stringify(result));
    return result.settings;
  };

  /** Two model servers, and a third that is not there. */
  const startSystem = async (): Promise<Stack> => {
    const simulator = await startSimulator({ basePort: 0, replicas: 2, model });
    started.keep({ stop: () => simulator.close() });
    const file = join(await started.folder(), "objectives.yaml");
    await writeFile(file, objectivesText("at the start"));
    const stack = started.keep(
      await startStack("embedded", {
        endpoints: listed([...simulator.endpoints.map(({ port }) => port), 1]),
        objectives: { kind: "file", path: file },
        tracing: await tracing(),
      }),
    );
    await replaceFile(file, objectivesText("reloaded"));
    started.keep(await openLongAnswer(stack));
    return stack;
  };

  beforeAll(async () => {
    const stack = await startSystem();
    const target = new URL(stack.metricsUrl).host;
    prometheus = started.keep(await startPrometheus({ folder: await started.folder(), job, targets: [target], rules }));
    const done = new AbortController();
    const oddities = sendOddities(stack, done.signal);
    const scraped = (): Promise<unknown> =>
      eventually(
        "enough scrapes",
        async () => {
          const nowSeconds = Date.now() / 1000;
          const [up] = await prometheus.api.atTheEnd("sum_over_time(up[1m])", {
            fromSeconds: 0,
            toSeconds: nowSeconds,
            stepSeconds: 1,
          });
          return (up?.points[0]?.[1] ?? 0) >= leastScrapes ? true : undefined;
        },
        patienceMs,
      );
    const playing = { ...loadDefaults, url: stack.baseUrl, model, objectives: load, durationMs: loadMs };
    [report] = await Promise.all([runLoad(playing), scraped()]);
    done.abort();
    await oddities;
    const toSeconds = Math.floor(Date.now() / 1000) - 1;
    grid = { fromSeconds: toSeconds - 4, toSeconds, stepSeconds: 1 };
  });

  const put = (expression: string): string =>
    substitute(expression, {
      variables: { quantile: "0.9" },
      rangeMs: 60_000,
      intervalMs: 10_000,
      rateIntervalMs: 15_000,
    });
  /** Only finite numbers are something to see. */
  const isSeen = (answer: Sampled): boolean =>
    answer.some(({ points }) => points.some(([, value]) => Number.isFinite(value)));

  it.each(allDashboards)("$name shows data wherever there is some", async (dashboard) => {
    const empty: string[] = [];
    for (const { panel, refId, expression, isInstant } of placedQueries(dashboard)) {
      const text = put(expression);
      const answer = await (isInstant ? prometheus.api.atTheEnd(text, grid) : prometheus.api.over(text, grid));
      const place = `${dashboard.name} / ${panel.title} / ${refId}`;
      if (!isSeen(answer) && mayBeEmpty[place] === undefined) empty.push(`${place}: ${text}`);
    }
    expect(empty).toEqual([]);
  });

  it("panels that may be empty are panels that there are", () => {
    const places = new Set(
      allDashboards.flatMap((dashboard) =>
        placedQueries(dashboard).map(({ panel, refId }) => `${dashboard.name} / ${panel.title} / ${refId}`),
      ),
    );
    expect(Object.keys(mayBeEmpty).filter((place) => !places.has(place))).toEqual([]);
  });

  it("annotations are asked without an error", async () => {
    for (const { expression } of annotations) await prometheus.api.over(put(expression), grid);
  });

  it("every rule is evaluated without an error, and every recording records", async () => {
    const silent: string[] = [];
    for (const rule of groups.flatMap((group) => group.rules)) {
      const answer = await prometheus.api.atTheEnd(rule.expression.text, grid);
      if (rule.kind === "record" && !isSeen(answer)) silent.push(rule.expression.text);
    }
    expect(silent).toEqual([]);
  });

  it("every variable offers what there is", async () => {
    const offered = async (name: keyof typeof labelVariables): Promise<readonly string[]> => {
      const [, selector = "", label = ""] = /^label_values\((.*), (\w+)\)$/.exec(labelVariables[name].query) ?? [];
      return (await prometheus.api.labelValues(label, put(selector))).toSorted();
    };
    expect(await offered("pool")).toEqual([poolName]);
    expect(await offered("objective")).toEqual(["batch", "chat", "strict"]);
    expect(await offered("endpoint")).toEqual(["default/m0", "default/m1", "default/m2"]);
    expect(await offered("instance")).toHaveLength(1);
  });

  it("attainment by the counters is attainment by the client's own log, to the request", async () => {
    const counters = async (): Promise<unknown> => {
      const counted = async (name: string, verdict: "met" | "missed"): Promise<number | undefined> => {
        const own = series(objectiveMetrics.requestsTotal, { objective: name, verdict });
        const [answer] = await prometheus.api.atTheEnd(own.text, { ...grid, toSeconds: Date.now() / 1000 });
        return answer?.points[0]?.[1];
      };
      return Promise.all(
        report.objectives.map(async ({ name }) => ({
          name,
          met: await counted(name, "met"),
          missed: await counted(name, "missed"),
        })),
      );
    };
    const client = report.objectives.map(({ name, met, missed }) => ({ name, met, missed }));
    const agree = await becomes("the last requests are scraped", async () =>
      isDeepStrictEqual(await counters(), client),
    ).catch(() => false);
    expect(agree ? client : await counters()).toEqual(client);
    expect(report.total.missed).toBeGreaterThan(0);
    expect(report.total.met).toBeGreaterThan(0);
  });
});
