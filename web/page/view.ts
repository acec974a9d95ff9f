/** What the reader chose to see, as it stands in the address: `#objective=chat&missed`. */

export type View = {
  /** Undefined: all of them. */
  readonly objective: string | undefined;
  readonly missedOnly: boolean;
};

export function viewOf(hash: string): View {
  const chosen = new URLSearchParams(hash.replace(/^#/, ""));
  const objective = chosen.get("objective") ?? "";
  return { objective: objective === "" ? undefined : objective, missedOnly: chosen.has("missed") };
}

/** Empty for the view that shows everything. */
export function hashOf({ objective, missedOnly }: View): string {
  const parts = [
    ...(objective === undefined ? [] : [`objective=${encodeURIComponent(objective)}`]),
    ...(missedOnly ? ["missed"] : []),
  ];
  return parts.length === 0 ? "" : `#${parts.join("&")}`;
}
