import { decodeEndpoints } from "../state/endpoints-file.ts";
import type { DiscoveredEndpoint } from "../state/snapshot-publisher.ts";
import { loadFile, type LoadedFile } from "./file-watch.ts";

/**
 * Loads the endpoints file of the field's `file-discovery`. A reload that is wrong anywhere changes nothing.
 * @throws FileUnreadableError, ConfigError
 */
export const loadEndpointsFile = (path: string): LoadedFile<readonly DiscoveredEndpoint[]> =>
  loadFile(path, (text) => decodeEndpoints(text, { file: path }));
