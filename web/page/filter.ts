/** The choice of an objective: radio buttons, so that arrow keys move it. */
import { element, setText } from "./dom.ts";

const everything = "";

/** Puts the buttons into `fieldset`. `onChoice` gets undefined for all of them. */
export function objectiveFilter(fieldset: HTMLFieldSetElement, onChoice: (objective: string | undefined) => void) {
  const options = element("div", { class: "options" });
  fieldset.append(options);
  let shown: readonly string[] = [];
  const radio = (value: string): HTMLLabelElement => {
    const input = element("input", { type: "radio", name: "objective", value });
    input.addEventListener("change", () => onChoice(value === everything ? undefined : value));
    const label = element("label", {}, input, element("span"));
    setText(label.lastElementChild!, value === everything ? "All" : value);
    return label;
  };
  return {
    /** The chosen one is offered even where no objective of this name is left. */
    show: (names: readonly string[], chosen: string | undefined): void => {
      const wanted = [everything, ...names, ...(chosen === undefined || names.includes(chosen) ? [] : [chosen])];
      if (wanted.join("\n") !== shown.join("\n")) {
        const focused = document.activeElement instanceof HTMLInputElement ? document.activeElement : undefined;
        const focusedValue = focused !== undefined && options.contains(focused) ? focused.value : undefined;
        shown = wanted;
        options.replaceChildren(...wanted.map((value) => radio(value)));
        options.querySelector<HTMLInputElement>(`input[value="${CSS.escape(focusedValue ?? "\u0000")}"]`)?.focus();
      }
      for (const input of options.querySelectorAll("input")) input.checked = input.value === (chosen ?? everything);
    },
  };
}
