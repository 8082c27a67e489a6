/** The tools that can be connected to Portico, and what is said of each. Types and names only. */
import type { Open } from "./open.ts";

export interface ClientState {
  /** As in `portico connect ID`. */
  readonly id: string;
  readonly label: string;
  /** Its program is on the path, or its settings folder exists. */
  readonly found: boolean;
  /** Path of its program. */
  readonly program?: string;
  readonly version?: string;
  /** The program's name, as it is typed in a terminal. */
  readonly command?: string;
  /** How to get it, for a person. */
  readonly install?: string;
  /** `portico run` can start it: with models of its own, or once it is told one. Absent: it cannot. */
  readonly runs?: Open<"alone" | "with-model">;
  /** The files that are its settings, whether they exist or not. */
  readonly files: readonly string[];
  /** The address in its settings, read from the file; absent: its own. */
  readonly baseUrl?: string;
  readonly model?: string;
  /** Its settings hold what Portico wrote there last. */
  readonly connected: boolean;
  /**
   * What Portico wrote there leads to an address that it no longer has, or shows a key that is no longer taken: `update`
   * mends it. Absent: neither, or the Portico that was asked is older.
   */
  readonly outdated?: Open<"address" | "key">;
  /** Portico has written into its settings, and puts them back unless there is a problem. */
  readonly undoable: boolean;
  /** Models of Portico's that it lists beside its own, by routes made for it; absent: it lists none but its own. */
  readonly offers?: readonly string[];
  /** What keeps the settings from being read or changed. */
  readonly problem?: string;
  /** What goes before its settings here: managed or project settings, variables, a proxy. */
  readonly beatenBy: readonly string[];
}

/** What a client is to be pointed at. */
export interface ClientTarget {
  /** The gateway's, without a path and without a slash at the end. */
  readonly baseUrl: string;
  readonly key: string;
  /** Absent: the client's own choice. */
  readonly model?: string;
  /** It asks Portico what there is to choose from, where it can. */
  readonly discovers?: boolean;
}

/** A file as it is and as it is to be. */
export interface FileChange {
  /** Through links. */
  readonly path: string;
  /** Absent: there is none. */
  readonly before?: string;
  /** Absent: it goes. */
  readonly after?: string;
}

export interface ClientChange {
  readonly files: readonly FileChange[];
  /** Values that somebody else changed since, which stay: `env.ANTHROPIC_BASE_URL`. */
  readonly left: readonly string[];
  /** Credentials that are not put back, because another address stands beside them now. */
  readonly dropped: readonly string[];
}

/** `…`: lines that stay as they are were left out. */
export interface DiffLine {
  readonly sign: Open<" " | "-" | "+" | "…">;
  /** Without keys. */
  readonly text: string;
}

/** What connecting or disconnecting would do, for a person to look at. */
export interface ClientPreview {
  readonly files: readonly {
    readonly path: string;
    readonly what: Open<"new" | "changed" | "removed" | "same">;
    readonly lines: readonly DiffLine[];
  }[];
  /** As in `ClientChange`. */
  readonly left: readonly string[];
  readonly dropped: readonly string[];
  /** Routes that are added and taken away with it: `claude-portico-gpt-5 → gpt-5`. Absent: none. */
  readonly routes?: readonly DiffLine[];
  /** What else a person should know. */
  readonly notes: readonly string[];
  /** Stands for exactly this change: no other is written. */
  readonly seen: string;
}

/** The files of a preview whole, for an editor that compares them by itself. Without keys. */
export interface ClientTexts {
  /** Those alone that change. `before` is absent where there is no file yet, `after` where it goes. */
  readonly files: readonly FileChange[];
}

/**
 * @property model absent: the client's own choice
 * @property offers models that it is to list beside its own, where it can; absent: those that it lists now
 */
export type ClientWish =
  | {
      readonly id: string;
      readonly to: "connect";
      readonly model?: string;
      readonly offers?: readonly string[];
    }
  | { readonly id: string; readonly to: "disconnect" }
  /** To the address and key of now, where what Portico wrote is still there; nothing else changes. */
  | { readonly id: string; readonly to: "update" };
