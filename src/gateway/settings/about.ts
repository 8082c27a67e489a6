/** What people are told of a setting; registered beside its schema, so that each setting is said once. */
import * as z from "zod";

/** Where else than in a config file, which may hold all of them, a person sets it. */
type Home =
  /** Nowhere. */
  | { readonly home?: never; readonly label?: never }
  /** `preferences.json`, changed from the pages. */
  | { readonly home: "portico"; readonly label: string }
  | {
      readonly home: "vscode";
      /** Only of those that the pages change as well. */
      readonly label?: string;
      /** In VS Code's settings, Markdown. */
      readonly description: string;
      /** What each of the values that it may have means there. */
      readonly options?: Readonly<Record<string, string>>;
    };

export type About = Home & {
  /** In the README's table, Markdown. */
  readonly meaning: string;
  /** What stands there as the default, where that is no value. */
  readonly otherwise?: string;
};

/** `schema.register(ABOUT, …)` goes last: it is kept for that very schema, default included. */
export const ABOUT = z.registry<About>();

/** `a`, `b` */
export const codes = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
