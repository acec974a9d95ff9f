/** The data source that the reader chooses. */
export const source = { type: "prometheus", uid: "${datasource}" };

/** On every dashboard: the drop-down of links finds them by it. */
export const tag = "attain";

/** `A`, `B`, … `Z`, `AA` … in the order of a panel's queries. */
export const refId = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : refId(Math.floor(index / 26) - 1) + refId(index % 26);
