/** What the doctor found, as text: a mark, what is so, and what to do about it. Pure: the caller prints it. */
import { counted } from "./figures.ts";

export type FindingLine = {
  readonly status: "ok" | "warning" | "wrong";
  readonly message: string;
  readonly fix: string | undefined;
};

const marks = { ok: "✔", warning: "!", wrong: "✘" } as const;
const colours = { ok: "\u001B[32m", warning: "\u001B[33m", wrong: "\u001B[31m" } as const;
const reset = "\u001B[0m";

/** Without a trailing newline. */
export function renderFindings(findings: readonly FindingLine[], style: { readonly colour: boolean }): string {
  const count = (status: FindingLine["status"]): number => findings.filter((one) => one.status === status).length;
  const lines = findings.flatMap(({ status, message, fix }) => [
    style.colour ? `${colours[status]}${marks[status]}${reset} ${message}` : `${marks[status]} ${message}`,
    ...(fix === undefined ? [] : [`  → ${fix}`]),
  ]);
  return [
    ...lines,
    "",
    `${count("wrong")} wrong, ${counted(count("warning"), "warning")}, ${count("ok")} in order`,
  ].join("\n");
}
