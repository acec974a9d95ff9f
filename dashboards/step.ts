import type { Colour } from "./colour.ts";

/** From `from` on (in the panel's unit; the first step has none), a value has this colour and, where given, this word. */
export type Step = { readonly from: number | undefined; readonly colour: Colour; readonly text?: string };
