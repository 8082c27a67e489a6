/** The account pool over real sockets: conversations, limits, budgets, edits, and a restart in the middle. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import { wellFormed } from "../../../src/gateway/upstream/headers.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { leaksIn, leaksInFolder, seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const CHAT = { model: "m", messages: [{ role: "user", content: "hi" }] };

/** Its usage is 100 tokens. */
const REPLY_OF_100 = {
  ...REPLIES["openai-chat"],
  usage: { prompt_tokens: 11, completion_tokens: 89, total_tokens: 100 },
};

let first: Upstream;
let second: Upstream;
let portico: TestGateway | undefined;

type AccountInput = NonNullable<SettingsInput["accounts"]>[number];

const account = (id: string, url: string, more: Partial<AccountInput> = {}): AccountInput => ({
  id,
  provider: "custom",
  endpoints: { "openai-chat": `${url}/v1`, anthropic: url },
  credentials: { apiKey: seededSecret("key") },
  models: ["m"],
  ...more,
});

async function start(
  settings: SettingsInput = {},
  options: Parameters<typeof startGateway>[2] = {},
): Promise<TestGateway> {
  portico = await startGateway(
    { accounts: [account("first", first.url), account("second", second.url)], ...settings },
    {},
    options,
  );
  return portico;
}

