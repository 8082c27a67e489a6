/** The words that strip, sidebar, status bar and menu share, over every state there is. */
import { describe, expect, it } from "vitest";
import type { Problem, ProxyState, Status } from "../../../src/control/contract.ts";
import {
  english,
  reachWords,
  type Snapshot,
  type StateTone,
  stateWords,
} from "../../../src/control/stateWords.ts";

const NOW = 1_000_000;
const RUNNING: Status = {
  version: "1",
  proxy: { kind: "running", host: "127.0.0.1", port: 8045, baseUrl: "http://127.0.0.1:8045", since: 1 },
  authMode: "off",
  lan: false,
  accounts: 3,
  sandboxOnly: false,
  problems: [],
  held: [],
  ready: 3,
  active: 0,
};
const of = (change: Partial<Status>): Status => ({ ...RUNNING, ...change });
const needs = (account: string, cause = "credential"): Problem => ({
  severity: "error",
  message: `${account}: the key was refused`,
  account,
  cause,
});
const warning = (cause: string): Problem => ({ severity: "warning", message: "odd", cause });
const waits = (model: string, until: number): Status["held"][number] => ({
  account: "a",
  label: "A",
  model,
  condition: "cooling",
  reason: "limit",
  until,
});
const later = [waits("gpt-5", NOW + 1000)];

describe("the words of how it all fares", () => {
  it.each<[string, Snapshot, string, StateTone]>([
    ["connecting", "connecting", "Connecting", "off"],
    ["disconnected", "disconnected", "Disconnected", "bad"],
    ["starting", of({ proxy: { kind: "starting", port: 1 } }), "Starting", "warn"],
    ["stopped", of({ proxy: { kind: "stopped" }, problems: [needs("a")] }), "Stopped", "off"],
    [
      "stopping, one under way",
      of({ proxy: { kind: "stopped", stopping: { until: 1 } }, active: 1 }),
      "Stopping, 1 request under way",
      "warn",
    ],
    [
      "stopping, many under way",
      of({ proxy: { kind: "stopped", stopping: { until: 1 } }, active: 12 }),
      "Stopping, 12 requests under way",
      "warn",
    ],
    [
      "failed",
      of({ proxy: { kind: "failed", port: 1, reason: "other", message: "no" }, problems: [needs("a")] }),
      "Not running",
      "bad",
    ],
    ["a state of a newer Portico", of({ proxy: { kind: "unknown", word: "paused" } }), "paused", "warn"],
    ["all well", of({}), "Running", "ok"],
    ["only the sandbox", of({ accounts: 0, ready: 0, sandboxOnly: true }), "Running", "ok"],
    ["some wait", of({ held: later, ready: 2 }), "Running", "ok"],
    ["an account in need", of({ problems: [needs("a")], ready: 2 }), "Running, 1 account needs you", "bad"],
    [
      "one account with two problems",
      of({ problems: [needs("a"), needs("a", "billing")], ready: 2 }),
      "Running, 1 account needs you",
      "bad",
    ],
    [
      "two accounts",
      of({ problems: [needs("a"), needs("b")], ready: 1 }),
      "Running, 2 accounts need you",
      "bad",
    ],
    ["all wait", of({ held: later, ready: 0 }), "Running, no account can answer", "warn"],
    ["all in need", of({ problems: [needs("a")], ready: 0 }), "Running, no account can answer", "bad"],
    [
      "a model that nobody answers",
      of({ unanswered: ["gpt-5"], held: later }),
      "Running, nobody can answer gpt-5",
      "warn",
    ],
    [
      "several, and an account in need",
      of({ unanswered: ["gpt-5", "b", "c"], held: later, problems: [needs("a")] }),
      "Running, nobody can answer gpt-5 and 2 more",
      "bad",
    ],
    [
      "a wait that is over by now",
      of({ unanswered: ["gpt-5"], held: [waits("gpt-5", NOW - 1)] }),
      "Running",
      "ok",
    ],
    ["no records", of({ problems: [warning("records")] }), "Running, requests are not recorded", "warn"],
    [
      "a config file",
      of({ problems: [warning("config")] }),
      "Running, the config file has a mistake",
      "warn",
    ],
    ["another port", of({ problems: [warning("port")] }), "Running, on another port than set", "warn"],
    ["not kept", of({ problems: [warning("not-kept")] }), "Running, not everything could be kept", "warn"],
    [
      "keys that cannot be read",
      of({ problems: [{ severity: "error", message: "locked", cause: "secrets" }] }),
      "Running, the keys cannot be read",
      "bad",
    ],
    [
      "a key that expires in days, which is no matter yet",
      of({ problems: [{ severity: "notice", message: "soon", cause: "key-expires-7d", key: "ci" }] }),
      "Running",
      "ok",
    ],
    ["a budget", of({ problems: [warning("budget-usd-day")] }), "Running, a budget is nearly used", "warn"],
    [
      "a budget that is used up",
      of({ problems: [{ severity: "error", message: "spent", cause: "budget-usd-day" }] }),
      "Running, a budget is used up",
      "bad",
    ],
    [
      "something of a newer Portico",
      of({ problems: [warning("moon")] }),
      "Running, 1 thing needs you",
      "warn",
    ],
    [
      "several such",
      of({ problems: [warning("moon"), warning("sun")] }),
      "Running, 2 things need you",
      "warn",
    ],
    [
      "a cause that objects have",
      of({ problems: [warning("toString")] }),
      "Running, 1 thing needs you",
      "warn",
    ],
  ])("%s", (_name, snapshot, words, tone) => {
    expect(stateWords(snapshot, NOW, english)).toMatchObject({ words, tone });
  });

  it("has words for every state of the proxy", () => {
    const kinds: Record<ProxyState["kind"], ProxyState> = {
      unknown: { kind: "unknown", word: "x" },
      stopped: { kind: "stopped" },
      starting: { kind: "starting", port: 1 },
      running: RUNNING.proxy,
      failed: { kind: "failed", port: 1, reason: "other", message: "" },
    };
    const all = Object.values(kinds).map((proxy) => stateWords(of({ proxy }), NOW, english).words);
    expect(new Set(all).size).toBe(all.length);
  });

  it("is said in the reader's language", () => {
    const translated: Record<string, string> = {
      Running: "Läuft",
      "1 account needs you": "1 Konto braucht dich",
      "{0}, {1}": "{0} – {1}",
    };
    const { words } = stateWords(of({ problems: [needs("a")] }), NOW, (text, ...values) =>
      english(translated[text] ?? text, ...values),
    );
    expect(words).toBe("Läuft – 1 Konto braucht dich");
  });

  it.each<[boolean, Status["authMode"], RegExp]>([
    [false, "off", /this computer only.*no key/],
    [false, "auto", /this computer only.*no key/],
    [false, "strict", /this computer only.*key needed/],
    [true, "off", /network.*others need the key/],
    [true, "all_except_health", /network.*key needed/],
  ])("says who can reach it: LAN %s, key %s", (lan, authMode, words) => {
    expect(reachWords({ lan, authMode }, english)).toMatch(words);
  });
});
