import { describe, expect, it } from "vitest";
import { traitsOf } from "../../../src/gateway/models/traitsOf.ts";
import type { Account } from "../../../src/gateway/providers/account.ts";
import {
  Catalog,
  LIST_TTL_MS,
  MAX_ACCOUNTS,
  MAX_LISTED,
  RETRY_MS,
} from "../../../src/gateway/routing/catalog.ts";
import { resolve } from "../../../src/gateway/routing/route.ts";
import type { RouteSettings } from "../../../src/gateway/settings/settings.ts";
import { accountsOf, custom } from "./accounts.ts";

type Lists = Record<
  string,
  readonly (string | { id: string; context_length?: number })[] | Error | undefined
>;

function setup(accounts: Parameters<typeof accountsOf>[0], lists: Lists, routes: RouteSettings[] = []) {
  const clock = { time: 0, monotonic: () => clock.time };
  const asked: string[] = [];
  const fetchJson = async (account: Account, path: string) => {
    asked.push(`${account.id} ${path}`);
    const list = lists[account.id];
    if (list === undefined) throw new Error("no list");
    if (list instanceof Error) throw list;
    const data = list.map((model) => (typeof model === "string" ? { id: model } : model));
    return account.provider.id === "gemini"
      ? { models: data.map(({ id }) => ({ name: `models/${id}` })) }
      : { data };
  };
  const catalog = new Catalog({ fetchJson, clock });
  const built = accountsOf(accounts);
  catalog.configure(built, routes);
  const of = (id: string): Account => {
    const found = built.find((account) => account.id === id);
    if (found === undefined) throw new Error(id);
    return found;
  };
  return { catalog, clock, asked, of, built, lists };
}

const settled = () => new Promise<void>((done) => setImmediate(done));

describe("serves", () => {
  it("believes the settings before any list", async () => {
    const { catalog, of, asked } = setup([{ id: "a", provider: "openai", models: ["gpt-5*", "mine"] }], {
      a: ["gpt-4"],
    });
    expect(catalog.serves(of("a"), "gpt-5-mini")).toBe("yes");
    expect(catalog.serves(of("a"), "mine")).toBe("yes");
    expect(catalog.serves(of("a"), "gpt-4")).toBe("no");
    await settled();
    expect(asked).toEqual([]);
  });

  it("knows families until the list is there, then what is listed; families remain a maybe", async () => {
    const { catalog, of } = setup([{ id: "a", provider: "openai" }], { a: ["gpt-5"] });
    expect(catalog.serves(of("a"), "gpt-5")).toBe("maybe");
    expect(catalog.serves(of("a"), "claude-x")).toBe("no");
    await settled();
    expect(catalog.serves(of("a"), "gpt-5")).toBe("yes");
    expect(catalog.serves(of("a"), "gpt-5-2025-08-07")).toBe("maybe");
    expect(catalog.serves(of("a"), "llama")).toBe("no");
  });

  it("takes anything for possible at a server of one's own, until it has said what it has", async () => {
    const { catalog, of } = setup([{ id: "o", provider: "ollama" }, custom("c", ["openai-chat"])], {
      o: ["llama3:latest"],
    });
    expect(catalog.serves(of("o"), "gpt-5")).toBe("maybe");
    await settled();
    expect(catalog.serves(of("o"), "gpt-5")).toBe("no");
    expect(catalog.serves(of("c"), "gpt-5")).toBe("maybe");
  });

  it("knows names that providers document for a listed model", async () => {
    const { catalog, of } = setup(
      [
        { id: "o", provider: "ollama" },
        { id: "r", provider: "openrouter" },
        { id: "a", provider: "anthropic" },
      ],
      { o: ["llama3:latest"], r: ["qwen/qwen3"], a: ["claude-sonnet-4-5-20250929"] },
    );
    await catalog.warm();
    expect(catalog.serves(of("o"), "llama3")).toBe("yes");
    expect(catalog.serves(of("o"), "llama3:8b")).toBe("no");
    expect(catalog.serves(of("r"), "qwen/qwen3:free")).toBe("yes");
    expect(catalog.serves(of("r"), "qwen/other")).toBe("maybe");
    expect(catalog.serves(of("r"), "qwen3")).toBe("no");
    expect(catalog.serves(of("a"), "claude-sonnet-4-5")).toBe("yes");
    expect(catalog.serves(of("a"), "claude-sonnet-4")).toBe("maybe");
  });

  it("keeps the sandbox to its own name", () => {
    const { catalog, of } = setup([], {});
    expect(catalog.serves(of("sandbox"), "echo")).toBe("no");
  });
});

