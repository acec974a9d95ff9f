/** A duration, or an instant of a monotonic clock, in milliseconds. A soft brand: literals fit, other units do not. */
export type Milliseconds = number & { readonly __unit?: "ms" };
/** A duration in seconds. */
export type Seconds = number & { readonly __unit?: "s" };
/** A share in [0, 1]. Percent does not exist. */
export type Ratio = number & { readonly __unit?: "ratio" };
/** A count of bytes. */
export type Bytes = number & { readonly __unit?: "bytes" };
/** A count of model tokens. */
export type Tokens = number & { readonly __unit?: "tokens" };
/** An array with at least one element. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** Milliseconds → seconds. */
export const toSeconds = (ms: Milliseconds): Seconds => (ms as number) / 1000;

/** Seconds → milliseconds. */
export const toMilliseconds = (seconds: Seconds): Milliseconds => (seconds as number) * 1000;

/** True when the array has an element, so that its first one needs no check. */
export const isNonEmpty = <T>(items: readonly T[]): items is NonEmpty<T> => items.length > 0;
