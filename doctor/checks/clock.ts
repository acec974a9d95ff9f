import type { Seconds } from "#units";
import type { Facts } from "../facts.ts";
import { findingsOf, type Finding } from "../finding.ts";

const clock = findingsOf("clock");

/** An HTTP date has whole seconds, and the round trip takes its own time. */
const visibleSkew: Seconds = 2;
/** What a clock that is slewed by NTP may gain or lose while a picker runs. */
const visibleDrift: Seconds = 1;

const ahead = (seconds: Seconds): string => `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? "behind" : "ahead of"}`;

const synchronise =
  "synchronise the clocks (chronyc tracking, timedatectl): latencies are measured on a monotonic clock and stay right, but log lines and traces do not line up";

function skewOf(whose: string, seconds: Seconds | undefined): readonly Finding[] {
  if (seconds === undefined) return [];
  if (Math.abs(seconds) <= visibleSkew) return [clock.ok(`the clock of ${whose} agrees with this machine's`)];
  return [clock.warning(`the clock of ${whose} is ${ahead(seconds)} this machine's`, synchronise)];
}

export function checkClock({ picker, gateway }: Facts): readonly Finding[] {
  const findings: Finding[] = [];
  if (picker?.answer.ok === true) {
    const { clockDriftSeconds, clockSkewSeconds } = picker.answer;
    findings.push(...skewOf("the picker", clockSkewSeconds));
    if (Math.abs(clockDriftSeconds) > visibleDrift) {
      findings.push(
        clock.warning(
          `the picker's wall clock moved by ${clockDriftSeconds.toFixed(1)} s against its monotonic clock since it started`,
          synchronise,
        ),
      );
    }
  }
  if (gateway?.answer.kind === "response") findings.push(...skewOf("the gateway", gateway.answer.clockSkewSeconds));
  return findings;
}
