import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Milliseconds } from "#units";
import type { Api, Usage } from "../../picker/request/request.ts";

/** A response as it came in, and what a reader of it must say. Instants are milliseconds after the request's arrival. */
export type RecordedStream = {
  readonly name: string;
  readonly api: Api;
  readonly status: number;
  readonly contentType: string;
  readonly chunks: readonly { readonly atMs: Milliseconds; readonly bytes: Buffer }[];
  readonly expected: {
    readonly firstTokenAtMs: Milliseconds | undefined;
    readonly lastTokenAtMs: Milliseconds | undefined;
    readonly tokenEvents: number;
    readonly usage: Usage;
    readonly complete: boolean;
    readonly failed: boolean;
  };
  /** How it ended: the end of the body was seen, the client went away, or the model server's connection broke. */
  readonly end: "body" | "client-abort" | "upstream-reset";
};

type OrNull<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> | null };
type StreamDocument = Omit<RecordedStream, "chunks" | "expected"> & {
  readonly chunks: readonly { readonly atMs: Milliseconds; readonly text: string }[];
  readonly expected: OrNull<Omit<RecordedStream["expected"], "usage" | "complete" | "failed">> & {
    readonly usage: OrNull<Usage>;
    readonly complete: boolean;
    readonly failed: boolean;
  };
};

const folder = new URL("../unit/picker/request/streams/", import.meta.url);

const toStream = (document: StreamDocument): RecordedStream => {
  const { expected } = document;
  return {
    ...document,
    chunks: document.chunks.map(({ atMs, text }) => ({ atMs, bytes: Buffer.from(text) })),
    expected: {
      firstTokenAtMs: expected.firstTokenAtMs ?? undefined,
      lastTokenAtMs: expected.lastTokenAtMs ?? undefined,
      tokenEvents: expected.tokenEvents ?? 0,
      usage: {
        inputTokens: expected.usage.inputTokens ?? undefined,
        outputTokens: expected.usage.outputTokens ?? undefined,
        cachedTokens: expected.usage.cachedTokens ?? undefined,
      },
      complete: expected.complete,
      failed: expected.failed,
    },
  };
};

/** Every recorded response, in the order of the files' names. */
export function loadResponseStreams(): readonly RecordedStream[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return files
    .toSorted()
    .flatMap((file) => (parse(readFileSync(new URL(file, folder), "utf8")) as StreamDocument[]).map(toStream));
}
