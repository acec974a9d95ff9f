import type { Api } from "./request.ts";

/** An answer that the picker gives in a model server's place. */
export type ErrorBody = {
  readonly contentType: "application/json" | "text/plain; charset=utf-8";
  readonly body: Buffer;
};

/** Source: the `type` values of OpenAI's error objects. Its SDKs choose the exception by the HTTP status. */
function openAiType(status: number): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    case 503:
      return "service_unavailable";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

/** Source: Anthropic's API errors. 529 is its own status for an overloaded server; 503 says the same elsewhere. */
function anthropicType(status: number): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    case 504:
      return "timeout_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

const isAnthropic = (api: Api): boolean => api === "anthropic-messages" || api === "anthropic-count-tokens";

/**
 * An error in the shape of the client's API, so that its SDK raises the exception it has for the status.
 * @param api `pass-through` gets the message alone, as plain text: no shape can be right for a client we do not know
 * @param status HTTP status of the answer, 400 to 599
 * @param message for people
 * @param code for programs, such as `queue_full`: OpenAI's `code`, Anthropic's `details.error_code`. Without one OpenAI's
 * is `rate_limit_exceeded` for 429 and null otherwise
 */
export function errorBody(api: Api, status: number, message: string, code?: string): ErrorBody {
  if (api === "pass-through") return { contentType: "text/plain; charset=utf-8", body: Buffer.from(message) };
  const answer = isAnthropic(api)
    ? {
        type: "error",
        error: {
          type: anthropicType(status),
          message,
          ...(code === undefined ? {} : { details: { error_code: code } }),
        },
      }
    : {
        error: {
          message,
          type: openAiType(status),
          param: null,
          code: code ?? (status === 429 ? "rate_limit_exceeded" : null),
        },
      };
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(answer)) };
}
