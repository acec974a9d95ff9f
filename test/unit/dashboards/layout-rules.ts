/** What a rendered dashboard must look like, read from its JSON and from nothing else. */
import { z } from "zod";

const place = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const link = z.looseObject({ title: z.string(), url: z.string().optional(), type: z.string() });
const panel = z.looseObject({
  type: z.string(),
  id: z.number(),
  title: z.string(),
  gridPos: place,
  description: z.string(),
  links: z.array(link),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ unit: z.string().min(1) }) }),
  targets: z.array(z.looseObject({ refId: z.string(), expr: z.string() })).min(1),
});
const row = z.looseObject({
  type: z.literal("row"),
  id: z.number(),
  title: z.string(),
  gridPos: place,
  collapsed: z.boolean(),
  panels: z.array(panel),
});
/** The part of Grafana's model that the rules look at. */
export const grafanaDashboard = z.looseObject({
  uid: z.string().regex(/^[a-z0-9-]{8,40}$/),
  title: z.string(),
  tags: z.array(z.string()),
  links: z.array(z.looseObject({ type: z.string(), keepTime: z.boolean(), includeVars: z.boolean() })),
  panels: z.array(z.union([row, panel])),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
});
export type GrafanaDashboard = z.infer<typeof grafanaDashboard>;
type Place = z.infer<typeof place>;
type Placed = { readonly title: string; readonly gridPos: Place };

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function overlaps(placed: readonly Placed[]): readonly string[] {
  return placed.flatMap((one, i) =>
    placed
      .slice(i + 1)
      .filter((other) => overlap(one.gridPos, other.gridPos))
      .map((other) => `${one.title} overlaps ${other.title}`),
  );
}

type Row = z.infer<typeof row>;
type Panel = z.infer<typeof panel>;
const isRow = (one: Row | Panel): one is Row => one.type === "row";

/** Every panel, those of folded rows included. */
export const panelsOf = ({ panels }: GrafanaDashboard): readonly Panel[] =>
  panels.flatMap((one) => (isRow(one) ? one.panels : [one]));

const repeated = (values: readonly (string | number)[]): readonly string[] =>
  [...Map.groupBy(values, (value) => value)]
    .filter(([, all]) => all.length > 1)
    .map(([value]) => `${value} occurs twice`);

const panelProblems = ({ title, gridPos, description, targets }: Panel): readonly string[] => [
  ...(gridPos.w < 1 || gridPos.h < 1 || gridPos.x < 0 || gridPos.x + gridPos.w > 24
    ? [`${title} is outside the grid`]
    : []),
  ...(/^[^\n]+\n\n\*\*Normal:\*\* [^\n]+\n\n\*\*Otherwise:\*\* [^\n]+$/.test(description)
    ? []
    : [`${title} does not say what it shows, what is normal and what to do`]),
  ...(description.split("\n\n").every((part) => /[.?]$/.test(part)) ? [] : [`${title}: a sentence has no end`]),
  ...repeated(targets.map(({ refId }) => refId)).map((text) => `${title}: refId ${text}`),
];

/** One line a problem; empty when all is well. */
export function layoutProblems(dashboard: GrafanaDashboard): readonly string[] {
  const all = panelsOf(dashboard);
  const folded = dashboard.panels.filter(isRow).map(({ panels }) => panels);
  return [
    ...(all.length > 25 ? [`${all.length} panels are more than a reader takes in`] : []),
    ...overlaps(dashboard.panels),
    ...folded.flatMap(overlaps),
    ...repeated([...dashboard.panels, ...folded.flat()].map(({ id }) => id)).map((text) => `id ${text}`),
    ...repeated(all.map(({ title }) => title)).map((text) => `title ${text}`),
    ...all.flatMap(panelProblems),
  ];
}
