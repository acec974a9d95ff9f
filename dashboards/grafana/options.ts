/** What an installation says. */
export type RenderOptions = {
  /** Where docs/runbook.md is served; an anchor is added. */
  readonly runbookUrl: string;
};

export const defaultRenderOptions: RenderOptions = { runbookUrl: "docs/runbook.md" };
