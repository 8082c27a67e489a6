/** How a method of the control API is declared: what it takes, what it answers, and what of that is always there. */

type RequiredKey<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T];

/** What is always there: the required fields; of a union those of all its members. */
export type Shape<T> = [T] extends [undefined]
  ? undefined
  : [T] extends [string]
    ? "string"
    : [T] extends [number]
      ? "number"
      : [T] extends [boolean]
        ? "boolean"
        : [T] extends [readonly (infer E)[]]
          ? readonly [Shape<E>]
          : { readonly [K in RequiredKey<T>]: Shape<T[K]> };

export type AnyShape = string | undefined | readonly [AnyShape] | { readonly [name: string]: AnyShape };

export interface Declared<Params, Result> {
  /** By which an answer of another version is read (`reading.ts`). */
  readonly result: AnyShape;
  /** Never there: it only carries the types. */
  readonly types?: (params: Params) => Result;
}

/** @param result what every reader of the answer needs */
export function method<Params, Result>(result: Shape<Result>): Declared<Params, Result> {
  return { result: result as AnyShape };
}

/** Name -> `[params, result]`. */
export type MethodsOf<Declarations> = {
  [M in keyof Declarations]: Declarations[M] extends Declared<infer Params, infer Result>
    ? [Params, Result]
    : never;
};
