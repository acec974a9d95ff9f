import type { ConfigProblem } from "#config";
import { decodeObjectives } from "#kubernetes";
import { ObjectiveTable } from "#objective";
import { loadFile, type LoadedFile } from "./file-watch.ts";

/** The table that requests are bound by, and what is odd about the file but usable. */
export type LoadedObjectives = { readonly table: ObjectiveTable; readonly warnings: readonly ConfigProblem[] };

/**
 * Loads the file of `--objectives-file`: a stream of InferenceObjective and InferenceSLO documents.
 * @throws FileUnreadableError, ConfigError
 */
export const loadObjectivesFile = (path: string): LoadedFile<LoadedObjectives> =>
  loadFile(path, (text) => {
    const decoded = decodeObjectives(text, { file: path });
    if (!decoded.ok) return decoded;
    const { objectives, warnings } = decoded.value;
    return { ok: true, value: { table: new ObjectiveTable(objectives), warnings } };
  });
