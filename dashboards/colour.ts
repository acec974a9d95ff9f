import type { Freshness } from "#pool";
import type { MissReason, Verdict } from "#objective";

/** `#rrggbb`. */
export type Colour = `#${string}`;

/** Green, amber and red say how an objective stands, and nothing else. */
export const stateColours = { good: "#56a64b", warning: "#ff9830", bad: "#e02f44" } as const satisfies Record<
  string,
  Colour
>;
/** Of values without a state of their own. */
export const neutral: Colour = "#3274d9";
/** Of what somebody should look at, and is not the state of an objective. */
export const attention: Colour = "#a352cc";
const grey: Colour = "#8e8e8e";

export const verdictColours: Readonly<Record<Verdict, Colour>> = {
  met: stateColours.good,
  missed: stateColours.bad,
  excluded: grey,
  untargeted: "#8ab8ff",
};

export const reasonColours: Readonly<Record<MissReason, Colour>> = {
  ttft: "#1f60c4",
  tpot: "#8ab8ff",
  e2e: "#a352cc",
  shed: "#705da0",
  queue_full: "#584477",
  ttl_expired: "#6ed0e0",
  evicted: "#0a437c",
  no_endpoints: "#962d82",
  upstream_error: "#8c5a2b",
  client_gone: "#c0c0c0",
  shutting_down: "#505050",
};

export const dimensionColours = {
  ttft: reasonColours.ttft,
  tpot: reasonColours.tpot,
  e2e: reasonColours.e2e,
} as const;

export const quantileColours = { p50: "#8ab8ff", p90: "#3274d9", p99: "#173a7a" } as const satisfies Record<
  string,
  Colour
>;

export const endpointStateColours: Readonly<Record<Freshness, Colour>> = {
  fresh: neutral,
  stale: "#b877d9",
  unknown: grey,
};

export const directionColours = { input: "#8ab8ff", output: neutral, cached: "#b877d9" } as const;
