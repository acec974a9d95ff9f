// Made by `attain render alerts`. Change the objectives or the options, and render again.
{
  prometheusRules+:: {
    "groups": [
      {
        "name": "attain-objective-default-chat",
        "interval": "30s",
        "rules": [
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[5m]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[5m])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"5m\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"5m\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"5m\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"5m\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[30m]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[30m])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"30m\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"30m\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"30m\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"30m\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[1h]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[1h])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"1h\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"1h\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"1h\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"1h\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[2h]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[2h])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"2h\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"2h\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"2h\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"2h\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[6h]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[6h])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"6h\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"6h\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"6h\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"6h\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[1d]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[1d])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"1d\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"1d\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"1d\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"1d\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[3d]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[3d])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"3d\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"3d\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"3d\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"3d\"} / 0.01",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=~\"met|missed\"}[28d]))",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "28d"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\",verdict=\"missed\"}[28d])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"28d\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "28d"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"28d\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"28d\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "chat",
              "window": "28d"
            }
          },
          {
            "record": "objective:attain_error_budget:remaining_ratio",
            "expr": "1 - (sum by (pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"28d\"}) / 0.01)",
            "labels": {
              "pool": "default",
              "objective": "chat"
            }
          }
        ]
      },
      {
        "name": "attain-objective-default-batch",
        "interval": "30s",
        "rules": [
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[5m]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[5m])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"5m\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"5m\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"5m\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"5m\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "5m"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[30m]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[30m])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"30m\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"30m\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"30m\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"30m\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "30m"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[1h]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[1h])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"1h\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"1h\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"1h\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"1h\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1h"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[2h]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[2h])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"2h\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"2h\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"2h\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"2h\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "2h"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[6h]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[6h])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"6h\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"6h\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"6h\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"6h\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "6h"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[1d]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[1d])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"1d\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"1d\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"1d\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"1d\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "1d"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[3d]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[3d])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"3d\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"3d\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"3d\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_error_budget:burn_rate",
            "expr": "objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"3d\"} / 0.05",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "3d"
            }
          },
          {
            "record": "objective:attain_requests_judged:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=~\"met|missed\"}[28d]))",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "28d"
            }
          },
          {
            "record": "objective:attain_requests_missed:increase",
            "expr": "sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\",verdict=\"missed\"}[28d])) or on(pool, objective) (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"28d\"} * 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "28d"
            }
          },
          {
            "record": "objective:attain_requests_missed:ratio",
            "expr": "objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"28d\"} / (objective:attain_requests_judged:increase{pool=\"default\",objective=\"batch\",window=\"28d\"} > 0)",
            "labels": {
              "pool": "default",
              "objective": "batch",
              "window": "28d"
            }
          },
          {
            "record": "objective:attain_error_budget:remaining_ratio",
            "expr": "1 - (sum by (pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"28d\"}) / 0.05)",
            "labels": {
              "pool": "default",
              "objective": "batch"
            }
          }
        ]
      }
    ]
  },
  prometheusAlerts+:: {
    "groups": [
      {
        "name": "attain-objective-default-chat",
        "interval": "30s",
        "rules": [
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"1h\"} > 0.1344) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"5m\"} > 0.1344)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"1h\"} >= 6)",
            "for": "2m30s",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "chat",
              "burn": "fast"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 1h, and the last 5m is no better. Above 13 %, 1h spends 2 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"6h\"} > 0.056) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"30m\"} > 0.056)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"6h\"} >= 6)",
            "for": "15m",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "chat",
              "burn": "slow"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 6h, and the last 30m is no better. Above 5.6 %, 6h spends 5 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"1d\"} > 0.028) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"2h\"} > 0.028)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"1d\"} >= 4)",
            "for": "1h",
            "labels": {
              "severity": "warning",
              "pool": "default",
              "objective": "chat",
              "burn": "fast"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 1d, and the last 2h is no better. Above 2.8 %, 1d spends 10 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"3d\"} > 0.01) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"chat\",window=\"6h\"} > 0.01)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"3d\"} >= 4)",
            "for": "3h",
            "labels": {
              "severity": "warning",
              "pool": "default",
              "objective": "chat",
              "burn": "slow"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 3d, and the last 6h is no better. Above 1 %, 3d spends 11 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetExhausted",
            "expr": "(objective:attain_error_budget:remaining_ratio{pool=\"default\",objective=\"chat\"} <= 0) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"chat\",window=\"28d\"} >= 4)",
            "for": "1h",
            "labels": {
              "severity": "warning",
              "pool": "default",
              "objective": "chat"
            },
            "annotations": {
              "summary": "An objective has spent its error budget of the whole period.",
              "description": "Of the error budget of objective {{ $labels.objective }} of pool {{ $labels.pool }}, {{ $value | humanizePercentage }} is left over the last 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetexhausted",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainSheddingHigh",
            "expr": "((sum by (pool, objective) (increase(attain_objective_missed_total{pool=\"default\",objective=\"chat\",reason=~\"shed|queue_full|ttl_expired|evicted\"}[30m])) / on(pool, objective) objective:attain_requests_judged:increase{pool=\"default\",objective=\"chat\",window=\"30m\"}) > 0.056) and on(pool, objective) (sum by (pool, objective) (increase(attain_objective_missed_total{pool=\"default\",objective=\"chat\",reason=~\"shed|queue_full|ttl_expired|evicted\"}[30m])) >= 6)",
            "for": "2m30s",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "chat"
            },
            "annotations": {
              "summary": "So many requests of an objective are refused that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} were refused in the last 30m.",
              "runbook_url": "docs/runbook.md#attainsheddinghigh",
              "dashboard_url": "/d/attain-flow?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainObjectiveNoTraffic",
            "expr": "(sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\"}[1h])) == 0) and (sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"chat\"}[7d])) > 0)",
            "for": "5m",
            "labels": {
              "severity": "info",
              "pool": "default",
              "objective": "chat"
            },
            "annotations": {
              "summary": "An objective that had traffic has none.",
              "description": "No request of objective {{ $labels.objective }} of pool {{ $labels.pool }} ended in the last 1h; there were some in the last 7d.",
              "runbook_url": "docs/runbook.md#attainobjectivenotraffic",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainObjectiveMetricsAbsent",
            "expr": "absent(attain_objective_requests_total{pool=\"default\",objective=\"chat\"})",
            "for": "11m",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "chat"
            },
            "annotations": {
              "summary": "No picker reports on an objective.",
              "description": "No picker has reported on objective chat of pool default for 11m: nothing can be said of it, and its other alerts are blind.",
              "runbook_url": "docs/runbook.md#attainobjectivemetricsabsent",
              "dashboard_url": "/d/attain-picker"
            }
          }
        ]
      },
      {
        "name": "attain-objective-default-batch",
        "interval": "30s",
        "rules": [
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"1h\"} > 0.672) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"5m\"} > 0.672)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"1h\"} >= 6)",
            "for": "2m30s",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "batch",
              "burn": "fast"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 1h, and the last 5m is no better. Above 67 %, 1h spends 2 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"6h\"} > 0.28) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"30m\"} > 0.28)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"6h\"} >= 6)",
            "for": "15m",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "batch",
              "burn": "slow"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 6h, and the last 30m is no better. Above 28 %, 6h spends 5 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"1d\"} > 0.14) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"2h\"} > 0.14)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"1d\"} >= 4)",
            "for": "1h",
            "labels": {
              "severity": "warning",
              "pool": "default",
              "objective": "batch",
              "burn": "fast"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 1d, and the last 2h is no better. Above 14 %, 1d spends 10 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetBurn",
            "expr": "((objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"3d\"} > 0.05) and on(pool, objective) (objective:attain_requests_missed:ratio{pool=\"default\",objective=\"batch\",window=\"6h\"} > 0.05)) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"3d\"} >= 4)",
            "for": "3h",
            "labels": {
              "severity": "warning",
              "pool": "default",
              "objective": "batch",
              "burn": "slow"
            },
            "annotations": {
              "summary": "An objective misses so many requests that its error budget will not last.",
              "description": "{{ $value | humanizePercentage }} of the judged requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} missed in the last 3d, and the last 6h is no better. Above 5 %, 3d spends 11 % or more of the error budget of 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetburn",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainErrorBudgetExhausted",
            "expr": "(objective:attain_error_budget:remaining_ratio{pool=\"default\",objective=\"batch\"} <= 0) and on(pool, objective) (objective:attain_requests_missed:increase{pool=\"default\",objective=\"batch\",window=\"28d\"} >= 4)",
            "for": "1h",
            "labels": {
              "severity": "warning",
              "pool": "default",
              "objective": "batch"
            },
            "annotations": {
              "summary": "An objective has spent its error budget of the whole period.",
              "description": "Of the error budget of objective {{ $labels.objective }} of pool {{ $labels.pool }}, {{ $value | humanizePercentage }} is left over the last 28d.",
              "runbook_url": "docs/runbook.md#attainerrorbudgetexhausted",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainObjectiveNoTraffic",
            "expr": "(sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\"}[1h])) == 0) and (sum by (pool, objective) (increase(attain_objective_requests_total{pool=\"default\",objective=\"batch\"}[7d])) > 0)",
            "for": "5m",
            "labels": {
              "severity": "info",
              "pool": "default",
              "objective": "batch"
            },
            "annotations": {
              "summary": "An objective that had traffic has none.",
              "description": "No request of objective {{ $labels.objective }} of pool {{ $labels.pool }} ended in the last 1h; there were some in the last 7d.",
              "runbook_url": "docs/runbook.md#attainobjectivenotraffic",
              "dashboard_url": "/d/attain-objective-detail?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainObjectiveMetricsAbsent",
            "expr": "absent(attain_objective_requests_total{pool=\"default\",objective=\"batch\"})",
            "for": "43m",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical",
              "pool": "default",
              "objective": "batch"
            },
            "annotations": {
              "summary": "No picker reports on an objective.",
              "description": "No picker has reported on objective batch of pool default for 43m: nothing can be said of it, and its other alerts are blind.",
              "runbook_url": "docs/runbook.md#attainobjectivemetricsabsent",
              "dashboard_url": "/d/attain-picker"
            }
          }
        ]
      },
      {
        "name": "attain-pool",
        "interval": "30s",
        "rules": [
          {
            "alert": "AttainPoolNoEndpoints",
            "expr": "(sum by (pool) (rate(attain_objective_requests_total[2m])) > 0) and (max by (pool) (sum by (pool, instance) (max_over_time(attain_pool_endpoints[1m]))) == 0)",
            "for": "1m",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical"
            },
            "annotations": {
              "summary": "Requests reach a pool that has no endpoints.",
              "description": "{{ $value | humanize }} requests a second reach pool {{ $labels.pool }}, and no picker knows an endpoint.",
              "runbook_url": "docs/runbook.md#attainpoolnoendpoints",
              "dashboard_url": "/d/attain-pool?var-pool={{ $labels.pool }}"
            }
          },
          {
            "alert": "AttainEndpointScrapeStale",
            "expr": "max by (pool) (sum by (pool, instance) (min_over_time(attain_pool_endpoints{state=~\"stale|unknown\"}[2m])) / (sum by (pool, instance) (last_over_time(attain_pool_endpoints[2m])) > 0)) > 0.2",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "A picker schedules over endpoints whose metrics it does not have.",
              "description": "A picker has no current metrics of {{ $value | humanizePercentage }} of the endpoints of pool {{ $labels.pool }}.",
              "runbook_url": "docs/runbook.md#attainendpointscrapestale",
              "dashboard_url": "/d/attain-endpoints?var-pool={{ $labels.pool }}"
            }
          },
          {
            "alert": "AttainQueueWaitHigh",
            "expr": "((sum by (pool, objective) (rate(attain_request_queue_seconds_sum[10m])) / (sum by (pool, objective) (rate(attain_request_queue_seconds_count[10m])) > 0)) > (max by (pool, objective) (attain_objective_threshold_seconds{dimension=\"ttft\"}) * 0.5)) and (sum by (pool, objective) (increase(attain_request_queue_seconds_count[10m])) >= 6)",
            "for": "10m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "Requests spend more than half of their time to first token waiting in the picker.",
              "description": "Requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} waited {{ $value | humanizeDuration }} on average in the last 10m, more than half of what their first token may take.",
              "runbook_url": "docs/runbook.md#attainqueuewaithigh",
              "dashboard_url": "/d/attain-flow?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainUnknownObjective",
            "expr": "sum by (pool) (increase(attain_unknown_objective_requests_total[1h])) >= 4",
            "for": "5m",
            "labels": {
              "severity": "info"
            },
            "annotations": {
              "summary": "Clients name an objective nobody configured.",
              "description": "{{ $value | humanize }} requests to pool {{ $labels.pool }} named an objective nobody configured in the last 1h.",
              "runbook_url": "docs/runbook.md#attainunknownobjective",
              "dashboard_url": "/d/attain-slo-overview?var-pool={{ $labels.pool }}"
            }
          }
        ]
      },
      {
        "name": "attain-flow",
        "interval": "30s",
        "rules": [
          {
            "alert": "AttainFlowConcurrencyOnly",
            "expr": "max by (pool) (min_over_time(attain_flow_mode{mode=\"concurrency_only\"}[2m])) > 0",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "Flow control dispatches without current metrics of any endpoint.",
              "description": "A picker has no current metrics of any endpoint of pool {{ $labels.pool }}: it dispatches by its own count of requests in flight alone.",
              "runbook_url": "docs/runbook.md#attainflowconcurrencyonly",
              "dashboard_url": "/d/attain-pool?var-pool={{ $labels.pool }}"
            }
          },
          {
            "alert": "AttainImportantRefused",
            "expr": "(((sum by (pool, objective) (increase(attain_flow_outcomes_total{outcome=~\"saturated|infeasible|late|queue_full|displaced|ttl_expired|evicted|filtered_out|no_band\"}[10m])) / sum by (pool, objective) (increase(attain_flow_outcomes_total[10m]))) > 0.01) and (sum by (pool, objective) (increase(attain_flow_outcomes_total{outcome=~\"saturated|infeasible|late|queue_full|displaced|ttl_expired|evicted|filtered_out|no_band\"}[10m])) >= 6)) and count by (pool, objective) (attain_objective_info{priority=~\"[0-9]+\"})",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "Requests that are not sheddable are refused for lack of room.",
              "description": "{{ $value | humanizePercentage }} of the requests of objective {{ $labels.objective }} of pool {{ $labels.pool }} were refused for lack of room in the last 10m, although it is not sheddable.",
              "runbook_url": "docs/runbook.md#attainimportantrefused",
              "dashboard_url": "/d/attain-flow?var-pool={{ $labels.pool }}&var-objective={{ $labels.objective }}"
            }
          },
          {
            "alert": "AttainHeldForZero",
            "expr": "(max by (pool) (attain_flow_held_requests) > 0) unless (max_over_time(timestamp(max by (pool) (attain_flow_held_requests) == 0)[1h:30s]) > (time() - (max by (pool) (attain_flow_expected_cold_start_seconds) * 2)))",
            "for": "2m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "Requests wait for the first endpoint of a pool, for longer than a start takes.",
              "description": "{{ $value | humanize }} requests wait for an endpoint of pool {{ $labels.pool }}, and some have for more than twice as long as a start is expected to take.",
              "runbook_url": "docs/runbook.md#attainheldforzero",
              "dashboard_url": "/d/attain-pool?var-pool={{ $labels.pool }}"
            }
          },
          {
            "alert": "AttainQueueOld",
            "expr": "(max by (pool) (min_over_time(attain_flow_queue_oldest_age_seconds{priority=~\"[0-9]+\"}[2m])) > 30) unless (max by (pool) (attain_flow_held_requests) > 0)",
            "for": "5m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "A request that is not sheddable has waited for a long time, all the time.",
              "description": "The oldest request of pool {{ $labels.pool }} that is not sheddable has waited for at least {{ $value | humanizeDuration }}, all the time.",
              "runbook_url": "docs/runbook.md#attainqueueold",
              "dashboard_url": "/d/attain-flow?var-pool={{ $labels.pool }}"
            }
          }
        ]
      },
      {
        "name": "attain-picker",
        "interval": "30s",
        "rules": [
          {
            "alert": "AttainPickerDown",
            "expr": "(avg by (job) (max_over_time(up{job=\"attain-picker\"}[2m])) <= 0.5) or absent(up{job=\"attain-picker\"})",
            "for": "1m",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical"
            },
            "annotations": {
              "summary": "Half or more of the pickers cannot be scraped.",
              "description": "Half or more of the pickers of job attain-picker cannot be scraped, or there are none.",
              "runbook_url": "docs/runbook.md#attainpickerdown",
              "dashboard_url": "/d/attain-picker"
            }
          },
          {
            "alert": "AttainPickerOverloaded",
            "expr": "(max by (instance) (min_over_time(attain_picker_event_loop_delay_seconds{job=\"attain-picker\"}[2m])) > 0.05) or (histogram_quantile(0.99, sum by (instance, le) (rate(attain_picker_decision_duration_seconds_bucket{job=\"attain-picker\"}[5m]))) > 0.01)",
            "for": "10m",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "A picker holds requests up.",
              "description": "Picker {{ $labels.instance }} holds requests up by {{ $value | humanizeDuration }}: its event loop is late (above 50 ms) or the slowest hundredth of its decisions are (above 10 ms).",
              "runbook_url": "docs/runbook.md#attainpickeroverloaded",
              "dashboard_url": "/d/attain-picker?var-instance={{ $labels.instance }}"
            }
          },
          {
            "alert": "AttainConfigInvalid",
            "expr": "sum by (instance, file) (increase(attain_configuration_reload_failures_total{job=\"attain-picker\"}[15m])) > 0",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "A picker refused the new content of a configuration file.",
              "description": "Picker {{ $labels.instance }} refused the content of {{ $labels.file }} in the last 15m; what was loaded before is in force.",
              "runbook_url": "docs/runbook.md#attainconfiginvalid",
              "dashboard_url": "/d/attain-picker?var-instance={{ $labels.instance }}"
            }
          },
          {
            "alert": "AttainCertificateExpiring",
            "expr": "(attain_certificate_expiry_timestamp_seconds{job=\"attain-picker\"} - time()) < 86400",
            "keep_firing_for": "5m",
            "labels": {
              "severity": "critical"
            },
            "annotations": {
              "summary": "The certificate that a picker serves is about to expire.",
              "description": "The certificate that picker {{ $labels.instance }} serves expires in {{ $value | humanizeDuration }}; Envoy then refuses to connect, and requests fail.",
              "runbook_url": "docs/runbook.md#attaincertificateexpiring",
              "dashboard_url": "/d/attain-picker?var-instance={{ $labels.instance }}"
            }
          },
          {
            "alert": "AttainCertificateExpiring",
            "expr": "(attain_certificate_expiry_timestamp_seconds{job=\"attain-picker\"} - time()) < 604800",
            "labels": {
              "severity": "warning"
            },
            "annotations": {
              "summary": "The certificate that a picker serves is about to expire.",
              "description": "The certificate that picker {{ $labels.instance }} serves expires in {{ $value | humanizeDuration }}; Envoy then refuses to connect, and requests fail.",
              "runbook_url": "docs/runbook.md#attaincertificateexpiring",
              "dashboard_url": "/d/attain-picker?var-instance={{ $labels.instance }}"
            }
          }
        ]
      }
    ]
  },
}
