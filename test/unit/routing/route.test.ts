import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { matches } from "../../../src/control/wildcard.ts";
import type { Account } from "../../../src/gateway/providers/account.ts";
import { describeExplanation } from "../../../src/gateway/routing/explain.ts";
import { explain, type RoutingTable, resolve, type Serves } from "../../../src/gateway/routing/route.ts";
import fc from "../../support/property.ts";
import { type AccountInput, accountsOf, custom } from "./accounts.ts";

/** By patterns of the account's `models`; `maybe:` before one makes it uncertain. */
function serves(account: Account, model: string): Serves {
  const patterns = account.models ?? [];
  if (patterns.some((pattern) => matches(pattern, model))) return "yes";
  return patterns.some((pattern) => pattern.startsWith("maybe:") && matches(pattern.slice(6), model))
    ? "maybe"
    : "no";
}

const table = (
  accounts: Parameters<typeof accountsOf>[0],
  routes: RoutingTable["routes"] = [],
): RoutingTable => ({
  accounts: accountsOf(accounts),
  routes,
  serves,
});

/** `account>model@protocol#target`, the protocol only where it is not the client's. */
const go = (model: string, routing: RoutingTable, protocol: Protocol = "openai-chat") =>
  resolve(model, protocol, routing).map(
    (one) =>
      `${one.account.id}>${one.model}${one.protocol === protocol ? "" : `@${one.protocol}`}${one.target === 0 ? "" : `#${one.target}`}`,
  );

const OPENAI = { id: "work", provider: "openai", models: ["gpt-*"] } satisfies AccountInput;

describe("precedence", () => {
  const routing = table(
    [custom("a", ["openai-chat"], { models: ["*"] })],
    [
      { model: "claude-*", to: ["a/wild"] },
      { model: "claude-opus-*", to: ["a/longer"] },
      { model: "claude-opus-4", to: ["a/exact"] },
      { model: "claude-opus-4", to: ["a/second"] },
      { model: "*-opus-*", to: ["a/shorter"] },
    ],
  );
  it.each([
    ["claude-opus-4", "a>exact"],
    ["claude-opus-5", "a>longer"],
    ["claude-haiku", "a>wild"],
    ["x-opus-1", "a>shorter"],
    ["gpt-5", "a>gpt-5"],
  ])("%s goes to %s", (model, expected) => expect(go(model, routing)).toEqual([expected]));

  it("takes the first of two routes that are as long", () => {
    const routes = [
      { model: "a*", to: ["w/one"] },
      { model: "*a", to: ["w/two"] },
    ];
    expect(go("aa", table([custom("w", ["openai-chat"])], routes))).toEqual(["w>one"]);
  });

  it("names no routes from a route", () => {
    const routes = [
      { model: "fast", to: ["gpt-5"] },
      { model: "gpt-5", to: ["work/gpt-6"] },
    ];
    expect(go("fast", table([OPENAI], routes))).toEqual(["work>gpt-5"]);
  });

  it("does not run in circles", () => {
    expect(go("gpt-5", table([OPENAI], [{ model: "gpt-5", to: ["gpt-5"] }]))).toEqual(["work>gpt-5"]);
  });
});

