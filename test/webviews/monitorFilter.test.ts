/** What is typed into the filter of the monitor, and what becomes of it. */

import { describe, expect, it } from "vitest";
import type { RequestFacets, RequestRow } from "../../src/control/requests.ts";
import { matches } from "../../src/gateway/common/wildcard.ts";
import { offersFor } from "../../src/webviews/pages/monitor/autocomplete.ts";
import {
  type FilterState,
  filterOf,
  filterStateOf,
  fits,
  like,
  queryOf,
  SLOW_MS,
  termsOf,
  textOf,
} from "../../src/webviews/pages/monitor/filter.ts";
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
};

const ask = (text: string, more: Partial<FilterState> = {}, facets: RequestFacets | undefined = FACETS) =>
  filterOf({ terms: termsOf(text), show: "all", ...more }, facets);

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
    ["cost:1", { text: "cost:1" }],
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
      ok: true,
      filter: { account: "work", client: "Claude Code", model: "*sonnet*" },
    });
  });

  it("takes a model that there is as it is, though others hold it", () => {
    expect(ask("model:gpt-5")).toEqual({ ok: true, filter: { model: "gpt-5" } });
  });

  it("leaves values alone while it is not known what there is", () => {
    expect(filterOf({ terms: termsOf("model:sonnet account:x"), show: "all" }, undefined)).toEqual({
      ok: true,
      filter: { model: "sonnet", account: "x" },
    });
  });

  it.each([
    ["status:429", { status: 429 }],
    ["status:ok", { outcome: "ok" }],
    ["status:client-left", { outcome: "client-gone" }],
    ["protocol:Anthropic", { protocol: "anthropic" }],
  ])("understands %s", (text, filter) => {
    expect(ask(text)).toEqual({ ok: true, filter });
  });

  it.each(["status:4", "status:soon", "protocol:smtp"])("says what %s could be instead", (text) => {
    const asked = ask(text);
    expect(asked).toMatchObject({ ok: false });
    expect(asked.ok ? "" : asked.message).toMatch(/can be .*(429|anthropic)/);
  });

  it("knows what is failed, failed over, and slow", () => {
    expect(ask("", { show: "errors" })).toEqual({ ok: true, filter: { outcome: "failed" } });
    expect(ask("", { show: "failed-over" })).toEqual({ ok: true, filter: { failedOver: true } });
    expect(ask("", { show: "slow", from: 1, to: 2 })).toEqual({
      ok: true,
      filter: { slowerThanMs: SLOW_MS, from: 1, to: 2 },
    });
  });
});

describe("the page's query", () => {
  it.each<Record<string, string>>([
    { model: "gpt-5", client: "Codex", account: "team", text: "reset" },
    { outcome: "failed" },
    { show: "slow", from: "1700000000000", to: "1700003600000" },
    { status: "429", show: "failed-over" },
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
    });
  });
});

describe("offers", () => {
  const labels = (text: string, caret = text.length, all = false) =>
    offersFor(text, caret, FACETS, all).map(({ label }) => label);

  it("are the keys where nothing is typed, but only when asked", () => {
    expect(labels("", 0)).toEqual([]);
    expect(labels("", 0, true)).toEqual(["model:", "client:", "account:", "status:", "protocol:"]);
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
    [{ text: "/v1/chat" }, "maybe" as const],
    [{ status: 429, text: "/v1/chat" }, false],
  ])("fits %j: %s", (filter, expected) => {
    expect(fits(row, filter)).toBe(expected);
  });

  it("has its model's name compared as the gateway does it", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    fc.assert(
      fc.property(name, name, (text, pattern) => {
        expect(like(text, pattern)).toBe(matches(pattern, text));
      }),
      { numRuns: 2000 },
    );
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
