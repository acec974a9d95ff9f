import { samplesOf } from "../../unit/src/metrics/text-parser.ts";

/** The page of an exposition, as Prometheus' oldest text format unless asked otherwise. */
export async function readPage(url: string, accept = "text/plain"): Promise<string> {
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.text();
}

/** Sum of the samples of a metric that carry these labels; undefined where there is none. */
export function sampleSum(page: string, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const found = samplesOf(page).filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + Number(value), 0);
}
