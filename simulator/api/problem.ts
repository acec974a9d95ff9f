/** An answer that is an error, before it is put into the words of one API. */
export type ApiProblem = {
  readonly status: 400 | 404 | 405 | 413 | 429 | 500 | 502 | 503 | 504;
  readonly message: string;
  /** The field that is wrong; undefined where it is none. */
  readonly param?: string;
};

const openaiTypes: Readonly<Record<ApiProblem["status"], string>> = {
  400: "BadRequestError",
  404: "NotFoundError",
  405: "MethodNotAllowedError",
  413: "RequestEntityTooLargeError",
  429: "TooManyRequestsError",
  500: "InternalServerError",
  502: "BadGatewayError",
  503: "ServiceUnavailableError",
  504: "GatewayTimeoutError",
};

const anthropicTypes: Readonly<Record<ApiProblem["status"], string>> = {
  400: "invalid_request_error",
  404: "not_found_error",
  405: "invalid_request_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  502: "api_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** The error body of the API that the path belongs to. */
export const problemBody = (path: string, { status, message, param }: ApiProblem): unknown =>
  path.startsWith("/v1/messages")
    ? { type: "error", error: { type: anthropicTypes[status], message } }
    : { error: { message, type: openaiTypes[status], param: param ?? null, code: status } };

/** 404 of a model that is not served. */
export const unknownModel = (model: string): ApiProblem => ({
  status: 404,
  message: `The model \`${model}\` does not exist.`,
  param: "model",
});