describe("targets", () => {
  const accounts = [
    { ...OPENAI, priority: 5 },
    custom("mine", ["gemini"], { models: ["gemini-*"] }),
    custom("spare", ["openai-chat"], { models: ["gpt-*", "gemini-*"] }),
  ];

  it("keep their order, whatever the priorities", () => {
    const routes = [{ model: "claude-*", to: ["mine/gemini-2.5-pro", "work/gpt-5"] }];
    expect(go("claude-sonnet", table(accounts, routes))).toEqual([
      "mine>gemini-2.5-pro@gemini",
      "work>gpt-5#1",
    ]);
  });

  it("that are bare models go to all who serve them, by priority", () => {
    const routes = [{ model: "best", to: ["gemini-3", "gpt-5"] }];
    expect(go("best", table(accounts, routes))).toEqual([
      "spare>gemini-3",
      "mine>gemini-3@gemini",
      "work>gpt-5#1",
      "spare>gpt-5#1",
    ]);
  });

  it("that nobody serves are passed over, and keep their number", () => {
    const routes = [{ model: "x", to: ["nobody/y", "nothing", "work/gpt-5"] }];
    expect(go("x", table(accounts, routes))).toEqual(["work>gpt-5#2"]);
  });

  it("with a star keep the name that was asked for", () => {
    const routes = [
      { model: "gpt-*", to: ["work/*"] },
      { model: "m-*", to: ["mine/x-*"] },
      { model: "free-*", to: ["*"] },
    ];
    const routing = table([...accounts, custom("free", ["openai-chat"], { models: ["free-*"] })], routes);
    expect(go("gpt-5-mini", routing)).toEqual(["work>gpt-5-mini"]);
    expect(go("m-1", routing)).toEqual(["mine>x-m-1@gemini"]);
    expect(go("free-7", routing)).toEqual(["free>free-7"]);
  });
});

describe("names with an account or a provider", () => {
  const two = [
    { id: "work", provider: "openai", models: ["gpt-*"] },
    { id: "home", provider: "openai", models: ["gpt-5"], priority: 1 },
  ] satisfies AccountInput[];

  it("an account gets what it is named for, listed or not", () => {
    expect(go("work/gpt-5", table([...two]))).toEqual(["work>gpt-5"]);
    expect(go("work/unheard-of", table([...two]))).toEqual(["work>unheard-of"]);
    expect(go("work/a/b", table([...two]))).toEqual(["work>a/b"]);
  });

  it("a provider means its accounts, by priority", () => {
    expect(go("openai/gpt-5", table([...two]))).toEqual(["home>gpt-5", "work>gpt-5"]);
    expect(go("openai/gpt-6", table([...two]))).toEqual(["work>gpt-6"]);
  });

  it("a provider is believed over lists, but not over the settings", () => {
    const unlisted = { id: "open", provider: "openai" } satisfies AccountInput;
    expect(go("openai/ft:mine", table([unlisted]))).toEqual(["open>ft:mine"]);
    expect(go("openai/ft:mine", table([...two]))).toEqual([]);
    expect(go("openai/ft:mine", table([...two, unlisted]))).toEqual(["open>ft:mine"]);
  });

  it("an account hides a provider of that name", () => {
    const accounts = [
      custom("openai", ["openai-chat"]),
      { id: "work", provider: "openai" } satisfies AccountInput,
    ];
    expect(go("openai/gpt-5", table(accounts))).toEqual(["openai>gpt-5"]);
  });

  it("the sandbox is always there under its own name, and only so", () => {
    expect(go("sandbox/echo", table([...two]))).toEqual(["sandbox>echo"]);
    expect(go("sandbox/echo", table([]), "gemini")).toEqual(["sandbox>echo"]);
    expect(go("echo", table([]))).toEqual([]);
  });

  it.each(["/gpt-5", "work/", "/", ""])("%j is read as a whole name", (name) => {
    expect(go(name, table([...two]))).toEqual([]);
    expect(go(name, table([custom("all", ["openai-chat"], { models: ["*"] })]))).toEqual([`all>${name}`]);
  });
});

