/**
 * How it all fares, in the same few words wherever it is said: strip of the pages, sidebar, status bar, menu, title.
 * Pure: time and the reader's language are given in.
 */

import { isKeyNeeded } from "./clientKey.ts";
import type { Problem, Status } from "./contract.ts";
import { holdsNow } from "./holds.ts";

/** Looks up `{0}`-style English in the reader's language, as `l10n.t` does. */
export type Translate = (english: string, ...values: (string | number)[]) => string;

export type StateTone = "ok" | "warn" | "bad" | "off";

export interface StateWords {
  /** Of the proxy alone: `Running`. */
  state: string;
  /** The worst that is true besides: `1 account needs you`. Absent: nothing is. */
  matter?: string;
  /** Both: `Running, 1 account needs you`. */
  words: string;
  tone: StateTone;
}

/** Without a status: it is not known yet, or no longer. */
export type Snapshot = Status | "connecting" | "disconnected";

/** @param now milliseconds since 1970 */
export function stateWords(snapshot: Snapshot, now: number, t: Translate): StateWords {
  if (snapshot === "connecting") return plain(t("Connecting"), "off");
  if (snapshot === "disconnected") return plain(t("Disconnected"), "bad");
  const { proxy } = snapshot;
  switch (proxy.kind) {
    case "starting":
      return plain(t("Starting"), "warn");
    case "stopped":
      return proxy.stopping === undefined
        ? plain(t("Stopped"), "off")
        : joined(t("Stopping"), underWayWords(snapshot.active, t), "warn", t);
    case "failed":
      return plain(t("Not running"), "bad");
    case "unknown":
      return plain(proxy.word, "warn");
    case "running":
      return runningWords(snapshot, now, t);
  }
}

/** Requests in flight. */
export function underWayWords(active: number, t: Translate): string {
  return active === 1 ? t("1 request under way") : t("{0} requests under way", active);
}

/** Who can reach it, and who has to show the key. */
export function reachWords({ lan, authMode }: Pick<Status, "lan" | "authMode">, t: Translate): string {
  const open = !isKeyNeeded(authMode);
  if (!lan) return open ? t("this computer only · no key needed here") : t("this computer only · key needed");
  return open ? t("your network · others need the key") : t("your network · key needed");
}

/** What keeps requests from being answered goes before what waits for a person while others answer. */
function runningWords(status: Status, now: number, t: Translate): StateWords {
  const { sandboxOnly, accounts, ready } = status;
  const problems = status.problems.filter(({ severity }) => severity !== "notice");
  const errors = problems.filter(({ severity }) => severity === "error");
  const tone = errors.length > 0 ? "bad" : "warn";
  const say = (matter: string, as: StateTone = tone) => joined(t("Running"), matter, as, t);
  if (!sandboxOnly && accounts > 0 && ready === 0) return say(t("no account can answer"));
  const [model, ...others] = unansweredNow(status, now);
  if (model !== undefined) {
    return say(
      others.length === 0
        ? t("nobody can answer {0}", model)
        : t("nobody can answer {0} and {1} more", model, others.length),
    );
  }
  const inNeed = new Set(errors.flatMap(({ account }) => account ?? [])).size;
  if (inNeed > 0) return say(inNeed === 1 ? t("1 account needs you") : t("{0} accounts need you", inNeed));
  const [first] = problems;
  if (first === undefined) return plain(t("Running"), "ok");
  const [worst] = errors;
  if (worst !== undefined) return say(matterOf(worst, t) ?? countOf(errors.length, t));
  return say(matterOf(first, t) ?? countOf(problems.length, t));
}

/** Those that wait: their time may be over since the gateway said so. */
function unansweredNow({ unanswered = [], held }: Status, now: number): string[] {
  const waits = holdsNow({ enabled: true, held }, now);
  return waits.length === 0 ? [] : unanswered;
}

/** What a problem is about, where its cause has a name. */
function matterOf({ cause = "", severity }: Problem, t: Translate): string | undefined {
  if (cause.startsWith("budget-")) {
    return severity === "error" ? t("a budget is used up") : t("a budget is nearly used");
  }
  const words: Readonly<Record<string, string>> = {
    config: t("the config file has a mistake"),
    records: t("requests are not recorded"),
    secrets: t("the keys cannot be read"),
    "not-kept": t("not everything could be kept"),
    port: t("on another port than set"),
  };
  return Object.hasOwn(words, cause) ? words[cause] : undefined;
}

function countOf(count: number, t: Translate): string {
  return count === 1 ? t("1 thing needs you") : t("{0} things need you", count);
}

function plain(state: string, tone: StateTone): StateWords {
  return { state, words: state, tone };
}

function joined(state: string, matter: string, tone: StateTone, t: Translate): StateWords {
  return { state, matter, words: t("{0}, {1}", state, matter), tone };
}

/** English as it stands, where there is no translation to be had. */
export const english: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (mark, index) => String(values[Number(index)] ?? mark));
