/** Words of a Portico that may be newer. Types only. */
declare const unheard: unique symbol;

/** A word that this version does not know: nobody here writes one, and whoever reads has to be ready for it. */
export type UnknownWord = string & { readonly [unheard]: never };

/** One of these words, or one that a newer Portico has learned: a `switch` without a fallback does not compile. */
export type Open<T extends string> = T | UnknownWord;
