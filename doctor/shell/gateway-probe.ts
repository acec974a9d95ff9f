import { messageOf } from "#errors";
import type { Milliseconds } from "#units";

const timeoutMs: Milliseconds = 30_000;

/** One streamed request as the client saw it. */
export type ProbedResponse =
  | { readonly ok: false; readonly error: string }
  | {
      readonly ok: true;
      readonly status: number;
      readonly pieces: number;
      readonly outputEvents: number;
      /** The Date header. */
      readonly date: string | undefined;
    };

const reasonOf = (error: unknown): string => messageOf((error as { readonly cause?: unknown }).cause ?? error);

/** Sends a short streamed chat completion under this request id. It names no objective, so it counts in no ratio. */
export async function probeGateway(url: string, model: string, requestId: string): Promise<ProbedResponse> {
  try {
    const response = await fetch(new URL("/v1/chat/completions", url), {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": requestId },
      body: JSON.stringify({
        model,
        stream: true,
        max_tokens: 4,
        messages: [{ role: "user", content: "Say hello." }],
      }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    let pieces = 0;
    let text = "";
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) {
      pieces++;
      text += decoder.decode(piece, { stream: true });
    }
    const outputEvents = text.split("\n").filter((line) => line.startsWith("data: {")).length;
    return { ok: true, status: response.status, pieces, outputEvents, date: response.headers.get("date") ?? undefined };
  } catch (error) {
    return { ok: false, error: reasonOf(error) };
  }
}

/** The first model that the gateway's /v1/models names; undefined where it names none. */
export async function firstModel(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL("/v1/models", url), { signal: AbortSignal.timeout(timeoutMs) });
    const page = (await response.json()) as { readonly data?: readonly { readonly id?: unknown }[] };
    const id = page.data?.[0]?.id;
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}
