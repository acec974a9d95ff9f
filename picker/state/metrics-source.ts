import type { Milliseconds } from "#units";

/** Where and how an endpoint's metrics page is fetched. Source: parameters of the field's `metrics-data-source`. */
export type MetricsSource = {
  readonly scheme: "http" | "https";
  readonly path: string;
  /** Undefined: the endpoint's own port. */
  readonly port?: number | undefined;
  readonly insecureSkipVerify: boolean;
  readonly caCertPath?: string | undefined;
  readonly clientCertPath?: string | undefined;
  readonly clientKeyPath?: string | undefined;
  /** Between two scrapes of one endpoint; undefined: the scraper's own. */
  readonly interval?: Milliseconds | undefined;
};
