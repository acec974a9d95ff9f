import type { Seconds } from "#units";
import type { Facts, GatewayFacts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

const gateway = findingsOf("gateway");
const modes = findingsOf("body-modes");

type Response = Extract<GatewayFacts["answer"], { readonly kind: "response" }>;

const fullDuplex = "FULL_DUPLEX_STREAMED";
const setMode = (key: string): string =>
  `set processing_mode.${key}: ${fullDuplex} in the ext_proc filter, and SEND for both trailer modes, as attain render envoy prints it`;

function requestMode({ requestBodyMode: mode }: Response): Finding {
  switch (mode) {
    case fullDuplex:
    case "GRPC":
      return modes.ok(`request bodies reach the picker as ${mode}`);
    case undefined:
      return modes.warning(
        "the proxy does not say its body modes, so the picker assumes full duplex",
        "use a proxy that sends protocol_config, as Envoy does, or make sure by other means that it is full duplex",
      );
    case "BUFFERED":
    case "BUFFERED_PARTIAL":
      return modes.warning(
        `request bodies reach the picker as ${mode}: larger ones than the proxy's buffer are cut off or get 413`,
        setMode("request_body_mode"),
      );
    default:
      return modes.wrong(
        `request bodies are sent as ${mode}: the picker decides before it has seen the prompt, without prefix and model`,
        setMode("request_body_mode"),
      );
  }
}

function responseMode({ responseBodyMode: mode, outcome }: Response): readonly Finding[] {
  if (outcome === "unobserved" || mode === "NONE") {
    return [
      modes.wrong(
        "the picker is not shown response bodies, so no request is ever judged",
        setMode("response_body_mode"),
      ),
    ];
  }
  if (mode === undefined) return [];
  if (mode === fullDuplex || mode === "GRPC") return [modes.ok(`response bodies reach the picker as ${mode}`)];
  if (mode === "STREAMED") {
    return [
      modes.warning(
        "response bodies are sent as STREAMED: every chunk waits for the picker's answer, and message_timeout counts",
        setMode("response_body_mode"),
      ),
    ];
  }
  return [
    modes.wrong(
      `response bodies are sent as ${mode}: clients get no tokens before the response is whole`,
      setMode("response_body_mode"),
    ),
  ];
}

/** A response that took longer than this cannot have come in one piece by chance. */
const visiblyStreamed: Seconds = 0.05;

function passing({ pieces, outputEvents, decodeSeconds }: Response): readonly Finding[] {
  if (outputEvents < 2 || pieces > 1 || !(decodeSeconds !== undefined && decodeSeconds > visiblyStreamed)) return [];
  return [
    gateway.warning(
      `the streamed response took ${(decodeSeconds * 1000).toFixed(0)} ms to pass the picker, and came here in one piece`,
      "something between here and the picker buffers: response buffering of a proxy, or compression",
    ),
  ];
}

function responseFindings(url: string, response: Response): readonly Finding[] {
  const { status, outcome, model } = response;
  if (outcome === undefined) {
    return [
      gateway.wrong(
        `a request through ${url} got status ${status}, and this picker has not seen it`,
        "the gateway asks another picker or none: put the ext_proc filter before the router and point it at this picker's --grpc-port (attain render envoy --picker-host … --picker-port …), and keep x-request-id as the client sent it (preserve_external_request_id)",
      ),
    ];
  }
  const reached =
    status === 200
      ? gateway.ok(`a streamed request for model ${model} through ${url} passed this picker and got 200`)
      : gateway.wrong(
          `a streamed request for model ${model} through ${url} got status ${status}`,
          "attain explain misses, and the log of the model server that it went to; another model with --model",
        );
  return [reached, requestMode(response), ...responseMode(response), ...passing(response)];
}

export function checkGateway(facts: Facts): readonly Finding[] {
  if (facts.gateway === undefined) return [];
  const { url, answer } = facts.gateway;
  if (answer.kind === "response") return responseFindings(url, answer);
  if (answer.kind === "no-model") {
    return [
      gateway.warning(`no model to ask ${url} for: neither model servers nor /v1/models name one`, "give --model"),
    ];
  }
  return [
    gateway.wrong(
      `${url} does not answer: ${answer.error}`,
      "start the gateway, or give --gateway its URL for clients",
    ),
  ];
}
