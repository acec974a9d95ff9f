import { pickerMetrics, processMetrics } from "#metrics";
import { changes, increase, maxBy, prometheusSeries, quantile, rate, series, sub, sumBy, time } from "#promql";
import type { AlertName } from "../alert-name.ts";
import type { RunbookSection } from "./section.ts";

const picker = { uid: "attain-picker", variables: [] } as const;
const perPicker = { uid: "attain-picker", variables: ["instance"] } as const;
const cpu = {
  question: "How much CPU does each picker use?",
  expression: sumBy(["instance"], rate(series(processMetrics.cpuSecondsTotal), "5m")),
};

type PickerAlert = Extract<
  AlertName,
  "AttainPickerDown" | "AttainPickerOverloaded" | "AttainConfigInvalid" | "AttainCertificateExpiring"
>;

/** Sections of the alerts about pickers themselves. */
export const pickerSections: Readonly<Record<PickerAlert, RunbookSection>> = {
  AttainPickerDown: {
    summary: "Half or more of the pickers cannot be scraped.",
    dashboard: picker,
    symptom: "The proxy fails requests, or sends them without a decision, depending on its failure mode.",
    meaning: "Prometheus reached at most half of its targets of the job, or has no target of it.",
    queries: [
      { question: "Which are up?", expression: series(prometheusSeries.up) },
      {
        question: "Did they restart?",
        expression: changes(series(processMetrics.startTimeSeconds), "1h"),
      },
      { question: "Did memory grow?", expression: maxBy(["instance"], series(processMetrics.residentMemoryBytes)) },
    ],
    causes: [
      "Pods that crash, are evicted or do not start.",
      "A certificate or configuration that is refused at start.",
      "The scrape configuration or a network policy.",
    ],
    fixes: [
      "`kubectl logs --previous` of the picker: a refused configuration names file, line and key.",
      "Fetch `/metrics` of one picker from inside the cluster.",
      "Compare the job name of the scrape configuration with the one that the alerts were rendered for (`--job`).",
    ],
  },
  AttainPickerOverloaded: {
    summary: "A picker holds requests up.",
    dashboard: perPicker,
    symptom:
      "Every request through this picker takes longer by what is measured here, before any model server sees it.",
    meaning:
      "For ten minutes its event loop was late by more than 50 ms at each scrape, or one in a hundred decisions took more than 10 ms.",
    queries: [
      {
        question: "How long do decisions take?",
        expression: quantile(0.99, series(pickerMetrics.decisionDurationSeconds), { window: "5m", by: ["instance"] }),
      },
      {
        question: "How many streams does each hold?",
        expression: maxBy(["instance"], series(pickerMetrics.streamsOpen)),
      },
      cpu,
    ],
    causes: [
      "More requests than one core decides.",
      "A CPU limit that throttles.",
      "Very large bodies or endpoint counts.",
    ],
    fixes: [
      "Run more pickers: decisions need no coordination.",
      "Remove the CPU limit, or raise it.",
      "Look at the cost of each scorer with `attain explain`; take out what is not needed.",
    ],
  },
  AttainConfigInvalid: {
    summary: "A picker refused the new content of a configuration file.",
    dashboard: perPicker,
    symptom: "A change has no effect.",
    meaning:
      "The file was changed and its content refused. What was loaded before stays in force; after a restart the picker would not start. The alert ends 15 minutes after the last refusal.",
    queries: [
      {
        question: "Which files, on which pickers?",
        expression: sumBy(
          ["instance", "file"],
          increase(series(processMetrics.configurationReloadFailuresTotal), "1h"),
        ),
      },
      {
        question: "Which reloads took effect?",
        expression: sumBy(["instance", "file"], increase(series(processMetrics.configurationReloadsTotal), "1h")),
      },
      { question: "Which version runs?", expression: series(processMetrics.buildInfo) },
    ],
    causes: [
      "A misspelt key or a value out of range.",
      "A service level whose objective is not there.",
      "A file that was written in two steps.",
    ],
    fixes: [
      "The log line `reload refused` names file, line, column, what was found and what is allowed.",
      "Correct the file; the picker reads it again by itself.",
    ],
  },
  AttainCertificateExpiring: {
    summary: "The certificate that a picker serves is about to expire.",
    dashboard: perPicker,
    symptom: "None yet. After expiry every request that goes through a verifying gateway fails.",
    meaning:
      "What issues the certificate did not renew it, or the picker does not follow the renewed one. Less than 7 days: a ticket; less than a day: a page.",
    queries: [
      {
        question: "How long is each certificate valid?",
        expression: sub(series(processMetrics.certificateExpiryTimestampSeconds), time()),
      },
      { question: "Since when does each picker run?", expression: series(processMetrics.startTimeSeconds) },
      { question: "Are streams still opened?", expression: rate(series(pickerMetrics.streamsTotal), "5m") },
    ],
    causes: [
      "The issuer (cert-manager, a script) failed or was never told of this certificate.",
      "The secret was renewed, and the picker runs with `--enable-cert-reload=false`.",
      "A renewed pair that the picker refused: key and certificate do not belong together.",
    ],
    fixes: [
      "Renew the certificate; `attain doctor` shows names and expiry of what is served.",
      "Start the picker without `--enable-cert-reload=false`, or restart it.",
      "The log line `certificate reload refused` says what is wrong with the new pair.",
    ],
  },
};
