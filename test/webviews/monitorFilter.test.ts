/** What is typed into the filter of the monitor, and what becomes of it. */

import { describe, expect, it } from "vitest";
import type { RequestFacets, RequestRow } from "../../src/control/requests.ts";
import { writeMoment } from "../../src/webviews/days.ts";
import { offersFor } from "../../src/webviews/pages/monitor/autocomplete.ts";
import {
  type FilterState,
  filterOf,
  filterStateOf,
  fits,
  queryOf,
  SLOW_MS,
  termsOf,
  textOf,
} from "../../src/webviews/pages/monitor/filter.ts";
import { readMoment, switched } from "../../src/webviews/pages/monitor/timeChoice.ts";
import { timeRangesOf } from "../../src/webviews/pages/monitor/timeRanges.ts";
import { refusedOrigin } from "../../src/webviews/requestLabels.ts";
import fc from "../support/property.ts";

const FACETS: RequestFacets = {
  clients: ["Claude Code", "Codex"],
  models: ["claude-sonnet-5", "gpt-5", "gpt-5-mini"],
  accounts: [
    { id: "work", label: "Work · Anthropic" },
    { id: "team", label: "Team · OpenAI" },
  ],
  protocols: ["anthropic", "openai-chat"],
  keys: [{ id: "ci-1a2b3c4d", label: "CI of the team" }],
};

const ANY = { kind: "any" } as const;
const NOW = new Date(2026, 2, 12, 14, 31).getTime();
const ask = (text: string, more: Partial<FilterState> = {}, facets: RequestFacets | undefined = FACETS) =>
  filterOf({ terms: termsOf(text), show: "all", time: ANY, ...more }, facets, NOW);