async function ask(headers: Record<string, string> = {}, body: object = CHAT, path = "/v1/chat/completions") {
  const reply = await fetch(`${portico?.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await reply.text();
  expect(leaksIn("a reply", text)).toEqual([]);
  return {
    status: reply.status,
    account: reply.headers.get("x-portico-account"),
    text,
    headers: reply.headers,
  };
}

const ok = (upstream: Upstream, headers = {}) => {
  upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"], headers);
};

beforeEach(async () => {
  first = await startUpstream(() => {});
  second = await startUpstream(() => {});
  ok(first);
  ok(second);
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await Promise.all([first.close(), second.close()]);
});

describe("conversations", () => {
  it("stay with their account, and wait for it rather than move", async () => {
    await start();
    const mine = { "x-session-id": "s1" };
    const own = (await ask(mine)).account;
    const upstream = own === "first" ? first : second;
    for (let i = 0; i < 3; i++) {
      await ask({ "x-session-id": `other-${i}` });
      expect((await ask(mine)).account).toBe(own);
    }
    let refused = 0;
    upstream.script = (_received, res) => {
      if (refused++ === 0)
        sendJson(res, 429, { error: { message: "slow down" } }, { "retry-after-ms": "150" });
      else sendJson(res, 200, REPLIES["openai-chat"]);
    };
    expect(await ask(mine)).toMatchObject({ status: 200, account: own });
    expect(refused).toBe(2);
  });

  it("move when the wait would be long", async () => {
    await start({ scheduling: { stickyWaitMs: 100 } });
    const mine = { "x-session-id": "s1" };
    const own = (await ask(mine)).account;
    (own === "first" ? first : second).script = (_received, res) =>
      sendJson(res, 429, { error: { message: "slow down" } }, { "retry-after": "5" });
    const moved = await ask(mine);
    expect(moved.status).toBe(200);
    expect(moved.account).not.toBe(own);
    expect((await ask(mine)).account).toBe(moved.account);
  });
});

describe("x-portico-account", () => {
  it("forces an account by id or label, and goes no further", async () => {
    await start({
      accounts: [
        account("first", first.url, { priority: 9 }),
        account("second", second.url, { label: "My second" }),
      ],
    });
    expect((await ask({ "x-portico-account": "second" })).account).toBe("My second");
    expect((await ask({ "x-portico-account": "My second" })).account).toBe("My second");
    expect(second.received.every(({ headers }) => headers["x-portico-account"] === undefined)).toBe(true);
    second.script = (_received, res) => sendJson(res, 500, { error: { message: "broken" } });
    const failed = await ask({ "x-portico-account": "second" });
    expect(failed.status).toBe(500);
    expect(first.received).toHaveLength(0);
    const unknown = await ask({ "x-portico-account": "third" });
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain("name one of: first, second");
  });
});

describe("labels that no header can hold", () => {
  it.each(["办公室", "Büro 🔑", "100% mine", " spaced ", "100%25", "a\ud800b", "plain, ASCII"])(
    "%j: as replies say it, requests may",
    async (label) => {
      await start({
        accounts: [account("first", first.url, { priority: 9 }), account("second", second.url, { label })],
      });
      const said = (await ask({ "x-portico-account": "second" })).account ?? "";
      expect(decodeURIComponent(said)).toBe(wellFormed(label));
      expect(said).toMatch(/^[\x21-\x7e][\x20-\x7e]*$/);
      expect((await ask({ "x-portico-account": said })).account).toBe(said);
      // As curl sends it: the bytes of UTF-8, which fetch takes as Latin-1.
      const bytes = Buffer.from(label).toString("latin1").trim();
      if (label.trim() === label) expect((await ask({ "x-portico-account": bytes })).account).toBe(said);
      expect(first.received).toHaveLength(0);
    },
  );

  it("an id counts before another account's label", async () => {
    await start({
      accounts: [
        account("first", first.url, { label: "second" }),
        account("second", second.url, { label: "first" }),
      ],
    });
    expect((await ask({ "x-portico-account": "second" })).account).toBe("first");
    expect(second.received).toHaveLength(1);
  });

  it("a model's name as well", async () => {
    await start({ accounts: [account("first", first.url, { models: ["模型"] })] });
    const reply = await ask({}, { ...CHAT, model: "模型" });
    expect(decodeURIComponent(reply.headers.get("x-portico-model") ?? "")).toBe("模型");
  });
});

describe("limits of one's own", () => {
  it("requests in flight: what does not fit goes elsewhere, then waits in line", async () => {
    const open: (() => void)[] = [];
    let most = 0;
    first.script = (_received, res) => {
      most = Math.max(
        most,
        open.push(() => sendJson(res, 200, REPLIES["openai-chat"])),
      );
    };
    await start({
      accounts: [account("first", first.url, { priority: 1, maxInFlight: 2 }), account("second", second.url)],
    });
    const all = Array.from({ length: 5 }, () => ask({ "x-portico-account": "first" }));
    while (first.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await ask()).account).toBe("second");
    for (let i = 0; i < 5; i++) {
      while (open.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      open.shift()?.();
    }
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(most).toBe(2);
  });

  it("a budget that is used up leaves its account out, and says so", async () => {
    await start({ budgets: [{ account: "first", unit: "requests", per: "day", limit: 2 }] });
    const got: (string | null)[] = [];
    for (let i = 0; i < 4; i++) got.push((await ask({ "x-session-id": "one" })).account);
    expect(got.filter((id) => id === "first").length).toBeLessThanOrEqual(2);
    await ask({ "x-portico-account": "first" });
    await ask({ "x-portico-account": "first" });
    const stopped = await ask({ "x-portico-account": "first" });
    expect(stopped.status).toBe(429);
    expect(stopped.headers.get("x-should-retry")).toBe("false");
    expect(stopped.text).toMatch(/The budget of \\"first\\" is used up: 2 requests of 2 requests this day/);
    expect(portico?.gateway.problems).toMatchObject([
      { severity: "error", account: "first", cause: "budget-requests-day" },
    ]);
  });

  it.each(["requests", "tokens", "usd"] as const)("a budget in %s holds for 200 at once", async (unit) => {
    let asked = 0;
    first.script = second.script = async (_received, res) => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      sendJson(res, 200, REPLY_OF_100);
    };
    // A request claims 11 tokens of input and 89 of output, and uses 100.
    const limits = { requests: 5, tokens: 500, usd: 0.0005 };
    await start({
      budgets: [{ unit, per: "day", limit: limits[unit] }],
      prices: [{ model: "*", input: 1, output: 1 }],
    });
    const body = { ...CHAT, max_tokens: 89 };
    const got = await Promise.all(Array.from({ length: 200 }, () => ask({}, body)));
    const served = got.filter(({ status }) => status === 200).length;
    const [refused] = got.filter(({ status }) => status !== 200);
    expect(asked).toBe(served);
    if (unit === "requests") expect(served).toBe(5);
    // What is left may be less than the last one uses.
    else expect(served).toBeGreaterThanOrEqual(4);
    expect(served).toBeLessThanOrEqual(6);
    expect(refused?.status).toBe(429);
    expect(refused?.text).toMatch(/budget of all accounts (?:may be|is) used up/);
    // It is what they used that counts in the end.
    const [state] = portico?.gateway.pool.budgetStates() ?? [];
    const used = { requests: served, tokens: served * 100, usd: served * 0.0001 };
    expect(state?.used).toBeCloseTo(used[unit], 6);
  });

  it("a request that no provider answered gives back what it claimed", async () => {
    first.script = second.script = (_received, res) => sendJson(res, 400, { error: { message: "no" } });
    await start({ budgets: [{ unit: "requests", per: "day", limit: 1 }] });
    for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(400);
    ok(first);
    ok(second);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
  });

  it("a budget is a warning near its limit and an error at it, under a cause that stays", async () => {
    const all = { unit: "requests", limit: 5, warnAtPercent: 60 } as const;
    await start({
      budgets: [
        { ...all, per: "day" },
        { ...all, per: "week", account: "first", limit: 100 },
      ],
    });
    const seen: (string | undefined)[] = [];
    for (let count = 1; count <= 5; count++) {
      await ask({ "x-portico-account": "first" });
      const [problem, ...others] = portico?.gateway.problems ?? [];
      expect(others).toEqual([]);
      expect(problem?.cause ?? "budget-requests-day").toBe("budget-requests-day");
      expect(problem?.account).toBeUndefined();
      seen.push(problem?.severity);
    }
    expect(seen).toEqual([undefined, undefined, "warning", "warning", "error"]);
  });
});

describe("the context window", () => {
  it("sends what is too long to a target, and answers for itself where there is none", async () => {
    first.script = (_received, res) =>
      sendJson(res, 400, {
        error: { message: "maximum context length is 8 tokens", code: "context_length_exceeded" },
      });
    await start({ routes: [{ model: "long", to: ["first/m", "second/m"] }] });
    expect(await ask({}, { ...CHAT, model: "long" })).toMatchObject({ status: 200, account: "second" });
    const alone = await ask({ "x-portico-account": "first" });
    expect(alone.status).toBe(400);
    expect(alone.text).toContain("maximum context length");
  });
});

describe("a context window that is known", () => {
  const LIST = (contextWindow: number) => ({
    data: [{ id: "m", object: "model", context_length: contextWindow }],
  });
  const TALK = (characters: number) => ({
    ...CHAT,
    model: "long",
    messages: [{ role: "user", content: "some words ".repeat(Math.ceil(characters / 11)) }],
  });

  async function withWindows(small: number, large: number, more: SettingsInput = {}) {
    first.models = LIST(small);
    second.models = LIST(large);
    const { gateway } = await start({ routes: [{ model: "long", to: ["first/m", "second/m"] }], ...more });
    // Waits until the lists are read.
    await gateway.explain("m", "openai-chat");
  }

  it("is looked at before a request is sent, where a larger one is known", async () => {
    await withWindows(8192, 100_000);
    expect(await ask({}, TALK(30_000))).toMatchObject({ status: 200, account: "first" });
    expect(await ask({}, TALK(60_000))).toMatchObject({ status: 200, account: "second" });
    expect(first.received).toHaveLength(1);
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(200_000)}` } };
    const shown = { ...TALK(10), messages: [{ role: "user", content: [image] }] };
    expect(await ask({ "x-session-id": "other" }, shown)).toMatchObject({ account: "first" });
  });

  it("refuses nothing by an estimate alone", async () => {
    await withWindows(8192, 8192);
    expect(await ask({}, TALK(600_000))).toMatchObject({ status: 200, account: "first" });
    expect(await ask({ "x-portico-account": "first" }, TALK(600_000))).toMatchObject({ account: "first" });
  });

  it("says so when the larger one is not ready", async () => {
    await withWindows(8192, 100_000);
    second.script = (_received, res) =>
      sendJson(res, 429, { error: { message: "slow down" } }, { "retry-after": "600" });
    await ask({}, TALK(60_000));
    const again = await ask({}, TALK(60_000));
    expect(again.status).toBe(429);
    expect(again.text).toContain("too long for its 8,192 tokens");
    expect(first.received).toHaveLength(0);
  });
});

