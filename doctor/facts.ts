/** Everything that the doctor looks at, gathered before anything is judged. Undefined: was not asked for. */
import type { ConfigProblem } from "#config";
import type { Milliseconds, Ratio, Seconds } from "#units";

/** What flow control does at the picker, and from what. */
export type FlowFacts = {
  /** legacy: nothing waits. */
  readonly admission: "queue" | "legacy";
  readonly enforcement: "enforce" | "observe";
  readonly mode: "normal" | "concurrency-only" | "no-endpoints";
};

/** What the picker said of itself, or why it said nothing. */
export type PickerFacts = {
  readonly url: string;
  readonly answer:
    | { readonly ok: false; readonly error: string }
    | {
        readonly ok: true;
        readonly version: string;
        readonly pool: string;
        readonly endpoints: readonly {
          readonly id: string;
          readonly hostPort: string;
          readonly state: "fresh" | "stale" | "unknown";
          readonly ageSeconds: Seconds | undefined;
        }[];
        readonly objectives: readonly {
          readonly name: string;
          readonly target: Ratio | undefined;
          readonly untargeted: number;
        }[];
        readonly flow: FlowFacts;
        readonly unknownObjectiveRequests: number;
        readonly unknownModelRequests: number;
        /** How far the wall clock moved against the monotonic one since the picker started. */
        readonly clockDriftSeconds: Seconds;
        /** The picker's wall clock minus this machine's, as far as the round trip lets see; undefined: not seen. */
        readonly clockSkewSeconds: Seconds | undefined;
        /** Series by family, as exposed. */
        readonly seriesByFamily: ReadonlyMap<string, number>;
      };
  /** Answer of grpc.health.v1; undefined where nobody answered. */
  readonly health: { readonly port: number; readonly status: string | undefined } | undefined;
  readonly certificate: CertificateFacts | undefined;
};

/** The certificate of the ext-proc port. */
export type CertificateFacts = {
  readonly host: string;
  readonly port: number;
  readonly answer:
    | { readonly kind: "plaintext" }
    | { readonly kind: "failed"; readonly error: string }
    | {
        readonly kind: "certificate";
        readonly names: readonly string[];
        /** Why the host that was dialled is not among the names; undefined where it is. */
        readonly nameProblem: string | undefined;
        /** Unix time. */
        readonly notBeforeMs: Milliseconds;
        readonly notAfterMs: Milliseconds;
        readonly selfSigned: boolean;
        /** Application protocol that was agreed on. */
        readonly protocol: string | undefined;
      };
};

/** A configuration file that was read. */
export type FileFacts<T> = {
  readonly path: string;
  /** Set when it cannot be used. */
  readonly problems: readonly ConfigProblem[];
  readonly unreadable: string | undefined;
  readonly warnings: readonly ConfigProblem[];
  readonly content: T | undefined;
};

export type ObjectiveFacts = {
  readonly namespace: string;
  readonly name: string;
  readonly poolName: string | undefined;
  readonly hasTargets: boolean;
};

/** One model server's metrics page as fetched from here. */
export type ScrapeFacts = {
  readonly id: string;
  readonly url: string;
  readonly answer:
    | { readonly kind: "failed"; readonly error: string }
    | {
        readonly kind: "page";
        /** The engine whose names were looked for. */
        readonly engine: string;
        readonly missing: readonly string[];
        /** False: nothing of the engine's load was found. */
        readonly recognised: boolean;
        /** Engines whose names are there. */
        readonly looksLike: readonly string[];
        /** Label of an endpoint that names its engine. */
        readonly engineLabel: string;
      };
};

/** One streamed request through the gateway. */
export type GatewayFacts = {
  readonly url: string;
  readonly answer:
    | { readonly kind: "failed"; readonly error: string }
    | { readonly kind: "no-model" }
    | {
        readonly kind: "response";
        readonly model: string;
        readonly status: number;
        /** Reads in which the body came. */
        readonly pieces: number;
        readonly outputEvents: number;
        /** First to last byte of the response, as the picker saw it. */
        readonly decodeSeconds: Seconds | undefined;
        /** What the picker recorded of it; undefined: it saw no such request. */
        readonly outcome: string | undefined;
        readonly requestBodyMode: string | undefined;
        readonly responseBodyMode: string | undefined;
        /** Wall clock of the gateway minus this machine's; undefined where it does not say. */
        readonly clockSkewSeconds: Seconds | undefined;
      };
};

export type Facts = {
  /** Unix time of this machine. */
  readonly nowMs: Milliseconds;
  readonly picker: PickerFacts | undefined;
  readonly objectivesFile: FileFacts<readonly ObjectiveFacts[]> | undefined;
  readonly configFile: FileFacts<undefined> | undefined;
  readonly endpointsFile: FileFacts<readonly string[]> | undefined;
  readonly scrapes: readonly ScrapeFacts[];
  readonly gateway: GatewayFacts | undefined;
  /** How long the picker lets a request wait; Infinity: as long as its client does; undefined: not known. */
  readonly longestWaitMs: Milliseconds | undefined;
  /** The parsed bootstrap, or why it cannot be read. */
  readonly envoy:
    | { readonly path: string; readonly document: unknown; readonly unreadable: string | undefined }
    | undefined;
};
