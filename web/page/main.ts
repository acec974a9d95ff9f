/** The live page: one snapshot a second in, the document up to date. */
import { byId, element, KeyedList, setText } from "./dom.ts";
import { merge, visible } from "./decision-store.ts";
import { decisionTable } from "./decision-table.ts";
import { endpointRows, endpointTable, statesInWords } from "./endpoint-table.ts";
import { listen, type FeedState } from "./feed.ts";
import { objectiveFilter } from "./filter.ts";
import { flowSection } from "./flow-section.ts";
import { count, share, shortNames, timeOfDay } from "./format.ts";
import { latencyFigure, shownLatencies, type ShownLatency } from "./latency-figure.ts";
import { crossings, missesInWords } from "./news.ts";
import { objectiveCard } from "./objective-card.ts";
import { queueTable, refusalsInWords } from "./queue-table.ts";
import type { Decision, Objective, Snapshot } from "./snapshot.ts";
import { hashOf, viewOf, type View } from "./view.ts";

const shownDecisions = 50;
/** News closer together than this would talk over each other. */
const quietMs = 5000;

const page = {
  pool: byId("pool", HTMLElement),
  connection: byId("connection", HTMLElement),
  now: byId("now", HTMLElement),
  pause: byId("pause", HTMLButtonElement),
  missedOnly: byId("missed-only", HTMLInputElement),
  news: byId("news", HTMLElement),
};

let view: View = viewOf(location.hash);
let snapshot: Snapshot | undefined;
let decisions: readonly Decision[] = [];
let untold: readonly Decision[] = [];
let pausedAtWallMs: number | undefined;
let feedState: FeedState = "connecting";
let endpointNames: ReadonlyMap<string, string> = new Map();
let lastNewsAtMs = -Infinity;

const repaints: (() => void)[] = [];
const cards = new KeyedList<Objective>(byId("objectives", HTMLElement), ({ name }) => name, objectiveCard);
const figures = new KeyedList<ShownLatency>(
  byId("latency", HTMLElement),
  ({ objective, latency }) => `${latency} ${objective}`,
  (first) => latencyFigure(first, (repaint) => repaints.push(repaint)),
);
const showFlow = flowSection(byId("flow", HTMLElement), byId("flow-state", HTMLElement));
const showQueue = queueTable(byId("queue", HTMLElement));
const refusals = element("p", { class: "quiet" });
byId("queue", HTMLElement).append(refusals);
const showEndpoints = endpointTable(byId("endpoints", HTMLElement));
const showDecisions = decisionTable(byId("decision-list", HTMLElement), (id) => endpointNames.get(id) ?? id);
const noDecisions = element("p", { class: "quiet" });
byId("decision-list", HTMLElement).append(noDecisions);
const filter = objectiveFilter(byId("filter", HTMLFieldSetElement), (objective) => choose({ ...view, objective }));

const nowTerms = ["in flight", "saturation", "judged in 5 min"] as const;
const nowValues = nowTerms.map((term) => {
  const value = element("dd");
  page.now.append(element("div", {}, element("dt", {}, term), value));
  return value;
});

function showNow({ inFlight, saturation, objectives }: Snapshot): void {
  const judged = objectives.reduce((sum, { windows: [last] }) => sum + (last?.met ?? 0) + (last?.missed ?? 0), 0);
  for (const [index, text] of [count(inFlight), share(saturation, 0), count(judged)].entries()) {
    setText(nowValues[index]!, text);
  }
}

function showDecisionList(): void {
  const rows = visible(decisions, view, shownDecisions);
  showDecisions(rows);
  setText(noDecisions, rows.length > 0 ? "" : "No such decision yet.");
}

