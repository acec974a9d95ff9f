import { vectorOf, type Vector } from "./expression.ts";

type Aggregate = <L extends string, const By extends L>(by: readonly By[], vector: Vector<L>) => Vector<By>;
const aggregate =
  (name: string): Aggregate =>
  (by, { text }) =>
    vectorOf(by.length === 0 ? `${name}(${text})` : `${name} by (${by.join(", ")}) (${text})`);

/** The sum over the series of equal `by` labels; with none, over all. A label that the vector lacks does not compile. */
export const sumBy = aggregate("sum");
/** The greatest value; labels as for {@link sumBy}. */
export const maxBy = aggregate("max");
/** The least value. */
export const minBy = aggregate("min");
/** The mean of the series' values, each weighing the same. */
export const avgBy = aggregate("avg");
/** The number of series. */
export const countBy = aggregate("count");
/** The standard deviation over the series. */
export const stddevBy = aggregate("stddev");

type Limit = <L extends string>(count: number, vector: Vector<L>) => Vector<L>;
const limit =
  (name: string): Limit =>
  (count, { text }) =>
    vectorOf(`${name}(${count}, ${text})`);

/** The `count` series of the greatest values. */
export const topk = limit("topk");
/** The `count` series of the least values. */
export const bottomk = limit("bottomk");
