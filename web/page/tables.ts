/** Tables that keep their cells: rows by key, texts replaced where they changed. */
import { element, KeyedList, setText } from "./dom.ts";

/** One column. The first one holds the row's header. */
export type Column<T> = {
  readonly name: string;
  readonly text: (row: T) => string;
  /** Numbers line up on the right. */
  readonly isNumber?: boolean;
  /** Left out on a narrow screen. */
  readonly isMinor?: boolean;
  /** How much of its colour the cell gets, in [0, 1]; undefined: none. */
  readonly heat?: (row: T) => number | undefined;
  /** Told apart by style. */
  readonly state?: (row: T) => string;
};

export type TableOptions<T> = {
  /** What the table is about, for those who do not see where it stands. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
};

function classOf<T>({ isNumber, isMinor }: Column<T>): Readonly<Record<string, string>> {
  const names = [...(isNumber === true ? ["number"] : []), ...(isMinor === true ? ["minor"] : [])];
  return names.length === 0 ? {} : { class: names.join(" ") };
}

function cells<T>(columns: readonly Column<T>[]): { readonly node: HTMLElement; update(row: T): void } {
  const made = columns.map((column, index) => ({
    column,
    cell: index === 0 ? element("th", { scope: "row", ...classOf(column) }) : element("td", classOf(column)),
  }));
  return {
    node: element("tr", {}, ...made.map(({ cell }) => cell)),
    update: (row) => {
      for (const { column, cell } of made) {
        setText(cell, column.text(row));
        const heat = column.heat?.(row);
        if (column.heat !== undefined) cell.style.setProperty("--heat", String(heat ?? 0));
        if (column.state !== undefined) cell.dataset["state"] = column.state(row);
      }
    },
  };
}

/** Puts a table into `parent`, in a frame of its own that scrolls where the screen is too narrow for it. */
export function table<T>(parent: Element, { caption, columns, keyOf }: TableOptions<T>): (rows: readonly T[]) => void {
  const body = element("tbody");
  const head = columns.map((column) => element("th", { scope: "col", ...classOf(column) }, column.name));
  const made = element(
    "table",
    {},
    element("caption", { class: "unseen" }, caption),
    element("thead", {}, element("tr", {}, ...head)),
    body,
  );
  parent.append(element("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" }, made));
  const list = new KeyedList<T>(body, keyOf, () => cells(columns));
  return (rows) => list.show(rows);
}
