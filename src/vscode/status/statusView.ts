/** What the status bar item says, as plain data. Colour never says it alone: the icon and a word do too. */
import type { ListedAccount } from "../../control/accounts.ts";
import type { Problem, Status } from "../../control/contract.ts";
import { holdsNow } from "../../control/holds.ts";
import {
  english,
  reachWords,
  type Snapshot,
  type StateTone,
  stateWords,
  type Translate,
} from "../../control/stateWords.ts";
import { visible } from "../../control/visible.ts";
import type { WindowView } from "../../control/window.ts";
import { holdLabel, quotaLabel } from "../accounts/accountLabels.ts";
import type { CommandName } from "../commandIds.ts";

export type StatusAction = Extract<
  CommandName,
  "start" | "stop" | "copyBaseUrl" | "openDashboard" | "openMonitor" | "showLog"
>;

export interface StatusView {
  /** With icons: `$(name)`. */
  text: string;
  tone: "quiet" | "warning" | "error";
  /** First line in bold; plain text, whatever it holds. */
  lines: string[];
  /** Where requests go; shown as code. */
  address?: string;
  /** What can be done from the tooltip. */
  actions: StatusAction[];
  /** For screen readers. */
  spoken: string;
}

const MAX_PROBLEMS = 5;
/** Accounts of which the tooltip says what is left. */
const MAX_LEFT = 5;
/** Characters of what is wrong; the tooltip has all of it. */
const MAX_MATTER = 48;
/** Of `contributes.icons`. */
const GLYPH = "$(portico-gate)";
const TONES: Readonly<Record<StateTone, StatusView["tone"]>> = {
  ok: "quiet",
  off: "quiet",
  warn: "warning",
  bad: "error",
};

export interface StatusKnown {
  /** Milliseconds since 1970. */
  now?: number;
  t?: Translate;
  /** As last read, to say what is left of them. */
  accounts?: readonly ListedAccount[];
}

export function statusView(shown: WindowView, known: StatusKnown = {}): StatusView {
  const { part, status } = shown;
  const { now = Date.now(), t = english, accounts = [] } = known;
  const told = stateWords(snapshotOf(shown), now, t);
  const { words, matter } = told;
  if (part.kind === "broken") {
    return view({
      text: `${GLYPH} $(error) Portico`,
      tone: "error",
      lines: [words, part.message],
      actions: ["showLog"],
    });
  }
  if (status === undefined) return view({ text: "$(loading~spin) Portico", tone: "quiet", lines: [words] });
  const { proxy } = status;
  const problems = problemLines(status.problems, t);
  switch (proxy.kind) {
    case "starting":
      return view({ text: "$(loading~spin) Portico", tone: "quiet", lines: [words] });
    case "failed":
      return view({
        text: `${GLYPH} $(error) ${words}`,
        tone: "error",
        lines: [words, proxy.message, ...problems],
        actions: ["start", "openDashboard"],
      });
    case "stopped":
      return proxy.stopping !== undefined
        ? view({ text: `$(loading~spin) ${words}`, tone: "quiet", lines: [words], actions: ["stop"] })
        : view({
            text: `${GLYPH} $(circle-slash) Portico`,
            tone: "quiet",
            lines: [words, ...problems],
            actions: ["start", "openDashboard"],
          });
    case "unknown":
      return view({ text: `${GLYPH} $(question) Portico`, tone: "quiet", lines: [words, ...problems] });
    case "running": {
      const tone = TONES[told.tone];
      return view({
        text:
          matter === undefined ? `${GLYPH} Portico ${proxy.port}` : `${GLYPH} $(${tone}) ${short(matter)}`,
        tone,
        lines: [
          words,
          `${reachWords(status, t)} · ${accountsLabel(status, t)}`,
          ...problems,
          ...heldLines(status, now, t),
          ...leftLines(accounts, now),
        ],
        address: proxy.baseUrl,
        actions: ["copyBaseUrl", "openDashboard", "openMonitor", "stop"],
      });
    }
  }
}

/** What the shared words are made of. */
export function snapshotOf({ part, status }: WindowView): Snapshot {
  return part.kind === "broken" ? "disconnected" : (status ?? "connecting");
}

/** Those that need a person are among the problems. */
function heldLines({ held }: Status, now: number, t: Translate): string[] {
  const waiting = holdsNow({ enabled: true, held }, now).filter(
    ({ condition }) => condition !== "needs-attention",
  );
  const shown = waiting.slice(0, MAX_PROBLEMS).map((each) => `• ${each.label}: ${holdLabel(each, now)}`);
  return [...shown, ...moreLines(waiting.length - shown.length, t)];
}

/** How much is left, until when: of those used last. What waits is said above. */
function leftLines(accounts: readonly ListedAccount[], now: number): string[] {
  return accounts
    .filter(({ enabled }) => enabled)
    .toSorted((a, b) => (b.lastUsed ?? 0) - (a.lastUsed ?? 0))
    .flatMap((account) => {
      const left = quotaLabel(account, now, 1);
      return left === "" ? [] : [`• ${account.label}: ${left}`];
    })
    .slice(0, MAX_LEFT);
}

function accountsLabel({ accounts: count, sandboxOnly, ready }: Status, t: Translate): string {
  if (sandboxOnly) return t("only the sandbox answers, no account yet");
  if (count === 1) return ready === 1 ? t("1 account") : t("1 account, {0} ready", ready);
  return ready === count ? t("{0} accounts", count) : t("{0} accounts, {1} ready", count, ready);
}

function problemLines(problems: readonly Problem[], t: Translate): string[] {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ message }) => `• ${message}`);
  return [...shown, ...moreLines(problems.length - shown.length, t)];
}

function moreLines(more: number, t: Translate): string[] {
  return more === 0 ? [] : [`• ${t("and {0} more", more)}`];
}

function short(matter: string): string {
  return matter.length <= MAX_MATTER ? matter : `${matter.slice(0, MAX_MATTER - 1)}…`;
}

function view(shown: Omit<StatusView, "spoken" | "actions"> & { actions?: StatusAction[] }): StatusView {
  const lines = shown.lines.map(visible);
  return { ...shown, actions: shown.actions ?? [], lines, spoken: `Portico: ${lines.join(". ")}` };
}
