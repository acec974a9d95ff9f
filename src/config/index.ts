/** Strict decoding of configuration text into typed values, with problems that name file, line, path, what is there and what may be. */
export type { ConfigPath, ConfigProblem } from "./problem.ts";
export { ConfigError, formatProblem, pathText } from "./problem.ts";
export type { Decoded, ProblemWords, YamlDocument } from "./yaml-document.ts";
export type { ConfigSource, DecodedStream, StreamItem } from "./decode.ts";
export { decodedOrThrow, decodeYaml, decodeYamlStream, maxConfigBytes } from "./decode.ts";
export { allowing } from "./allowed.ts";
export { nearestWord } from "./nearest.ts";
export { durationText, parsedText, portNumber, ratioText } from "./text-schemas.ts";
