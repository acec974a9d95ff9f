import { stringify } from "yaml";
import type { Dashboard } from "../panel.ts";
import type { RenderOptions } from "./options.ts";
import { renderDashboard } from "./render.ts";

/**
 * One ConfigMap a dashboard, as the sidecar of Grafana's chart finds them by their label. One for all would be larger
 * than what `kubectl apply` can annotate (256 KiB).
 */
export const renderConfigMaps = (dashboards: readonly Dashboard[], options: RenderOptions): string =>
  dashboards
    .map((dashboard) =>
      stringify(
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: dashboard.uid, labels: { grafana_dashboard: "1" } },
          data: { [`${dashboard.name}.json`]: renderDashboard(dashboard, options) },
        },
        { lineWidth: 0 },
      ),
    )
    .join("---\n");
