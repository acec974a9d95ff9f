import type { HeaderView } from "#extproc";
import type { Milliseconds } from "#units";
import type { Api, ResponseReader } from "../request/request.ts";
import { createResponseReader } from "../request/response-reader.ts";

/** What is seen of one response, from its headers on. */
export class ResponseWatch {
  #reader: ResponseReader | undefined;
  #status = 0;

  /** Undefined until its headers were seen. */
  get reader(): ResponseReader | undefined {
    return this.#reader;
  }

  /** HTTP status; 0 where none was seen. */
  get status(): number {
    return this.#status;
  }

  open(api: Api, headers: HeaderView): void {
    const status = Number(headers.get(":status") ?? headers.get("status"));
    this.#status = Number.isInteger(status) ? status : 0;
    this.#reader = createResponseReader({
      api,
      status: this.#status,
      contentType: headers.get("content-type"),
      contentEncoding: headers.get("content-encoding"),
    });
  }

  /** @returns when the first token came, where it was in this chunk */
  chunk(bytes: Buffer, nowMs: Milliseconds): Milliseconds | undefined {
    const reader = this.#reader!;
    const hadToken = reader.firstTokenAtMs !== undefined;
    reader.onChunk(bytes, nowMs);
    return hadToken ? undefined : reader.firstTokenAtMs;
  }

  end(nowMs: Milliseconds): void {
    this.#reader?.onEnd(nowMs);
  }
}
