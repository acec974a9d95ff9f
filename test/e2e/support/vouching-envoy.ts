/** An Envoy that knows its clients, and hands what it knows to the picker as metadata. */
import { stringify } from "yaml";
import { envoyBootstrap, type EnvoyOptions } from "../../../deploy/envoy/envoy.ts";
import { startEnvoy, type RunningEnvoy } from "./envoy.ts";

/** Where the tier of a client is in the metadata. */
export const tierPlace = { namespace: "test.auth", key: "tier" } as const;

/** Stands for a verified token; the filter takes it from the request. */
export const credential = "x-credential";

type Filter = { readonly name: string; readonly typed_config: object };

/** As one that verifies tokens would write it. */
const authFilter: Filter = {
  name: "envoy.filters.http.header_to_metadata",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config",
    request_rules: [
      {
        header: credential,
        on_header_present: { metadata_namespace: tierPlace.namespace, key: tierPlace.key, type: "STRING" },
        remove: true,
      },
    ],
  },
};

const isExtProc = ({ name }: Filter): boolean => name === "envoy.filters.http.ext_proc";

const vouching = (filters: readonly Filter[]): readonly Filter[] => [
  authFilter,
  ...filters.map((filter) =>
    isExtProc(filter)
      ? {
          ...filter,
          typed_config: {
            ...filter.typed_config,
            metadata_options: { forwarding_namespaces: { untyped: [tierPlace.namespace] } },
          },
        }
      : filter,
  ),
];

/** The bootstrap with other HTTP filters, wherever they are in it. */
const rendered = (options: EnvoyOptions): string => {
  const text = JSON.stringify(envoyBootstrap(options));
  const changed: unknown = JSON.parse(text, (key, value: unknown) =>
    key === "http_filters" ? vouching(value as readonly Filter[]) : value,
  );
  return stringify(changed);
};

/** Starts it in front of a picker. */
export const startVouchingEnvoy = (picker: { readonly port: number; readonly tls: boolean }): Promise<RunningEnvoy> =>
  startEnvoy(picker, rendered);
