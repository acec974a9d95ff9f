/** One objective: attainment against its target, what is left of the budget, how fast it burns, why it was missed. */
import { element, setText, svgElement } from "./dom.ts";
import { count, duration, share, targetShare, times } from "./format.ts";
import { standing } from "./news.ts";
import { reasonName } from "./reason.ts";
import type { BurnWindow, Objective } from "./snapshot.ts";

const marks = { reached: "✔", failed: "✘", unknown: "○" } as const;

const promises = ({ thresholds: { ttftMs, tpotMs, e2eMs } }: Objective): string => {
  const known = [
    ["TTFT", ttftMs],
    ["TPOT", tpotMs],
    ["E2E", e2eMs],
  ] as const;
  const texts = known.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ≤ ${duration(ms / 1000)}`]));
  return texts.length === 0 ? "no targets" : texts.join(" · ");
};

/** A term and its value, with a note that says when the value is not what its name promises. */
function fact(term: string): { readonly node: HTMLElement; set(value: string, note?: string): void } {
  const value = element("span");
  const note = element("small");
  return {
    node: element("div", {}, element("dt", {}, term), element("dd", {}, value, note)),
    set: (text, noteText = "") => {
      setText(value, text);
      setText(note, noteText);
    },
  };
}

function budgetMeter(): { readonly node: HTMLElement; set(ratio: number | undefined): void } {
  const fill = element("span");
  const node = element("div", { class: "meter", "aria-hidden": "true" }, fill);
  return {
    node,
    set: (ratio) => {
      node.dataset["state"] = ratio === undefined ? "unknown" : ratio < 0 ? "overspent" : "left";
      fill.style.setProperty("width", `${Math.max(0, Math.min(1, ratio ?? 0)) * 100}%`);
    },
  };
}

/** Says so while the process is younger than the window. */
function coveredNote({ coveredSeconds, windowSeconds }: BurnWindow): string {
  if (coveredSeconds >= windowSeconds * 0.99) return "";
  const isShort = coveredSeconds < 120;
  return isShort ? `in ${Math.floor(coveredSeconds)} s` : `in ${Math.floor(coveredSeconds / 60)} min`;
}

/** Requests met and missed, one stack a step, as long as the window whether or not it is filled. */
function timeline(): { readonly node: HTMLElement; set(steps: Objective["steps"]): void } {
  const slots = 60;
  const svg = svgElement("svg", { viewBox: `0 0 ${slots} 24`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const bars = Array.from({ length: slots }, (_, slot) => {
    const at = { x: String(slot + 0.1), width: "0.8", y: "24", height: "0" };
    return { met: svgElement("rect", { ...at, class: "met" }), missed: svgElement("rect", { ...at, class: "missed" }) };
  });
  for (const { met, missed } of bars) svg.append(met, missed);
  const peak = element("span");
  const caption = element("figcaption", {}, "per 5 s, last 5 min", peak);
  return {
    node: element("figure", { class: "timeline" }, svg, caption),
    set: (steps) => {
      const empty = slots - steps.met.length;
      const most = Math.max(1, ...steps.met.map((met, step) => met + (steps.missed[step] ?? 0)));
      setText(peak, `, up to ${count(most)}`);
      for (const [slot, { met, missed }] of bars.entries()) {
        const metHeight = ((steps.met[slot - empty] ?? 0) / most) * 24;
        const missedHeight = ((steps.missed[slot - empty] ?? 0) / most) * 24;
        met.setAttribute("y", String(24 - metHeight));
        met.setAttribute("height", String(metHeight));
        missed.setAttribute("y", String(24 - metHeight - missedHeight));
        missed.setAttribute("height", String(missedHeight));
      }
    },
  };
}

function missedReasons(): { readonly node: HTMLElement; set(objective: Objective): void } {
  const list = element("ul", { class: "reasons" });
  return {
    node: list,
    set: ({ missedBy, missed }) => {
      const byCount = Object.entries(missedBy).toSorted(([, a = 0], [, b = 0]) => b - a);
      const texts = byCount.map(([reason, times = 0]) => `${reasonName(reason)} ${count(times)}`);
      if (list.dataset["shown"] === `${missed} ${texts.join()}`) return;
      list.dataset["shown"] = `${missed} ${texts.join()}`;
      const rows = byCount.map(([, times = 0], index) => {
        const row = element("li", {}, texts[index]!);
        row.style.setProperty("--share", String(missed === 0 ? 0 : times / missed));
        return row;
      });
      list.replaceChildren(...(rows.length === 0 ? [element("li", { class: "quiet" }, "nothing missed")] : rows));
    },
  };
}

/** Its figures, in two lines of a grid. */
function facts(): { readonly node: HTMLElement; set(objective: Objective): void } {
  const budget = fact("budget left");
  const burns = [fact("burn 5 min"), fact("burn 1 h")];
  const [inFlight, met, missed, other] = [fact("in flight"), fact("met"), fact("missed"), fact("not judged")];
  const all = [budget, ...burns, inFlight, met, missed, other];
  return {
    node: element("dl", { class: "facts" }, ...all.map(({ node }) => node)),
    set: (now) => {
      budget.set(share(now.budgetRemaining, 0));
      for (const [index, burn] of burns.entries()) {
        const window = now.windows[index];
        burn.set(times(window?.burn), window?.burn === undefined ? "" : coveredNote(window));
      }
      inFlight.set(count(now.inFlight));
      met.set(count(now.met));
      missed.set(count(now.missed));
      other.set(count(now.excluded + now.untargeted));
    },
  };
}

/** The card of one objective. */
export function objectiveCard({ name }: Objective): { readonly node: Element; update(objective: Objective): void } {
  const titleId = `card-${name}`;
  const promise = element("p", { class: "promise" });
  const attained = element("strong");
  const against = element("span");
  const meter = budgetMeter();
  const figures = facts();
  const why = missedReasons();
  const past = timeline();
  const node = element(
    "article",
    { class: "card", "aria-labelledby": titleId },
    element("h3", { id: titleId }, name),
    promise,
    element("p", { class: "attained" }, attained, against),
    meter.node,
    figures.node,
    element("h4", {}, "Why missed"),
    why.node,
    past.node,
  );
  return {
    node,
    update: (now) => {
      const state = standing(now);
      node.dataset["state"] = state;
      setText(promise, promises(now));
      setText(attained, `${marks[state]} ${share(now.attainment, 2)}`);
      setText(against, now.target === undefined ? " no target" : ` of ${targetShare(now.target)}`);
      meter.set(now.budgetRemaining);
      figures.set(now);
      why.set(now);
      past.set(now.steps);
    },
  };
}
