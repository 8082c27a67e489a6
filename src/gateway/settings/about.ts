/** What people are told of a setting; registered beside its schema, so that each setting is said once. */
import * as z from "zod";

/** Of VS Code's settings, in the order in which it shows them. */
export const SETTING_GROUPS = {
  start: "Start and address",
  access: "Who may call",
  providers: "Requests to providers",
  storage: "What is kept",
  chat: "VS Code's own chat",
  terminals: "Terminals",
  clients: "Connected clients",
  traces: "Traces",
} as const;
type SettingGroup = keyof typeof SETTING_GROUPS;

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
      readonly group: SettingGroup;
      /**
       * It opens Portico to somebody, or says where it is open: Settings Sync leaves it out, so that a door that was
       * opened on one computer is not open on the next.
       */
      readonly opens: boolean;
      /** In VS Code's settings, Markdown. */
      readonly description: string;
      /** What each of the values that it may have is called there, and what it means. */
      readonly options?: Readonly<Record<string, { readonly label: string; readonly text: string }>>;
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
