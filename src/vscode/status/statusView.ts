/** What the status bar item says, as plain data. Colour never says it alone: the icon and a word do too. */
import type { Problem, Status } from "../../control/contract.ts";
import { holdsNow } from "../../control/holds.ts";
import { visible } from "../../control/visible.ts";
import type { WindowView } from "../../control/window.ts";
import { holdLabel } from "../accounts/accountLabels.ts";

export interface StatusView {
  /** With a codicon in front: `$(name)`. */
  text: string;
  tone: "quiet" | "warning" | "error";
  /** First line in bold; plain text, whatever it holds. */
  lines: string[];
  /** For screen readers. */
  spoken: string;
}

const MAX_PROBLEMS = 5;

/** @param now milliseconds since 1970 */
export function statusView({ part, status }: WindowView, now = Date.now()): StatusView {
  if (part.kind === "broken") return view("$(error) Portico", "error", ["Portico needs you", part.message]);
  if (status === undefined) return view("$(loading~spin) Portico", "quiet", ["Portico is starting"]);
  const { proxy } = status;
  const problems = problemLines(status.problems);
  switch (proxy.kind) {
    case "starting":
      return view("$(loading~spin) Portico", "quiet", [`Portico is starting on port ${proxy.port}`]);
    case "failed":
      return view("$(error) Portico", "error", ["Portico is not running", proxy.message, ...problems]);
    case "stopped": {
      if (proxy.stopping !== undefined) {
        const words = stoppingLabel(status);
        return view(`$(loading~spin) ${words}`, "quiet", [words, "Click to stop it now, and for more."]);
      }
      return view("$(circle-slash) Portico", "quiet", [
        "Portico is off",
        ...problems,
        "Click to start it, and for more.",
      ]);
    }
    case "unknown":
      return view("$(question) Portico", "quiet", [`Portico is ${proxy.word}`, ...problems]);
    case "running": {
      const tone = worstOf(status);
      const icon = tone === "quiet" ? "radio-tower" : tone;
      return view(`$(${icon}) Portico ${proxy.port}`, tone, [
        `Portico is running on ${proxy.baseUrl}`,
        `${reach(status)} · ${accounts(status)}`,
        ...problems,
        ...heldLines(status, now),
      ]);
    }
  }
}

/** New requests are refused already. */
export function stoppingLabel({ active }: Pick<Status, "active">): string {
  return `Stopping, ${active === 1 ? "1 request" : `${active} requests`} under way`;
}

/** Worse than an account that waits while another serves is that none does. */
function worstOf({ problems, accounts: count, sandboxOnly, ready }: Status): StatusView["tone"] {
  if (problems.some(({ severity }) => severity === "error")) return "error";
  const nobody = !sandboxOnly && count > 0 && ready === 0;
  return problems.length > 0 || nobody ? "warning" : "quiet";
}

/** Those that need a person are among the problems. */
function heldLines({ held }: Status, now: number): string[] {
  const waiting = holdsNow({ enabled: true, held }, now).filter(
    ({ condition }) => condition !== "needs-attention",
  );
  const shown = waiting.slice(0, MAX_PROBLEMS).map((each) => `• ${each.label}: ${holdLabel(each, now)}`);
  return waiting.length > shown.length ? [...shown, `• and ${waiting.length - shown.length} more`] : shown;
}

/** Who can reach it, and who has to show the key. */
export function reach({ lan, authMode }: Pick<Status, "lan" | "authMode">): string {
  const open = authMode === "off" || authMode === "auto";
  if (!lan) return open ? "this computer only · no key needed here" : "this computer only · key needed";
  return open ? "your network · others need the key" : "your network · key needed";
}

function accounts({ accounts: count, sandboxOnly, ready }: Status): string {
  if (sandboxOnly) return "only the sandbox answers, no account yet";
  const all = count === 1 ? "1 account" : `${count} accounts`;
  return ready === count ? all : `${all}, ${ready} ready`;
}

function problemLines(problems: readonly Problem[]): string[] {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ message }) => `• ${message}`);
  const more = problems.length - shown.length;
  return more === 0 ? shown : [...shown, `• and ${more} more`];
}

function view(text: string, tone: StatusView["tone"], told: string[]): StatusView {
  const lines = told.map(visible);
  return { text, tone, lines, spoken: lines.join(". ") };
}
