/** The section on flow control: its state, what waits, what was not served. */
import { element, setText } from "./dom.ts";
import { flowTable } from "./flow-table.ts";
import { heldInWords, omittedInWords, stateInWords, stateOf, unservedInWords, wouldInWords } from "./flow-words.ts";
import type { Snapshot } from "./snapshot.ts";

/** Fills `parent`, and the state beside its heading. */
export function flowSection(parent: Element, state: HTMLElement): (snapshot: Snapshot) => void {
  const showBands = flowTable(parent);
  const lines = Array.from({ length: 4 }, () => element("p", { class: "quiet" }));
  parent.append(...lines);
  return ({ flow, recentSeconds }) => {
    state.dataset["state"] = stateOf(flow);
    setText(state, stateInWords(flow));
    showBands(flow.bands);
    const texts = [
      omittedInWords(flow),
      heldInWords(flow),
      unservedInWords(flow, recentSeconds),
      wouldInWords(flow, recentSeconds),
    ];
    for (const [index, text] of texts.entries()) setText(lines[index]!, text);
  };
}