describe("literal names with slashes", () => {
  const router = {
    id: "or",
    provider: "openrouter",
    models: ["anthropic/claude-*", "openrouter/auto"],
  } satisfies AccountInput;

  it("go to who lists them", () => {
    expect(go("anthropic/claude-sonnet-4.5", table([router]))).toEqual(["or>anthropic/claude-sonnet-4.5"]);
    expect(go("or/anthropic/claude-x", table([router]))).toEqual(["or>anthropic/claude-x"]);
    expect(go("openrouter/anthropic/claude-x", table([router]))).toEqual(["or>anthropic/claude-x"]);
  });

  it("stand beside what the prefix means, in one target", () => {
    const direct = {
      id: "ant",
      provider: "anthropic",
      models: ["claude-*"],
      priority: 1,
    } satisfies AccountInput;
    expect(go("anthropic/claude-x", table([router, direct]), "anthropic")).toEqual([
      "ant>claude-x",
      "or>anthropic/claude-x",
    ]);
    expect(go("anthropic/claude-x", table([router, { ...direct, priority: -1 }]), "anthropic")).toEqual([
      "or>anthropic/claude-x",
      "ant>claude-x",
    ]);
  });

  it("win over the prefix where only they are certain", () => {
    expect(go("openrouter/auto", table([router]))).toEqual(["or>openrouter/auto"]);
    const named = { ...router, id: "openrouter" };
    expect(go("openrouter/auto", table([named]))).toEqual(["openrouter>openrouter/auto"]);
    expect(go("openrouter/anthropic/claude-x", table([named]))).toEqual(["openrouter>anthropic/claude-x"]);
  });

  it("are not guessed at while the prefix means something", () => {
    const vague = custom("vague", ["openai-chat"], { models: ["maybe:*"] });
    const direct = { id: "ant", provider: "anthropic", models: ["claude-*"] } satisfies AccountInput;
    expect(go("anthropic/claude-x", table([vague, direct]))).toEqual(["ant>claude-x@anthropic"]);
    expect(go("meta/llama", table([vague, direct]))).toEqual(["vague>meta/llama"]);
  });
});

describe("order within a target", () => {
  it("priority, then certainty, then the client's protocol, then the settings' order", () => {
    const accounts = [
      custom("late", ["anthropic"], { models: ["m"], priority: -1 }),
      custom("translated", ["openai-chat"], { models: ["m"] }),
      custom("perhaps", ["anthropic"], { models: ["maybe:m"] }),
      custom("same", ["anthropic"], { models: ["m"] }),
      custom("same-too", ["anthropic"], { models: ["m"] }),
      custom("first", ["gemini"], { models: ["maybe:m"], priority: 9 }),
    ];
    expect(go("m", table(accounts), "anthropic")).toEqual([
      "first>m@gemini",
      "same>m",
      "same-too>m",
      "translated>m@openai-chat",
      "perhaps>m",
      "late>m",
    ]);
  });

  it.each([
    ["openai-chat", ["gemini", "openai-responses", "anthropic"], "anthropic"],
    ["anthropic", ["gemini", "openai-chat", "openai-responses"], "openai-responses"],
    ["anthropic", ["gemini", "openai-chat"], "gemini"],
    ["openai-responses", ["gemini"], "gemini"],
    ["gemini", ["gemini", "anthropic"], "gemini"],
  ] as [Protocol, Protocol[], Protocol][])(
    "%s at an account that speaks %j uses %s",
    (asked, speaks, used) => {
      const [candidate] = resolve("a/m", asked, table([custom("a", speaks)]));
      expect(candidate?.protocol).toBe(used);
    },
  );
});

describe("accounts that cannot be used", () => {
  it("disabled ones never are, however they are named", () => {
    const off = { id: "off", provider: "openai", models: ["*"], enabled: false } satisfies AccountInput;
    for (const name of ["gpt-5", "off/gpt-5", "openai/gpt-5"]) expect(go(name, table([off]))).toEqual([]);
    const routes = [{ model: "x", to: ["off/gpt-5", "gpt-5"] }];
    expect(go("x", table([off], routes))).toEqual([]);
  });

  it("a disabled account's name is no one else's guess", () => {
    const off = { id: "off", provider: "openai", enabled: false } satisfies AccountInput;
    const vague = custom("vague", ["openai-chat"], { models: ["maybe:*"] });
    expect(go("off/gpt-5", table([off, vague]))).toEqual([]);
  });

  it("ones without an address are left out", () => {
    expect(go("az/gpt-5", table([{ id: "az", provider: "azure-openai" }]))).toEqual([]);
  });
});

