#!/bin/sh
# Writes every file of the repository that is generated; `npm run check` fails when one of them changes.
set -e
cd "$(dirname "$0")/.."
attain() { node bin/attain.ts render "$@"; }

attain envoy > deploy/envoy/envoy.yaml
attain alerts --objectives-file deploy/examples/objectives.yaml > deploy/alerts/attain.rules.yaml
attain alerts --objectives-file deploy/examples/objectives.yaml --format prometheusrule --label release=prometheus > deploy/alerts/prometheusrule.yaml
attain alerts --objectives-file deploy/examples/objectives.yaml --format mixin > deploy/alerts/mixin.libsonnet
attain alerts --format runbook > docs/runbook.md
attain metrics > docs/metrics.md
attain dashboards --out deploy/dashboards
