/** One equation: Σ coefficient × terms[i] = value. */
export type Equation = { readonly terms: readonly number[]; readonly value: number };

/** Solves a square system in place by Gaussian elimination with partial pivoting. A singular column yields 0. */
function solve(matrix: number[][], right: number[]): readonly number[] {
  const size = right.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [right[column], right[pivot]] = [right[pivot]!, right[column]!];
    if (Math.abs(matrix[column]![column]!) < 1e-12) continue;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      for (let i = column; i < size; i++) matrix[row]![i]! -= factor * matrix[column]![i]!;
      right[row]! -= factor * right[column]!;
    }
  }
  return right.map((value, i) => (Math.abs(matrix[i]![i]!) < 1e-12 ? 0 : value / matrix[i]![i]!));
}

function relativeFit(equations: readonly Equation[], free: readonly number[]): readonly number[] {
  const scale = free.map((term) => Math.max(...equations.map(({ terms }) => Math.abs(terms[term]!))) || 1);
  const matrix = free.map(() => free.map(() => 0));
  const right = free.map(() => 0);
  for (const { terms, value } of equations) {
    for (let i = 0; i < free.length; i++) {
      const left = terms[free[i]!]! / scale[i]! / value;
      right[i]! += left;
      for (let j = 0; j < free.length; j++) matrix[i]![j]! += (left * terms[free[j]!]!) / scale[j]! / value;
    }
  }
  return solve(matrix, right).map((value, i) => value / scale[i]!);
}

/** Sum of squared relative errors. */
export const relativeError2 = (equations: readonly Equation[], coefficients: readonly number[]): number =>
  equations.reduce((sum, { terms, value }) => {
    const predicted = terms.reduce((total, term, i) => total + term * coefficients[i]!, 0);
    return sum + (predicted / value - 1) ** 2;
  }, 0);

/**
 * The coefficients, none below 0, that make the sum of squared *relative* errors smallest: a 50 ms step counts as much as
 * a 5 s one. Tries every set of coefficients that may be left at 0, which is exact and cheap for the few terms there are.
 */
export function leastRelativeSquares(equations: readonly Equation[]): readonly number[] {
  const count = equations[0]?.terms.length ?? 0;
  let best: readonly number[] = Array.from({ length: count }, () => 0);
  for (let set = 1; set < 1 << count; set++) {
    const free = Array.from({ length: count }, (_, i) => i).filter((i) => (set >> i) & 1);
    const solved = relativeFit(equations, free);
    if (solved.some((value) => value < 0)) continue;
    const all = best.map((_, i) => (free.includes(i) ? solved[free.indexOf(i)]! : 0));
    if (relativeError2(equations, all) < relativeError2(equations, best)) best = all;
  }
  return best;
}