describe("routes", () => {
  it("edit what they say, in the client's protocol and in another; nothing else", async () => {
    second.script = (_received, res) => sendJson(res, 200, REPLIES.anthropic);
    await start({
      accounts: [
        account("first", first.url, { models: ["a"] }),
        account("second", second.url, { models: ["b"], endpoints: { anthropic: second.url } }),
      ],
      routes: [
        { model: "same", to: ["a"], edit: { maxTokens: 50, systemPrefix: "Be brief.", effort: "low" } },
        { model: "other", to: ["b"], edit: { maxTokens: 50, systemPrefix: "Be brief." } },
        { model: "plain", to: ["a"] },
      ],
    });
    await ask({}, { ...CHAT, model: "same", max_tokens: 100, custom: { x: 1.0 } });
    expect(JSON.parse(first.received[0]?.body.toString() ?? "")).toEqual({
      model: "a",
      messages: [{ role: "system", content: "Be brief." }, ...CHAT.messages],
      max_tokens: 50,
      reasoning_effort: "low",
      custom: { x: 1 },
    });
    await ask({}, { ...CHAT, model: "other", max_tokens: 10 });
    const translated: unknown = JSON.parse(second.received[0]?.body.toString() ?? "");
    expect(translated).toMatchObject({ max_tokens: 10 });
    expect(JSON.stringify(translated)).toContain("Be brief.");
    await ask({}, { ...CHAT, model: "plain" });
    expect(first.received[1]?.body.toString()).toBe(JSON.stringify({ ...CHAT, model: "a" }));
    expect(portico?.records.map(({ edited }) => edited)).toEqual([
      "the route asks for effort low, at most 50 tokens, a system prefix",
      "the route asks for at most 50 tokens, a system prefix",
      undefined,
    ]);
  });

  it("send titles to a cheap model, where the person wants that", async () => {
    const title = {
      model: "m",
      messages: [
        {
          role: "system",
          content: "You are a title generator. You output ONLY a thread title. Nothing else.",
        },
        { role: "user", content: "Generate a title for this conversation" },
      ],
    };
    const settings = {
      accounts: [account("first", first.url), account("second", second.url, { models: ["cheap"] })],
    };
    await start(settings);
    expect((await ask({}, title)).account).toBe("first");
    await portico?.stop();
    await start({
      ...settings,
      background: { enabled: true, to: ["cheap"] },
      scheduling: { stickyWaitMs: 0 },
    });
    expect((await ask({}, title)).account).toBe("second");
    expect((await ask()).account).toBe("first");
    expect(
      (await ask({}, { ...title, tools: [{ type: "function", function: { name: "f" } }] })).account,
    ).toBe("first");
    second.script = (_received, res) =>
      sendJson(res, 429, { error: { message: "no" } }, { "retry-after": "9" });
    expect((await ask({}, title)).account).toBe("first");
  });
});