function render(): void {
  page.missedOnly.checked = view.missedOnly;
  if (snapshot === undefined) return;
  const objectives = snapshot.objectives.filter(({ name }) => view.objective === undefined || name === view.objective);
  const latencies = shownLatencies(snapshot, objectives);
  filter.show(
    snapshot.objectives.map(({ name }) => name),
    view.objective,
  );
  endpointNames = shortNames(snapshot.endpoints.map(({ id }) => id));
  setText(page.pool, snapshot.pool);
  showNow(snapshot);
  cards.show(objectives);
  setText(byId("no-objectives", HTMLElement), objectives.length > 0 ? "" : "There is no such objective.");
  figures.show(latencies);
  setText(byId("no-latency", HTMLElement), latencies.length > 0 ? "" : "Nothing was measured yet.");
  showFlow(snapshot);
  showQueue(objectives);
  setText(refusals, refusalsInWords(snapshot));
  showEndpoints(endpointRows(snapshot));
  setText(byId("endpoint-states", HTMLElement), statesInWords(snapshot));
  showDecisionList();
  setText(byId("version", HTMLElement), `Attain ${snapshot.version}`);
}

const connectionTexts: Readonly<Record<FeedState, string>> = {
  connecting: "connecting",
  live: "live",
  lost: "connection lost, trying again",
};

function showConnection(): void {
  const isPaused = pausedAtWallMs !== undefined;
  page.connection.dataset["state"] = isPaused ? "paused" : feedState;
  setText(page.connection, isPaused ? `paused at ${timeOfDay(pausedAtWallMs!)}` : connectionTexts[feedState]);
}

const say = (texts: readonly string[]): void => {
  if (texts.length > 0) setText(page.news, texts.join(" "));
};

/** Tells at most once in a while; what came in between is told together. */
function tell(before: readonly Objective[], after: readonly Objective[]): void {
  const crossed = crossings(before, after, view);
  const nowMs = performance.now();
  if (crossed.length === 0 && nowMs - lastNewsAtMs < quietMs) return;
  const texts = [...crossed, ...missesInWords(untold, view)];
  untold = [];
  if (texts.length === 0) return;
  lastNewsAtMs = nowMs;
  say(texts);
}

function choose(next: View): void {
  view = next;
  history.replaceState(undefined, "", hashOf(view) || location.pathname);
  render();
}

function setPaused(isPaused: boolean): void {
  pausedAtWallMs = isPaused ? Date.now() : undefined;
  setText(page.pause, isPaused ? "Resume" : "Pause");
  showConnection();
  if (!isPaused && held !== undefined) take(held);
  held = undefined;
}

type Told = { readonly snapshot: Snapshot; readonly isFirst: boolean };

/** While the page is paused: what came last, with every decision since. */
let held: Told | undefined;

function take({ snapshot: next, isFirst }: Told): void {
  const before = snapshot;
  snapshot = next;
  const known = new Set(decisions.map(({ sequence }) => sequence));
  decisions = merge(isFirst ? [] : decisions, next.decisions);
  if (before !== undefined) {
    untold = merge(
      untold,
      next.decisions.filter(({ sequence }) => !known.has(sequence)),
    );
  }
  render();
  tell(before?.objectives ?? [], next.objectives);
}

function heldTogether(next: Snapshot, isFirst: boolean): Told {
  const earlier = isFirst ? undefined : held;
  const all = merge(earlier?.snapshot.decisions ?? [], next.decisions);
  return { snapshot: { ...next, decisions: all }, isFirst: isFirst || earlier?.isFirst === true };
}

listen("/live/events", {
  onState: (state) => {
    if (state === feedState) return;
    if (state === "lost") say(["The connection to the picker was lost."]);
    else if (feedState === "lost") say(["Connected again."]);
    feedState = state;
    showConnection();
  },
  onSnapshot: (next, isFirst) => {
    if (pausedAtWallMs === undefined) take({ snapshot: next, isFirst });
    else held = heldTogether(next, isFirst);
  },
});

page.pause.addEventListener("click", () => setPaused(pausedAtWallMs === undefined));
page.missedOnly.addEventListener("change", () => choose({ ...view, missedOnly: page.missedOnly.checked }));
addEventListener("hashchange", () => {
  view = viewOf(location.hash);
  render();
});
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  byId("decisions", HTMLElement).focus();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const repaint of repaints) repaint();
});
