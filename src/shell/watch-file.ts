import { readFileSync, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import { CodedError } from "#errors";
import type { Bytes, Milliseconds } from "#units";
import { systemTimers, type Timers } from "./clock.ts";

/** The file's new text, or why it cannot be read; then the last text still counts. */
export type FileChange =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: FileUnreadableError };

/** A file cannot be read, or is too large. */
export class FileUnreadableError extends CodedError<{ readonly code: "FILE_UNREADABLE"; readonly file: string }> {
  constructor(file: string, reason: string) {
    super({ code: "FILE_UNREADABLE", file }, `cannot read ${file}: ${reason}`);
  }
}

/** Calls when something in a directory changed. @returns ends it */
export type WatchDirectory = (directory: string, onEvent: () => void) => () => void;

/** Without file-system events (no inotify instances left, network volumes) polling alone remains. */
const systemWatchDirectory: WatchDirectory = (directory, onEvent) => {
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
};

export type WatchFileOptions = {
  /** The text the caller already has; only another one is a change. */
  readonly lastText: string | undefined;
  /** A longer file counts as unreadable. */
  readonly maxBytes: Bytes;
  /** From the last event of a burst to the look at the file; 250 unless given. */
  readonly debounceMs?: Milliseconds;
  /** Between looks at inode, size and time of change without any event; 1000 unless given. */
  readonly pollMs?: Milliseconds;
  readonly timers?: Timers;
  readonly watchDirectory?: WatchDirectory;
};

/** A running watch. */
export interface FileWatch {
  close(): void;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
};

const reasonOf = (error: NodeJS.ErrnoException): string => reasons[error.code ?? ""] ?? error.message;

/**
 * The text of a file.
 * @throws FileUnreadableError
 */
export function readTextFile(path: string, maxBytes: Bytes): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.byteLength <= maxBytes) return bytes.toString("utf8");
  } catch (error) {
    throw new FileUnreadableError(path, reasonOf(error as NodeJS.ErrnoException));
  }
  throw new FileUnreadableError(path, `longer than ${maxBytes} bytes`);
}

/** Differs whenever the file may have changed; `unreadable` where it cannot be looked at. */
function signatureOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch {
    return "unreadable";
  }
}

function look(path: string, maxBytes: Bytes): FileChange {
  try {
    return { ok: true, text: readTextFile(path, maxBytes) };
  } catch (error) {
    return { ok: false, error: error as FileUnreadableError };
  }
}

type OnChange = (change: FileChange) => void;

/** Reads the file and tells a content or an error that is not the last one. */
function changeDetector(path: string, onChange: OnChange, options: Pick<WatchFileOptions, "lastText" | "maxBytes">) {
  let { lastText } = options;
  let lastError: string | undefined;
  return (): void => {
    const change = look(path, options.maxBytes);
    const isNew = change.ok ? change.text !== lastText : change.error.message !== lastError;
    lastError = change.ok ? undefined : change.error.message;
    if (change.ok) lastText = change.text;
    if (isNew) onChange(change);
  };
}

/**
 * Tells when the content of a file becomes another one. Holds for writes in place, for renames over the file, and for
 * the symbolic-link swap of a mounted ConfigMap: events come from the file's directory, and a poll follows links.
 * An error is told once until the file can be read again or the error changes.
 */
export function watchFile(path: string, onChange: OnChange, options: WatchFileOptions): FileWatch {
  const { debounceMs = 250, pollMs = 1000, timers = systemTimers, watchDirectory = systemWatchDirectory } = options;
  const check = changeDetector(path, onChange, options);
  let lastSignature: string | undefined;
  const poll = (): void => {
    const signature = signatureOf(path);
    if (signature !== lastSignature) check();
    lastSignature = signature;
    cancelPoll = timers.after(pollMs, poll);
  };
  let cancelPoll = timers.after(0, poll);
  let cancelDebounce = (): void => undefined;
  const unwatch = watchDirectory(dirname(path), () => {
    cancelDebounce();
    cancelDebounce = timers.after(debounceMs, check);
  });
  return {
    close: () => {
      unwatch();
      cancelDebounce();
      cancelPoll();
    },
  };
}
