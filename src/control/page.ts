/**
 * The contract between a page and what it lives in (a VS Code window or a browser tab), besides the
 * control API that is relayed.
 *
 * Frames are those of the control API (`ControlFrame`), posted as messages in VS Code and sent over a
 * WebSocket in a browser. In VS Code the window answers `host.*` and `settings.update` for settings of
 * its own; everything else goes to the gateway.
 */
import type { ClientWish } from "./clients.ts";
import type { Events, Methods } from "./contract.ts";
import type { Language } from "./languages.ts";

/** In the order of the tabs. */
export const PAGES = [
  "dashboard",
  "connect",
  "accounts",
  "api-proxy",
  "monitor",
  "token-stats",
  "settings",
] as const;
export type PageName = (typeof PAGES)[number];

export function isPage(name: string): name is PageName {
  return (PAGES as readonly string[]).includes(name);
}

/** Where a page is: what a link, a command or a restored panel opens. */
export interface PageState {
  page: PageName;
  /** Of the page's own; small, JSON. */
  query?: Record<string, string>;
}

/** What the host puts into the page before its script runs, as JSON in `<script type="application/json" id="portico">`. */
export interface PageStart {
  kind: "vscode" | "browser";
  /** The sidebar shows less of the same. */
  view: "panel" | "sidebar";
  open?: PageState;
  /** In which the page speaks; absent: as the browser is set, in VS Code English. */
  language?: Language;
  /** BCP 47, for numbers and dates. */
  locale?: string;
}

export interface HostMethods {
  "host.copy": [{ text: string }, undefined];
  /** `cancelled`: the person changed their mind. */
  "host.save": [{ name: string; text: string }, { saved: boolean }];
  "host.openExternal": [{ url: string }, undefined];
  /** A text file of the person's choice; `undefined`: none. */
  "host.openFile": [{ title: string; extensions: string[] }, { name: string; text: string } | undefined];
  /** VS Code's settings editor at a setting; only in VS Code. */
  "host.openSettings": [{ query: string }, undefined];
  /** Shows the data folder in the system's file manager; only in VS Code. */
  "host.revealData": [undefined, undefined];
  "host.showLog": [undefined, undefined];
  /** A terminal in which a client is started on Portico; only in VS Code. @property client its id */
  "host.openTerminal": [{ client: string }, undefined];
  /** What connecting or disconnecting would change, in VS Code's diff editor; only in VS Code. */
  "host.showChanges": [ClientWish, undefined];
  /** From the sidebar: opens the panel there. */
  "host.openPage": [PageState, undefined];
}

/** What a page may call. */
export type PageMethods = Methods & HostMethods;

/** What a page hears. */
export interface PageEvents extends Events {
  /** How the connection to the gateway fares, and how many windows share it. */
  link: { kind: "connecting" } | { kind: "connected" } | { kind: "disconnected"; message: string };
  /** Told to the sidebar: the panel came on the screen, or left it. */
  panel: { visible: boolean };
  /** The person asked for another page (a command, a link). */
  open: PageState;
  /** VS Code's panel is seen again after it was hidden: everything shown is old. */
  shown: undefined;
}