describe("lists", () => {
  it("are asked for again at once when an account has a new key, or works again", async () => {
    const { catalog, of, asked, lists } = setup([{ id: "a", provider: "openai" }], { a: ["gpt-5"] });
    await catalog.warm();
    lists["a"] = ["gpt-6"];
    catalog.askAgain("a");
    catalog.askAgain("gone");
    // Until the new one is there, the old one holds.
    expect(catalog.serves(of("a"), "gpt-5")).toBe("yes");
    await settled();
    expect(catalog.serves(of("a"), "gpt-6")).toBe("yes");
    expect(asked).toHaveLength(2);
  });

  it("do not wait for the time of a failure to be over, nor believe one of the key before", async () => {
    const { catalog, of, lists } = setup([{ id: "a", provider: "openai" }], { a: new Error("refused") });
    // Under way with the old key.
    const before = catalog.warm();
    catalog.askAgain("a");
    lists["a"] = ["gpt-5"];
    await catalog.warm();
    await before;
    expect(catalog.serves(of("a"), "gpt-5")).toBe("yes");
    expect(catalog.state(of("a")).error).toBeUndefined();
  });

  it("are read once at a time, and again when they are old", async () => {
    const { catalog, of, asked, clock } = setup([{ id: "a", provider: "openai" }], { a: ["gpt-5"] });
    catalog.serves(of("a"), "x");
    catalog.serves(of("a"), "x");
    await Promise.all([catalog.warm(), catalog.warm()]);
    expect(asked).toEqual(["a /models"]);
    clock.time += LIST_TTL_MS - 1;
    await catalog.warm();
    expect(asked).toHaveLength(1);
    clock.time += 1;
    catalog.serves(of("a"), "x");
    await settled();
    expect(asked).toHaveLength(2);
  });

  it("stay when the provider fails, which is asked again at growing gaps", async () => {
    const { catalog, of, asked, clock, lists } = setup([{ id: "a", provider: "openai" }], { a: ["gpt-5"] });
    await catalog.warm();
    lists.a = new Error("down");
    for (const gap of [LIST_TTL_MS, RETRY_MS, 2 * RETRY_MS, 4 * RETRY_MS]) {
      const before = asked.length;
      clock.time += gap - 1;
      await catalog.warm();
      expect(asked).toHaveLength(before);
      clock.time += 1;
      await catalog.warm();
      expect(asked).toHaveLength(before + 1);
    }
    expect(catalog.serves(of("a"), "gpt-5")).toBe("yes");
    expect(catalog.state(of("a"))).toEqual({ models: [{ id: "gpt-5" }], error: "down" });
    lists.a = ["gpt-6"];
    clock.time += LIST_TTL_MS;
    await catalog.warm();
    expect(catalog.state(of("a"))).toEqual({ models: [{ id: "gpt-6" }], error: undefined });
  });

  it("are not asked of disabled accounts, nor of providers that have none", async () => {
    const { catalog, asked } = setup(
      [
        { id: "off", provider: "openai", enabled: false },
        { id: "v", provider: "vertex", endpoints: { gemini: "https://aiplatform.googleapis.com/v1" } },
      ],
      {},
    );
    await catalog.warm();
    expect(catalog.list()).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("belong to where they were read from", async () => {
    const { catalog, of, asked } = setup([custom("a", ["openai-chat"])], { a: ["m"] });
    await catalog.warm();
    expect(catalog.serves(of("a"), "m")).toBe("yes");
    const moved = accountsOf([
      { ...custom("a", ["openai-chat"]), endpoints: { "openai-chat": "http://127.0.0.1:9/v1" } },
    ]);
    catalog.configure(moved, []);
    const [account] = moved;
    expect(account === undefined ? "" : catalog.serves(account, "m")).toBe("maybe");
    await settled();
    expect(asked).toHaveLength(2);
  });

  it("are kept of so many accounts, and listed so far", async () => {
    const many = (from: number) =>
      accountsOf(
        Array.from({ length: 700 }, (_, index) => ({ id: `a${from + index}`, provider: "openai" as const })),
      );
    const { catalog } = setup([], {});
    await catalog.warm(many(0));
    await catalog.warm(many(700));
    const states = [...many(0), ...many(700)].map((account) => catalog.state(account).error);
    expect(states.filter((error) => error !== undefined)).toHaveLength(MAX_ACCOUNTS);

    const models = (name: string) => Array.from({ length: 9000 }, (_, index) => `${name}${index}`);
    const three = ["x", "y", "z"].map((id) => ({ id, provider: "openai" as const }));
    const large = setup(three, { x: models("x"), y: models("y"), z: models("z") });
    await large.catalog.warm();
    expect(large.catalog.list()).toHaveLength(MAX_LISTED);
  });

  it("are forgotten with their account", async () => {
    const { catalog, of, built } = setup([{ id: "a", provider: "openai" }], { a: ["gpt-5"] });
    await catalog.warm();
    catalog.configure([], []);
    catalog.configure(built, []);
    expect(catalog.state(of("a")).models).toBeUndefined();
  });
});

describe("list", () => {
  it("gives plain names, and names with the account where several have the model", async () => {
    const { catalog, built } = setup(
      [
        { id: "work", provider: "openai" },
        { id: "home", provider: "openai", priority: 1 },
        { id: "or", provider: "openrouter" },
      ],
      {
        work: ["gpt-5", "gpt-5-pro"],
        home: ["gpt-5"],
        or: [{ id: "openai/gpt-5", context_length: 400_000 }],
      },
    );
    await catalog.warm();
    const listed = catalog.list();
    expect(listed.map((info) => `${info.id} ${info.account}`)).toEqual([
      "gpt-5 home",
      "home/gpt-5 home",
      "work/gpt-5 work",
      "gpt-5-pro work",
      "openai/gpt-5 or",
    ]);
    expect(listed.at(-1)).toEqual({
      id: "openai/gpt-5",
      account: "or",
      provider: "openrouter",
      contextWindow: 400_000,
      maxOutputTokens: 128_000,
      traits: traitsOf("openai/gpt-5", "openrouter"),
    });
    const table = { routes: [], accounts: built, serves: catalog.serves.bind(catalog) };
    for (const info of listed) {
      expect(resolve(info.id, "openai-chat", table).map((one) => one.account.id)).toContain(info.account);
    }
  });

  it("gives exact routes first, by where they lead", async () => {
    const routes = [
      { model: "best", to: ["nobody/x", "work/gpt-5"] },
      { model: "gpt-5", to: ["work/gpt-5-pro"] },
      { model: "claude-*", to: ["work/gpt-5"] },
      { model: "lost", to: ["nobody/x"] },
    ];
    const { catalog } = setup(
      [{ id: "work", provider: "openai" }],
      { work: [{ id: "gpt-5", context_length: 7 }] },
      routes,
    );
    await catalog.warm();
    const told = { account: "work", provider: "openai", maxOutputTokens: 128_000 };
    const takes = (model: string) => ({ traits: traitsOf(model, "openai") });
    expect(catalog.list()).toEqual([
      // What the list does not tell, the table of models does.
      { ...told, ...takes("gpt-5"), id: "best", contextWindow: 7, leadsTo: "work/gpt-5" },
      { ...told, ...takes("gpt-5-pro"), id: "gpt-5", contextWindow: 400_000, leadsTo: "work/gpt-5-pro" },
    ]);
  });

  it("shows of the settings' patterns what is listed, and the names that are none", async () => {
    const { catalog } = setup([{ id: "a", provider: "openai", models: ["gpt-5*", "my-model"] }], {
      a: ["gpt-5", "gpt-4"],
    });
    await catalog.warm();
    expect(catalog.list().map((info) => info.id)).toEqual(["gpt-5", "my-model"]);
  });

  it("writes the account before a name that would be read as another account's", async () => {
    const { catalog } = setup(
      [
        { id: "openai", provider: "openai" },
        { id: "or", provider: "openrouter" },
      ],
      {
        openai: ["gpt-5"],
        or: ["openai/gpt-5"],
      },
    );
    await catalog.warm();
    expect(catalog.list().map((info) => info.id)).toEqual(["gpt-5", "or/openai/gpt-5"]);
  });

  it("offers the sandbox while there is nothing else", () => {
    const ids = ["echo", "markdown", "reasoning", "tools", "slow", "flaky"].map((name) => `sandbox/${name}`);
    expect(
      setup([], {})
        .catalog.list()
        .map((info) => info.id),
    ).toEqual(ids);
    expect(
      setup([{ id: "a", provider: "openai", models: ["m"] }], {})
        .catalog.list()
        .map((info) => info.id),
    ).toEqual(["m"]);
  });

  it("finds listed names, and unlisted ones that lead somewhere", () => {
    const { catalog } = setup([{ id: "a", provider: "openai", models: ["gpt-*"] }], {}, [
      { model: "claude-*", to: ["a/gpt-5"] },
    ]);
    const traits = traitsOf("gpt-5", "openai");
    const limits = { contextWindow: 400_000, maxOutputTokens: 128_000, traits };
    expect(catalog.find("gpt-5")).toEqual({ id: "gpt-5", account: "a", provider: "openai", ...limits });
    expect(catalog.find("claude-x")).toEqual({ id: "claude-x", account: "a", provider: "openai", ...limits });
    expect(catalog.find("sandbox/echo")).toMatchObject({ account: "sandbox", label: expect.any(String) });
    expect(catalog.find("llama")).toBeUndefined();
  });
});