describe("the filter's text", () => {
  it("has keys, and everything else is text", () => {
    expect(termsOf('model:gpt-5 timeout client:"Claude Code" upstream')).toEqual({
      model: "gpt-5",
      client: "Claude Code",
      text: "timeout upstream",
    });
  });

  it.each([
    ["http://127.0.0.1:8045/v1", { text: "http://127.0.0.1:8045/v1" }],
    ["model:", {}],
    ["model: gpt", { text: "gpt" }],
    ['client:"Claude', { client: "Claude" }],
    ['"two words"', { text: "two words" }],
    ["model:a model:b", { model: "b" }],
    ["  ", {}],
    ["size:1", { text: "size:1" }],
  ])("reads %j", (text, terms) => {
    expect(termsOf(text)).toEqual(terms);
  });

  it("is written so that it is read the same", () => {
    const value = fc
      .string({ minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() !== "" && !text.includes('"'));
    fc.assert(
      fc.property(
        fc.record({ model: value, client: value, account: value }, { requiredKeys: [] }),
        (terms) => {
          expect(termsOf(textOf(terms))).toEqual(terms);
        },
      ),
    );
  });
});

describe("the filter's meaning", () => {
  it("finds an account by its label, a client by its beginning, a model by a part", () => {
    expect(ask("account:anthropic client:claude model:sonnet")).toEqual({
      wrong: [],
      filter: { account: "work", client: "Claude Code", model: "*sonnet*" },
    });
  });

  it("asks for a client key by its id, or by what of its name is typed", () => {
    for (const typed of ["key:ci-1a2b3c4d", 'key:"CI of the team"', "key:team"]) {
      expect(ask(typed)).toEqual({ wrong: [], filter: { key: "ci-1a2b3c4d" } });
    }
    expect(ask("key:gone-9").filter).toEqual({ key: "gone-9" });
    expect(ask("key:-").filter).toEqual({ key: "-" });
    const { keys: _keys, ...older } = FACETS;
    expect(ask("key:team", {}, older).filter).toEqual({ key: "team" });
    expect(offersFor("key:", 4, FACETS).map(({ text }) => text)).toEqual(['key:"CI of the team" ']);
  });

  it("takes a model that there is as it is, though others hold it", () => {
    expect(ask("model:gpt-5")).toEqual({ wrong: [], filter: { model: "gpt-5" } });
  });

  it("leaves values alone while it is not known what there is", () => {
    const state = { terms: termsOf("model:sonnet account:x"), show: "all", time: ANY } as const;
    expect(filterOf(state, undefined, NOW)).toEqual({
      wrong: [],
      filter: { model: "sonnet", account: "x" },
    });
  });

  it.each([
    ["status:429", { status: 429 }],
    ["status:ok", { outcome: "ok" }],
    ["status:client-left", { outcome: "client-gone" }],
    ["protocol:Anthropic", { protocol: "anthropic" }],
    ["status:>=400", { ranges: { status: { atLeast: 400 } } }],
    ["status:5xx", { ranges: { status: { atLeast: 500, below: 600 } } }],
    ["took:>10s", { ranges: { durationMs: { above: 10_000 } } }],
    ["took:>10", { ranges: { durationMs: { above: 10_000 } } }],
    ["took:<=500ms", { ranges: { durationMs: { atMost: 500 } } }],
    ["took:>=1.5min", { ranges: { durationMs: { atLeast: 90_000 } } }],
    ["cost:>0.1", { ranges: { cost: { above: 0.1 } } }],
    ["cost:<$.5", { ranges: { cost: { below: 0.5 } } }],
    ["tokens:>50k", { ranges: { tokens: { above: 50_000 } } }],
    ["tokens:<1.5M", { ranges: { tokens: { below: 1_500_000 } } }],
    ["via:translation", { lane: "B" }],
    ["via:claude-*", { route: "claude-*" }],
    ["error:rate_limit", { errorKind: "rate_limit" }],
    ["used:gpt-5", { usedModel: "gpt-5" }],
    ["key:ci-1a2b", { key: "ci-1a2b" }],
    [
      "tokens:>50k took:>10s status:>=400",
      { ranges: { tokens: { above: 50_000 }, durationMs: { above: 10_000 }, status: { atLeast: 400 } } },
    ],
  ])("understands %s", (text, filter) => {
    expect(ask(text)).toEqual({ wrong: [], filter });
  });

  it.each([
    "status:4",
    "status:soon",
    "protocol:smtp",
    "took:10s",
    "took:>soon",
    "took:>10k",
    "cost:cheap",
    "tokens:>",
    "tokens:>5s",
    "tokens:>constructor",
  ])("says what %s could be instead, and lets the others count", (text) => {
    const { wrong, filter } = ask(`${text} model:gpt-5 reset`);
    expect(wrong).toEqual([{ term: text, message: expect.stringMatching(/can be .*(429|anthropic|>)/) }]);
    expect(filter).toEqual({ model: "gpt-5", text: "reset" });
  });

  it("takes whatever is typed for a filter, and never fails", () => {
    fc.assert(
      fc.property(fc.constantFrom("took", "cost", "tokens", "status", "via"), fc.string(), (key, value) => {
        const { filter, wrong } = ask(`${key}:${value}`);
        const ranges = Object.values(filter.ranges ?? {}).flatMap((range) => Object.values(range));
        expect(ranges.every((bound) => Number.isFinite(bound) && bound >= 0)).toBe(true);
        expect(wrong.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each<[FilterState["time"], object]>([
    [{ kind: "hour" }, { from: NOW - 3_600_000 }],
    [{ kind: "today" }, { from: new Date(2026, 2, 12).getTime() }],
    [
      { kind: "day", day: "2026-03-11" },
      { from: new Date(2026, 2, 11).getTime(), to: new Date(2026, 2, 12).getTime() },
    ],
    [{ kind: "custom", from: 5 }, { from: 5 }],
    [
      { kind: "custom", from: 5, to: 9 },
      { from: 5, to: 9 },
    ],
  ])("knows the time %j", (time, filter) => {
    expect(ask("", { time })).toEqual({ wrong: [], filter });
  });

  it("goes on from one time to another with what is shown", () => {
    const day = switched({ kind: "any" }, "day", NOW);
    expect(day).toEqual({ kind: "day", day: "2026-03-12" });
    const from = new Date(2026, 2, 12).getTime();
    const to = new Date(2026, 2, 13).getTime();
    expect(switched(day, "custom", NOW)).toEqual({ kind: "custom", from, to });
    expect(readMoment(writeMoment(NOW))).toBe(NOW);
    expect(readMoment("")).toBeUndefined();
  });

  it("knows what is failed, failed over, and slow", () => {
    expect(ask("", { show: "errors" })).toEqual({ wrong: [], filter: { outcome: "failed" } });
    expect(ask("", { show: "failed-over" })).toEqual({ wrong: [], filter: { failedOver: true } });
    expect(ask("", { show: "slow" })).toEqual({ wrong: [], filter: { slowerThanMs: SLOW_MS } });
  });
});

describe("the page's query", () => {
  it.each<Record<string, string>>([
    { model: "gpt-5", client: "Codex", account: "team", text: "reset" },
    { outcome: "failed" },
    { show: "slow", from: "1700000000000", to: "1700003600000" },
    { status: "429", show: "failed-over" },
    { time: "today", took: ">10s" },
    { day: "2026-03-12", used: "gpt-5" },
    { time: "hour", via: "translation", error: "quota" },
    {},
  ])("is asked and written the same: %j", (query) => {
    const written = Object.entries(queryOf(filterStateOf(query))).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(written)).toEqual(query);
  });

  it("of another page's link is understood: what was answered, who left", () => {
    expect(filterStateOf({ outcome: "client-gone" }).terms).toEqual({ status: "client-left" });
    expect(filterStateOf({ outcome: "ok" }).terms).toEqual({ status: "ok" });
    expect(filterStateOf({ outcome: "nonsense", show: "nonsense", from: "x", to: "-1" })).toEqual({
      terms: {},
      show: "all",
      time: ANY,
    });
    expect(filterStateOf({ time: "never", day: "2026-02-31" }).time).toEqual(ANY);
  });
});

describe("offers", () => {
  const labels = (text: string, caret = text.length, all = false) =>
    offersFor(text, caret, FACETS, all).map(({ label }) => label);

  it("are the keys where nothing is typed, but only when asked", () => {
    expect(labels("", 0)).toEqual([]);
    expect(labels("", 0, true)).toEqual(
      "model client account status took cost tokens via error protocol used key"
        .split(" ")
        .map((key) => `${key}:`),
    );
  });

  it("say what there is, and what a key takes", () => {
    const hints = Object.fromEntries(offersFor("", 0, FACETS, true).map(({ label, hint }) => [label, hint]));
    expect(hints["model:"]).toBe("asked for or used, 3 known");
    expect(hints["took:"]).toBe("such as >10s");
    expect(labels("via:")).toEqual(["passthrough", "translation", "sandbox"]);
    expect(labels("tokens:>5")).toEqual([">50k"]);
  });

  it("are the values of a key", () => {
    expect(labels("model:gpt")).toEqual(["gpt-5", "gpt-5-mini"]);
    expect(labels("account:")).toEqual(["Work · Anthropic", "Team · OpenAI"]);
  });

  it("are put in where the caret is, and leave the rest", () => {
    const [first] = offersFor("client:cla status:429", 10, FACETS);
    expect(first).toEqual({ label: "Claude Code", text: 'client:"Claude Code" status:429', caret: 21 });
  });

  it("name the key of what was typed without one", () => {
    expect(labels("sonn")).toEqual(["model:claude-sonnet-5"]);
  });
});

describe("a new request", () => {
  const row: RequestRow = {
    id: "req_abc",
    seq: 7,
    time: 1000,
    client: "Codex",
    protocol: "openai-chat",
    model: "gpt-5",
    modelUsed: "gemini-2.5-pro",
    account: "work",
    accountLabel: "Work",
    status: 200,
    outcome: "ok",
    attempts: 2,
    failedOver: true,
    path: "/v1/chat/completions",
    tokens: { input: 20, cacheRead: 0, cacheWrite: 0, output: 10, reasoning: 0, estimated: false },
    durationMs: 12_000,
    warnings: 0,
  };

  it.each([
    [{}, true],
    [{ model: "gemini*" }, true],
    [{ model: "gemini" }, false],
    [{ outcome: "failed" as const }, false],
    [{ failedOver: true, slowerThanMs: 12_000 }, true],
    [{ slowerThanMs: 12_001 }, false],
    [{ from: 1000, to: 1001 }, true],
    [{ to: 1000 }, false],
    [{ text: "GEMINI" }, true],
    [{ text: "req_ab" }, true],
    [{ text: "/v1/chat" }, true],
    [{ text: "/v1/embed" }, false],
    [{ ranges: { durationMs: { above: 11_999, atMost: 12_000 } } }, true],
    [{ ranges: { durationMs: { above: 12_000 } } }, false],
    [{ ranges: { cost: { atLeast: 0 } } }, false],
    [{ ranges: { tokens: { atLeast: 30, below: 31 } } }, true],
    [{ ranges: { status: { atLeast: 400 } } }, false],
    [{ usedModel: "gpt-5" }, false],
    [{ usedModel: "gemini-2.5-pro" }, true],
    [{ account: "-" }, false],
    [{ route: "-", errorKind: "-" }, true],
    [{ status: 429, text: "/v1/chat" }, false],
  ])("fits %j: %s", (filter, expected) => {
    expect(fits(row, filter)).toBe(expected);
  });
});

describe("a refused origin", () => {
  const refused = (error: string, status = 403) => refusedOrigin({ status, error });

  it("is what the guard names", () => {
    expect(
      refused(
        'The origin "https://chat.example" may not call this gateway. The setting allowedOrigins names …',
      ),
    ).toBe("https://chat.example");
  });

  it.each([
    'The origin "null" may not call this gateway. It stands for a page without an origin',
    'The origin "https://very-long…" may not call this gateway.',
    'The origin "https://b?d.example" may not call this gateway.',
    "Requests from other computers are refused.",
  ])("is none where none can be allowed: %s", (error) => {
    expect(refused(error)).toBeUndefined();
  });

  it("is not read from what a provider says", () => {
    expect(refused('The origin "https://x.example" may not call this gateway.', 400)).toBeUndefined();
  });
});

describe("the stretches of a try", () => {
  const attempt = { account: "a", accountLabel: "A", model: "m", protocol: "anthropic" as const };

  it("are waiting and answering", () => {
    expect(timeRangesOf({ ...attempt, at: 250, took: 4000, status: 200, outcome: "ok" }, 580)).toEqual([
      { kind: "waiting", from: 250, to: 580 },
      { kind: "streaming", from: 580, to: 4250 },
    ]);
  });

  it("are one where it failed, by how bad that is", () => {
    expect(timeRangesOf({ ...attempt, at: 0, took: 200, status: 429, outcome: "rate-limit" }, 580)).toEqual([
      { kind: "failed-warn", from: 0, to: 200 },
    ]);
    expect(timeRangesOf({ ...attempt, at: 0, took: 200, outcome: "network" }, undefined)).toEqual([
      { kind: "failed-bad", from: 0, to: 200 },
    ]);
  });

  it("show what was answered before it broke off", () => {
    expect(
      timeRangesOf({ ...attempt, at: 0, took: 900, outcome: "broken" }, 500).map(({ kind }) => kind),
    ).toEqual(["waiting", "streaming"]);
  });
});
