/** The words of a conversation: what happens in it, what it answers, where it stands. */
import type { BodyMode, Direction } from "#extproc";

/** What happened, in the order in which it happened. */
export type ConversationEvent =
  | {
      readonly kind: "request-headers";
      readonly endOfStream: boolean;
      readonly requestBodyMode: BodyMode;
      readonly responseBodyMode: BodyMode;
      /** False for an API we do not read: its body is passed on as it comes. */
      readonly readsBody: boolean;
    }
  | { readonly kind: "request-body"; readonly bytes: number; readonly endOfStream: boolean }
  | { readonly kind: "request-trailers" }
  /** The answer to the effect `decide`. */
  | { readonly kind: "decided"; readonly outcome: "route" | "refuse" }
  /** The routed request is given up for a more important one. */
  | { readonly kind: "evicted" }
  | { readonly kind: "response-headers"; readonly endOfStream: boolean }
  | { readonly kind: "response-body"; readonly endOfStream: boolean }
  | { readonly kind: "response-trailers" }
  /** The proxy half-closed: it will say no more. */
  | { readonly kind: "half-closed" }
  /** The stream is gone. `broken`: the proxy said that the exchange broke, as opposed to plain cancellation. */
  | { readonly kind: "closed"; readonly broken: boolean };

/** How a request left the conversation; the session turns it into an outcome with what the response reader saw. */
export type Ending =
  /** The response ended as far as the proxy shows it. */
  | "responded"
  /** The proxy shows headers only, so the rest of the response was never seen. */
  | "unobserved"
  | "refused"
  /** Gone before the response ended. */
  | "client-gone"
  | "broken";

/** What the session must do, in order. Those about a chunk mean the message being handled. */
export type ConversationEffect =
  | { readonly kind: "keep-request-chunk" }
  | { readonly kind: "decide"; readonly from: "headers" | "body" }
  /** CONTINUE without change. */
  | { readonly kind: "continue"; readonly part: "headers" | "body" | "trailers"; readonly direction: Direction }
  /** The decision's header mutation, as the reply to request headers or, in buffered modes, to the request body. */
  | { readonly kind: "send-route"; readonly replyTo: "headers" | "body" }
  /** The kept request body, in pieces; the last one carries `endOfStream`. */
  | { readonly kind: "send-kept-body"; readonly endOfStream: boolean }
  | { readonly kind: "pass-chunk"; readonly direction: Direction; readonly endOfStream: boolean }
  | { readonly kind: "send-refusal" }
  | { readonly kind: "refuse-oversize" }
  | { readonly kind: "open-response" }
  | { readonly kind: "observe-chunk" }
  | { readonly kind: "observe-end" }
  | { readonly kind: "finish"; readonly ending: Ending }
  /** Ends the gRPC stream with OK. */
  | { readonly kind: "end-stream" };

/** Where the request half stands. */
export type RequestPhase =
  | "start"
  /** Keeping the body until it is whole. */
  | "reading"
  | "deciding"
  /** The destination is sent. */
  | "routed"
  /** Answered without us, or by an immediate response: what the request still says is dropped. */
  | "closed";

export type ResponsePhase = "none" | "open" | "ended";

export type ConversationState = {
  readonly request: RequestPhase;
  readonly response: ResponsePhase;
  readonly requestBodyMode: BodyMode;
  readonly responseBodyMode: BodyMode;
  /** Bytes of the request body kept so far. */
  readonly keptBytes: number;
  readonly maxBodyBytes: number;
  readonly requestEndedBy: "nothing" | "headers" | "body" | "trailers";
  /** True once the request headers have their reply, which buffered modes get before the body is shown. */
  readonly headersAnswered: boolean;
  readonly finished: boolean;
  /** The stream is gone. */
  readonly gone: boolean;
};

export type Step = readonly [ConversationState, readonly ConversationEffect[]];
