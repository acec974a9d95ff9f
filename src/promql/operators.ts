import { numberText, operandText, vectorOf, type Expression, type Scalar, type Vector } from "./expression.ts";

type Same<A extends string, B extends string> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never;

type AnyMatching = {
  readonly on?: readonly string[];
  readonly ignoring?: readonly string[];
  readonly groupLeft?: readonly string[];
  readonly groupRight?: readonly string[];
};

/**
 * Arithmetic and comparison. Two vectors without `on` or `ignoring` must have the same labels; with them, `groupLeft`
 * lets many series of the left find one of the right and takes over the labels it names. A comparison keeps the left
 * series for which it holds.
 */
export type BinaryOperator = {
  <L extends string>(left: Vector<L>, right: number | Scalar): Vector<L>;
  <L extends string>(left: number | Scalar, right: Vector<L>): Vector<L>;
  <A extends string, B extends string>(left: Vector<A>, right: Vector<B> & Same<A, B>): Vector<A>;
  <A extends string, B extends string, const On extends A & B>(
    left: Vector<A>,
    right: Vector<B>,
    matching: { readonly on: readonly On[] },
  ): Vector<On>;
  <A extends string, B extends string, const G extends B>(
    left: Vector<A>,
    right: Vector<B>,
    matching: { readonly on: readonly (A & B)[]; readonly groupLeft: readonly G[] },
  ): Vector<A | G>;
  <A extends string, B extends string, const G extends A>(
    left: Vector<A>,
    right: Vector<B>,
    matching: { readonly on: readonly (A & B)[]; readonly groupRight: readonly G[] },
  ): Vector<B | G>;
  <A extends string, B extends string, const I extends A | B>(
    left: Vector<A>,
    right: Vector<B> & Same<Exclude<A, I>, Exclude<B, I>>,
    matching: { readonly ignoring: readonly I[] },
  ): Vector<Exclude<A, I>>;
  <A extends string, B extends string, const G extends B>(
    left: Vector<A>,
    right: Vector<B>,
    matching: { readonly ignoring: readonly (A | B)[]; readonly groupLeft: readonly G[] },
  ): Vector<A | G>;
};

const labelList = (name: string, labels: readonly string[] | undefined): string =>
  labels === undefined ? "" : ` ${name}(${labels.join(", ")})`;

const matchingText = ({ on, ignoring, groupLeft, groupRight }: AnyMatching): string =>
  labelList("on", on) +
  labelList("ignoring", ignoring) +
  labelList("group_left", groupLeft) +
  labelList("group_right", groupRight);

const side = (operand: number | Expression): string =>
  typeof operand === "number" ? numberText(operand) : operandText(operand);

const binaryText = (
  left: number | Expression,
  operator: string,
  right: number | Expression,
  matching: AnyMatching = {},
): Vector<string> => vectorOf(`${side(left)} ${operator}${matchingText(matching)} ${side(right)}`, "binary");

const binary =
  (operator: string): BinaryOperator =>
  (left: number | Expression, right: number | Expression, matching?: AnyMatching) =>
    binaryText(left, operator, right, matching);

export const add = binary("+");
export const sub = binary("-");
export const mul = binary("*");
/** Gives NaN for 0/0: for shares take {@link ratio}. */
export const div = binary("/");
export const gt = binary(">");
export const gte = binary(">=");
export const lt = binary("<");
export const lte = binary("<=");
export const eq = binary("==");
export const ne = binary("!=");

/** Comparisons that give 1 where they hold and 0 where they do not, and keep every series. */
const bool = (operator: string): BinaryOperator => binary(`${operator} bool`);
export const gtBool = bool(">");
export const gteBool = bool(">=");
export const ltBool = bool("<");
export const lteBool = bool("<=");
export const eqBool = bool("==");

type SetMatching<A extends string, B extends string> =
  | { readonly on: readonly (A & B)[] }
  | { readonly ignoring: readonly (A | B)[] };
type SetOperator = <A extends string, B extends string>(
  left: Vector<A>,
  right: Vector<B>,
  matching?: SetMatching<NoInfer<A>, NoInfer<B>>,
) => Vector<A>;
const setOperator =
  (operator: string): SetOperator =>
  (left, right, matching) =>
    binaryText(left, operator, right, matching);

/** The left series for which there is one on the right. */
export const and = setOperator("and");
/** The left series for which there is none on the right. */
export const unless = setOperator("unless");
/** The left series, and those of the right that have no fellow on the left; sure to have the labels of both. */
export const or = <A extends string, B extends string>(
  left: Vector<A>,
  right: Vector<B>,
  matching?: SetMatching<NoInfer<A>, NoInfer<B>>,
): Vector<A & B> => binaryText(left, "or", right, matching);

/**
 * Part over whole, both sums of events; empty, not NaN, where the whole is 0, so that an idle window says nothing.
 * Both must have the same labels.
 */
export const ratio = <A extends string, B extends string>(part: Vector<A>, whole: Vector<B> & Same<A, B>): Vector<A> =>
  binaryText(part, "/", gt(whole as Vector<B>, 0));