describe("errors in a shape that no client of the protocol reads", () => {
  it("are said in the client's own", async () => {
    for (const each of [first, second]) {
      each.script = (_received, res) => {
        res.writeHead(403, { "content-type": "text/html" });
        res.end("<html><head><title>Blocked by the edge</title></head></html>");
      };
    }
    await start({ accounts: [account("first", first.url)] });
    const reply = await ask({}, { ...CHAT, max_tokens: 5 }, "/v1/messages");
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.text)).toMatchObject({ type: "error", error: { type: "permission_error" } });
    expect(reply.text).toContain("Blocked by the edge");
  });
});

describe("a restart in the middle", () => {
  it("finds cooldowns, conversations, quotas, budgets and bindings as they were", async () => {
    const folder = makeFolder("restart");
    try {
      const log = { warn: () => {} };
      const open = () =>
        createStateFile(join(folder, "state.json"), { log, clock: systemClock, redact: (text) => text });
      const settings: SettingsInput = {
        accounts: [
          account("first", first.url),
          account("second", second.url),
          account("third", first.url, { models: ["limited"] }),
        ],
        budgets: [
          { unit: "requests", per: "month", limit: 100 },
          { account: "second", unit: "tokens", per: "week", limit: 1e6 },
        ],
      };
      ok(second, {
        "x-ratelimit-limit-requests": "1000",
        "x-ratelimit-remaining-requests": "400",
        "x-ratelimit-reset-requests": "2h",
      });
      const { gateway } = await start(settings, { state: open() });
      for (const session of ["a", "b", "c"])
        await ask({ "x-session-id": session, "x-portico-account": "second" });
      gateway.pool.bindings.set("resp_1", "second");
      first.script = (_received, res) =>
        sendJson(
          res,
          429,
          { error: { message: "You have used up the requests of this day" } },
          { "retry-after": "7200" },
        );
      const limited = await ask({}, { ...CHAT, model: "limited" });
      expect(limited.status).toBe(429);
      const { savedAt: _then, ...before } = gateway.pool.snapshot();
      const [standing, budgets] = [gateway.pool.standing(), gateway.pool.budgetStates()];
      expect(before.health).toHaveLength(1);
      expect(before.sessions).toHaveLength(3);
      expect(before.quotas).toHaveLength(1);
      expect(before.budgets).toMatchObject([{ used: 3 }, { used: 45 }]);
      await portico?.stop();

      const again = await start(settings, { state: open() });
      const { savedAt: _now, ...after } = again.gateway.pool.snapshot();
      expect(after).toEqual(before);
      expect(again.gateway.pool.standing()).toEqual(standing);
      expect(again.gateway.pool.budgetStates()).toEqual(budgets);
      expect(again.gateway.pool.bindings.get("resp_1")).toBe("second");
      const asked = first.received.length;
      expect((await ask({}, { ...CHAT, model: "limited" })).status).toBe(429);
      expect(first.received).toHaveLength(asked);
      expect((await ask({ "x-session-id": "b" })).account).toBe("second");
    } finally {
      await portico?.stop();
      expect(await leaksInFolder(folder)).toEqual([]);
      await removeFolder(folder);
    }
  });
});

describe("explain", () => {
  it("says who would be used, and who would not and why", async () => {
    const { gateway } = await start({ scheduling: { strategy: "pinned", pinned: "second" } });
    const { scheduling, chosen } = await gateway.explain("m", "openai-chat");
    expect(chosen).toEqual({ account: "second", model: "m", protocol: "openai-chat" });
    expect(scheduling.join("\n")).toContain(
      'first "m": not used: all requests are pinned to the account "second"',
    );
    const nobody = await gateway.explain("nothing", "openai-chat");
    expect(nobody.chosen).toBeUndefined();
    expect(nobody.routing.at(-1)).toBe("Nobody serves it.");
  });
});
