import { ConfigError, formatProblem, maxConfigBytes } from "#config";
import { decodeObjectives, type ObjectiveWithLevel } from "#kubernetes";
import { readTextFile } from "#shell";

/**
 * The objectives of a file that is read once, for what is rendered from them; what is odd about it goes to stderr.
 * @throws ConfigError, FileUnreadableError
 */
export function readObjectives(path: string): readonly ObjectiveWithLevel[] {
  const decoded = decodeObjectives(readTextFile(path, maxConfigBytes), { file: path });
  if (!decoded.ok) throw new ConfigError(decoded.problems);
  for (const warning of decoded.value.warnings) process.stderr.write(`attain: ${formatProblem(warning)}\n`);
  return decoded.value.objectives;
}
