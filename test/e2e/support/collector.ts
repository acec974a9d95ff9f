import { startOtlpReceiver, type OtlpReceiver } from "../../support/otlp-receiver.ts";
import type { Started } from "./started.ts";

const variable = "OTEL_EXPORTER_OTLP_ENDPOINT";

/** A collector that pickers started from here on export to, until the tests of this file are over. */
export async function startCollector(started: Started): Promise<OtlpReceiver> {
  const collector = started.keep(await startOtlpReceiver());
  const before = process.env[variable];
  process.env[variable] = collector.endpoint;
  started.keep({
    stop: () => {
      if (before === undefined) delete process.env[variable];
      else process.env[variable] = before;
    },
  });
  return collector;
}
