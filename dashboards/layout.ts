import { CodedError } from "#errors";
import type { Dashboard, Panel, Row } from "./panel.ts";

/** Grafana's grid is this many columns wide. */
export const gridWidth = 24;

/** In columns and rows of the grid. */
export type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
export type PlacedPanel = { readonly panel: Panel; readonly id: number; readonly place: Place };
export type PlacedRow = {
  readonly row: Row;
  readonly id: number;
  readonly place: Place;
  readonly panels: readonly PlacedPanel[];
};

/** FNV-1a in 31 bits: a panel keeps its id, and links to it hold, wherever it is moved. */
function idOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 1) % 1_000_000;
}

/** Panels side by side until a line is full; lines one under the other, from `top` on. */
function placePanels(panels: readonly Panel[], top: number): { readonly placed: readonly PlacedPanel[]; end: number } {
  const placed: PlacedPanel[] = [];
  let [x, y, lineHeight] = [0, top, 0];
  for (const panel of panels) {
    if (x + panel.width > gridWidth) [x, y, lineHeight] = [0, y + lineHeight, 0];
    placed.push({ panel, id: idOf(panel.title), place: { x, y, w: panel.width, h: panel.height } });
    x += panel.width;
    lineHeight = Math.max(lineHeight, panel.height);
  }
  return { placed, end: y + lineHeight };
}

/**
 * Where everything stands. A row that is folded away takes no room; its panels have the places that they take once it opens.
 * @throws CodedError where two titles give one id
 */
export function layOut({ name, rows }: Dashboard): readonly PlacedRow[] {
  const seen = new Map<number, string>();
  const claim = (id: number, title: string): void => {
    const other = seen.get(id);
    if (other !== undefined) {
      throw new CodedError(
        { code: "PANEL_ID", dashboard: name, titles: [other, title] },
        `dashboard ${name}: ${JSON.stringify(other)} and ${JSON.stringify(title)} have the same id; change one title`,
      );
    }
    seen.set(id, title);
  };
  let y = 0;
  return rows.map((row) => {
    const place = { x: 0, y, w: gridWidth, h: 1 };
    const { placed, end } = placePanels(row.panels, y + 1);
    const id = idOf(`row ${row.title}`);
    claim(id, row.title);
    for (const one of placed) claim(one.id, one.panel.title);
    y = row.isCollapsed ? y + 1 : end;
    return { row, id, place, panels: placed };
  });
}
