/** The timeouts of an Envoy that a request can run into while it waits for room, or while its answer goes on. */
import { fullDuplexProcessingMode } from "#extproc";
import { formatDuration, type Milliseconds } from "#units";
import type { EnvoySettings, ExtProcSettings } from "../envoy-settings.ts";
import { findingsOf, type Finding } from "../finding.ts";

const timeouts = findingsOf("envoy-timeouts");

const shortestMessageTimeoutMs: Milliseconds = 30_000;
const longestMessageTimeoutMs: Milliseconds = 1_000_000;
const envoyMessageTimeoutMs: Milliseconds = 200;
const envoyRouteTimeoutMs: Milliseconds = 15_000;
const envoyStreamIdleTimeoutMs: Milliseconds = 300_000;
const longRouteTimeoutMs: Milliseconds = 600_000;
const longestRouteTimeoutMs: Milliseconds = 86_400_000;

/** @param longestWaitMs Infinity: as long as its client does; undefined: not known */
export type Wait = { readonly longestWaitMs: Milliseconds | undefined };

const spanOrDefault = (setMs: Milliseconds | undefined, envoyMs: Milliseconds): string =>
  setMs === undefined ? `${formatDuration(envoyMs)} (Envoy's default)` : formatDuration(setMs);

function mayWait({ longestWaitMs }: Wait): string {
  if (longestWaitMs === undefined) return "";
  if (longestWaitMs === Number.POSITIVE_INFINITY) return ", and the picker lets it wait as long as its client does";
  return `, and the picker lets it wait up to ${formatDuration(longestWaitMs)}`;
}

/** Envoy awaits no reply in full duplex, so that nothing is timed there. */
const timesReplies = ({ modes }: ExtProcSettings): boolean =>
  modes["request_body_mode"] !== fullDuplexProcessingMode.request_body_mode;

export function messageTimeout(filter: ExtProcSettings, wait: Wait): Finding {
  const { messageTimeoutMs } = filter;
  const text = `message_timeout is ${spanOrDefault(messageTimeoutMs, envoyMessageTimeoutMs)}`;
  if (!timesReplies(filter)) return timeouts.ok(`${text}, and does not count in full duplex`);
  const shortest = Math.max(shortestMessageTimeoutMs, wait.longestWaitMs ?? 0);
  if ((messageTimeoutMs ?? envoyMessageTimeoutMs) >= Math.min(shortest, longestMessageTimeoutMs)) {
    return timeouts.ok(text);
  }
  return timeouts.wrong(
    `${text}: a request that waits longer for room in the pool gets 504${mayWait(wait)}`,
    "set message_timeout: 1000s in the ext_proc filter; the picker bounds each decision itself",
  );
}

/** A limit on silence: while a request waits, neither side says anything. */
function idleFinding(
  text: string,
  limitMs: Milliseconds,
  wait: Wait,
  place: "idle_timeout: 86400s in the route" | "stream_idle_timeout: 0s in the HTTP connection manager",
): readonly Finding[] {
  const longestMs = Math.min(wait.longestWaitMs ?? 0, longestRouteTimeoutMs);
  if (limitMs === 0 || limitMs >= Math.max(longestMs, longRouteTimeoutMs)) return [];
  if (limitMs < longestMs) {
    return [timeouts.wrong(`${text}: a request that waits longer gets 504${mayWait(wait)}`, `set ${place}`)];
  }
  return [timeouts.warning(`${text}: a request that waits longer for its first token is cut off`, `set ${place}`)];
}

function durationFinding(limitMs: Milliseconds | undefined, wait: Wait): readonly Finding[] {
  if (limitMs === undefined || limitMs === 0 || limitMs >= longestRouteTimeoutMs) return [];
  return [
    timeouts.wrong(
      `max_stream_duration is ${formatDuration(limitMs)}: it ends requests and their answers at that age, the wait for room included${mayWait(wait)}`,
      "take max_stream_duration out, or set 86400s",
    ),
  ];
}

/** Timeouts of the routes to these clusters, and of the connection managers as far as no route has its own. */
export function streamTimeouts(
  { routes, streamIdleTimeouts, maxStreamDurations }: EnvoySettings,
  modelServers: ReadonlySet<string>,
  wait: Wait,
): readonly Finding[] {
  const ours = routes.filter(({ cluster }) => modelServers.has(cluster ?? ""));
  const ofRoutes = ours.flatMap(({ cluster, timeoutMs, idleTimeoutMs, maxDurationMs }): readonly Finding[] => {
    const answerMs = timeoutMs ?? envoyRouteTimeoutMs;
    const isShort = answerMs !== 0 && answerMs < longRouteTimeoutMs;
    const text = `a route to ${cluster} ends responses after ${spanOrDefault(timeoutMs, envoyRouteTimeoutMs)}`;
    const idle = idleTimeoutMs ?? 0;
    const idleText = `idle_timeout of a route to ${cluster} is ${formatDuration(idle)}`;
    return [
      ...(isShort ? [timeouts.wrong(text, "set timeout: 86400s in the route")] : []),
      ...idleFinding(idleText, idle, wait, "idle_timeout: 86400s in the route"),
      ...durationFinding(maxDurationMs, wait),
    ];
  });
  const haveTheirOwn = ours.length > 0 && ours.every(({ idleTimeoutMs }) => idleTimeoutMs !== undefined);
  const ofManagers = haveTheirOwn ? [] : streamIdleTimeouts;
  return [
    ...ofRoutes,
    ...ofManagers.flatMap((setMs) => {
      const text =
        setMs === undefined
          ? "stream_idle_timeout is not set, so 5 minutes count"
          : `stream_idle_timeout is ${formatDuration(setMs)}`;
      const place = "stream_idle_timeout: 0s in the HTTP connection manager";
      return idleFinding(text, setMs ?? envoyStreamIdleTimeoutMs, wait, place);
    }),
    ...maxStreamDurations.flatMap((limitMs) => durationFinding(limitMs, wait)),
  ];
}
