/** The files that a user writes, made and changed the way tools do it: written aside and renamed into place. */
import { rename, writeFile } from "node:fs/promises";
import { host } from "./stack.ts";

/** Replaces a file in one step. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** An endpoints file of the field's `file-discovery` with `m0`, `m1` … in the order given. */
export const endpointsText = (ports: readonly number[]): string =>
  ports.length === 0
    ? "endpoints: []\n"
    : `endpoints:\n${ports.map((port, index) => `- {name: m${index}, address: ${host}, port: "${port}"}\n`).join("")}`;

/** An objectives file with one objective for each name, all with this TTFT threshold. */
export const objectivesText = (names: readonly string[], ttft: string): string =>
  names
    .map(
      (name) =>
        `apiVersion: llm-d.ai/v1alpha2\nkind: InferenceObjective\nmetadata: {name: ${name}}\nspec: {poolRef: {name: e2e}}\n---\n` +
        `apiVersion: attain.dev/v1alpha1\nkind: InferenceSLO\nmetadata: {name: ${name}}\n` +
        `spec: {objectiveRef: {name: ${name}}, ttft: ${ttft}, target: "0.99"}\n`,
    )
    .join("---\n");
