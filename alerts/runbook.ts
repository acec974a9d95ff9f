import { alertNames, type AlertName } from "./alert-name.ts";
import { flowSections } from "./runbook/flow-sections.ts";
import { objectiveSections } from "./runbook/objective-sections.ts";
import { pickerSections } from "./runbook/picker-sections.ts";
import { poolSections } from "./runbook/pool-sections.ts";
import type { RunbookSection } from "./runbook/section.ts";

/** A section for every alert. */
export const runbook: Readonly<Record<AlertName, RunbookSection>> = {
  ...objectiveSections,
  ...poolSections,
  ...flowSections,
  ...pickerSections,
};

const list = (items: readonly string[]): string => items.map((item) => `- ${item}\n`).join("");

function sectionText(name: AlertName): string {
  const { summary, symptom, meaning, queries, causes, fixes } = runbook[name];
  const asked = queries.map(
    ({ question, expression }, i) => `${i + 1}. ${question}\n\n   \`\`\`promql\n   ${expression.text}\n   \`\`\`\n`,
  );
  return [
    `## ${name}\n`,
    `${summary}\n`,
    `**Symptom.** ${symptom}\n`,
    `**What it means.** ${meaning}\n`,
    `**First three queries.**\n`,
    asked.join("\n"),
    `**Likely causes.**\n`,
    list(causes),
    `**Fix.**\n`,
    list(fixes),
  ].join("\n");
}

/** docs/runbook.md: what to do about each alert. */
export const renderRunbook = (): string =>
  `# Runbook\n\nMade by \`attain render alerts --format runbook\`. What the alerts are made of: [alerts.md](alerts.md).\n\n${alertNames.map(sectionText).join("\n")}`;
