import { ConfigError, maxConfigBytes, type ConfigProblem } from "#config";
import { readTextFile, watchFile, type FileUnreadableError, type WatchFileOptions } from "#shell";
import type { NonEmpty } from "#units";

/** Text read into a value, or everything that is wrong with it. */
export type DecodeText<T> = (
  text: string,
) => { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: NonEmpty<ConfigProblem> };

/** Why a changed file was not taken over. The previous value stays in force. */
export type ReloadFailure =
  | { readonly kind: "unreadable"; readonly error: FileUnreadableError }
  | { readonly kind: "invalid"; readonly problems: NonEmpty<ConfigProblem> };

export type ReloadHandlers<T> = {
  readonly onReloaded: (value: T) => void;
  readonly onFailed: (failure: ReloadFailure) => void;
};

/** For tests: how the file is looked at. */
export type WatchSeams = Pick<WatchFileOptions, "debounceMs" | "pollMs" | "timers" | "watchDirectory">;

/** A file whose content was read once and can be followed. */
export type LoadedFile<T> = {
  /** What the file said when it was loaded. */
  readonly value: T;
  /** Follows later changes; a change between load and watch is not lost. @returns ends it */
  watch(handlers: ReloadHandlers<T>, seams?: WatchSeams): () => void;
};

/**
 * Loads a configuration file.
 * @throws FileUnreadableError, or ConfigError with every problem: the first load has nothing to fall back on
 */
export function loadFile<T>(path: string, decode: DecodeText<T>): LoadedFile<T> {
  const text = readTextFile(path, maxConfigBytes);
  const first = decode(text);
  if (!first.ok) throw new ConfigError(first.problems);
  return {
    value: first.value,
    watch: ({ onReloaded, onFailed }, seams = {}) => {
      const watched = watchFile(
        path,
        (change) => {
          if (!change.ok) return onFailed({ kind: "unreadable", error: change.error });
          const decoded = decode(change.text);
          return decoded.ok ? onReloaded(decoded.value) : onFailed({ kind: "invalid", problems: decoded.problems });
        },
        { ...seams, lastText: text, maxBytes: maxConfigBytes },
      );
      return () => watched.close();
    },
  };
}