describe("properties", () => {
  const name = fc.stringMatching(/^[ab*/]{1,6}$/);
  const model = fc.stringMatching(/^[ab/]{1,6}$/);
  const anyTable = fc
    .record({
      accounts: fc.uniqueArray(
        fc.record({
          id: fc.constantFrom("a", "b", "ab", "ba"),
          priority: fc.integer({ min: -2, max: 2 }),
          enabled: fc.boolean(),
          models: fc.array(name, { maxLength: 3 }),
          speaks: fc.subarray([...PROTOCOLS], { minLength: 1 }),
        }),
        { selector: (one) => one.id },
      ),
      routes: fc.array(fc.record({ model: name, to: fc.array(name, { minLength: 1, maxLength: 4 }) }), {
        maxLength: 4,
      }),
    })
    .map(({ accounts, routes }) =>
      table(
        accounts.map(({ speaks, ...one }) => custom(one.id, speaks, one)),
        routes,
      ),
    );

  it("targets in order, one candidate per account and target, never a disabled one, the client's protocol where there is one", () => {
    fc.assert(
      fc.property(anyTable, model, fc.constantFrom(...PROTOCOLS), (routing, asked, protocol) => {
        const found = resolve(asked, protocol, routing);
        expect(found).toEqual(resolve(asked, protocol, routing));
        expect(new Set(found.map((one) => `${one.target} ${one.account.id}`)).size).toBe(found.length);
        for (const [index, one] of found.entries()) {
          expect(one.account.enabled).toBe(true);
          expect(one.target).toBeGreaterThanOrEqual(found[index - 1]?.target ?? 0);
          expect(one.account.endpoints.has(one.protocol)).toBe(true);
          if (one.account.endpoints.has(protocol)) expect(one.protocol).toBe(protocol);
          const next = found[index + 1];
          if (next?.target === one.target)
            expect(next.account.priority).toBeLessThanOrEqual(one.account.priority);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("explain", () => {
  it("says which route, and of each account why or why not", () => {
    const accounts = [
      OPENAI,
      custom("mine", ["gemini"], { models: ["maybe:gpt-*"] }),
      { id: "off", provider: "openai", models: ["*"], enabled: false } satisfies AccountInput,
      { id: "az", provider: "azure-openai", models: ["*"] } satisfies AccountInput,
      custom("vague", ["openai-chat"], { models: ["maybe:*"] }),
    ];
    const routes = [{ model: "gpt-*", to: ["*", "off/gpt-5", "openai/gpt-5"] }];
    const explained = explain("gpt-5", "openai-chat", table(accounts, routes));
    expect(explained.route).toEqual({ index: 0, model: "gpt-*", kind: "wildcard" });
    expect(describeExplanation(explained)).toEqual([
      '"gpt-5" is named by route 1, "gpt-*" (wildcard).',
      "1. gpt-5",
      '   work: "gpt-5", priority 0, speaks OpenAI chat completions',
      '   vague: "gpt-5", priority 0, speaks OpenAI chat completions, not certain to serve it',
      '   mine: "gpt-5", priority 0, translated to Gemini, not certain to serve it',
      "   off: is disabled",
      "   az: has no address",
      '   sandbox: does not serve "gpt-5"',
      "2. off/gpt-5",
      "   off: is disabled",
      "   az: has no address",
      '   vague: may serve "off/gpt-5", but the part before the slash already means an account or provider',
      '   work: does not serve "off/gpt-5"',
      '   sandbox: does not serve "off/gpt-5"',
      '   mine: does not serve "off/gpt-5"',
      "3. openai/gpt-5",
      '   work: "gpt-5", priority 0, speaks OpenAI chat completions',
      "   off: is disabled",
      "   az: has no address",
      '   vague: may serve "openai/gpt-5", but the part before the slash already means an account or provider',
      '   sandbox: does not serve "openai/gpt-5"',
      '   mine: does not serve "openai/gpt-5"',
    ]);
  });

  it("says when nobody serves a model", () => {
    expect(describeExplanation(explain("x", "gemini", table([])))).toEqual([
      '"x" is named by no route; the catalog decides.',
      "1. x",
      '   sandbox: does not serve "x"',
      "Nobody serves it.",
    ]);
  });
});
