import { describe, expect, it } from "vitest";
import { type Ask, type CheckReply, checkAccount } from "../../../src/gateway/accounts/check.ts";
import type { AccountKey } from "../../../src/gateway/providers/account.ts";

const reply = (status: number, body: unknown): CheckReply => ({ status, headers: {}, body });

/** Answers by path; notes what it was asked, with which key. */
function upstream(answers: Record<string, CheckReply | Error>) {
  const asked: {
    path: string;
    protocol: string;
    key: AccountKey | undefined;
    body: unknown;
    base: string | undefined;
  }[] = [];
  const ask: Ask = async (account, { path, protocol, body }) => {
    asked.push({
      path,
      protocol,
      key: await account.key(),
      body,
      base: account.endpoints.get(protocol)?.base,
    });
    const answer = answers[path.split("?")[0] ?? ""];
    if (answer === undefined) return reply(404, "404 page not found");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { ask, asked };
}

const LIST = reply(200, { data: [{ id: "gpt-5" }, { id: "gpt-5-mini" }] });

describe("checkAccount", () => {
  it("lists models with the key", async () => {
    const { ask, asked } = upstream({ "/models": LIST });
    expect(await checkAccount({ provider: "openai", apiKey: " sk-1234 " }, ask)).toEqual({
      ok: true,
      models: ["gpt-5", "gpt-5-mini"],
    });
    expect(asked).toEqual([
      {
        path: "/models",
        protocol: "openai-chat",
        key: "sk-1234",
        body: undefined,
        base: "https://api.openai.com/v1",
      },
    ]);
  });

  it("uses each provider's own list", async () => {
    const anthropic = upstream({
      "/v1/models": reply(200, { data: [{ type: "model", id: "claude-x" }], has_more: false }),
    });
    expect(await checkAccount({ provider: "anthropic", apiKey: "k" }, anthropic.ask)).toEqual({
      ok: true,
      models: ["claude-x"],
    });
    const gemini = upstream({ "/v1beta/models": reply(200, { models: [{ name: "models/gemini-x" }] }) });
    expect(await checkAccount({ provider: "gemini", apiKey: "k" }, gemini.ask)).toEqual({
      ok: true,
      models: ["gemini-x"],
    });
  });

  it("asks OpenRouter about the key, because its list is public", async () => {
    const wrong = upstream({
      "/models": LIST,
      "/key": reply(401, { error: { message: "User not found.", code: 401 } }),
    });
    expect(await checkAccount({ provider: "openrouter", apiKey: "k" }, wrong.ask)).toEqual({
      ok: false,
      reason: "key-refused",
      message: "User not found.",
    });
    const right = upstream({ "/models": LIST, "/key": reply(200, { data: { label: "mine" } }) });
    expect(await checkAccount({ provider: "openrouter", apiKey: "k" }, right.ask)).toMatchObject({
      ok: true,
      models: ["gpt-5", "gpt-5-mini"],
    });
  });

  it("counts tokens at Vertex, which lists nothing for a key", async () => {
    const path = "/v1beta/models/gemini-2.5-flash:countTokens";
    const { ask, asked } = upstream({ [path]: reply(200, { totalTokens: 1 }) });
    const wanted = {
      provider: "vertex",
      apiKey: "k",
      endpoints: { gemini: "https://aiplatform.googleapis.com/v1" },
      models: ["gemini-*"],
    };
    expect(await checkAccount(wanted, ask)).toEqual({ ok: true, models: ["gemini-*"] });
    expect(asked[0]).toMatchObject({ path, protocol: "gemini", body: { contents: [{ role: "user" }] } });
  });

  it("proves an Azure key also where only responses are spoken", async () => {
    const { ask, asked } = upstream({ "/models": LIST });
    const endpoints = { "openai-responses": "https://r.openai.azure.com/openai/v1" } as const;
    expect(await checkAccount({ provider: "azure-openai", apiKey: "k", endpoints }, ask)).toEqual({
      ok: true,
      models: [],
    });
    expect(asked[0]?.protocol).toBe("openai-responses");
  });

  it("says what failed in the provider's words, without the key", async () => {
    const key = "sk-very-secret";
    const refused = reply(401, {
      error: { message: `Incorrect API key provided: ${key}.`, code: "invalid_api_key" },
    });
    expect(
      await checkAccount({ provider: "openai", apiKey: key }, upstream({ "/models": refused }).ask),
    ).toEqual({
      ok: false,
      reason: "key-refused",
      message: "Incorrect API key provided: [key].",
    });
    const broke = reply(400, {
      type: "error",
      error: { type: "invalid_request_error", message: "Your credit balance is too low." },
    });
    expect(
      await checkAccount({ provider: "anthropic", apiKey: key }, upstream({ "/v1/models": broke }).ask),
    ).toEqual({
      ok: false,
      reason: "other",
      message: "Your credit balance is too low.",
    });
  });

  it("says who could not be reached", async () => {
    const { ask } = upstream({ "/models": new Error("connect ECONNREFUSED 127.0.0.1:11434") });
    expect(await checkAccount({ provider: "ollama" }, ask)).toEqual({
      ok: false,
      reason: "unreachable",
      message: "127.0.0.1:11434 could not be reached: connect ECONNREFUSED 127.0.0.1:11434",
    });
  });

  it.each([
    ["https://login.example.com/start?next=sk-secret#x", "https://login.example.com/start"],
    ["/elsewhere/models", "http://me.example.com/elsewhere/models"],
  ])("says where it is redirected to: %s", async (location, to) => {
    const redirect: CheckReply = { status: 302, headers: { location }, body: "" };
    const { ask } = upstream({ "/models": redirect });
    const account = {
      provider: "custom",
      endpoints: { "openai-chat": "http://me.example.com/v1" },
      apiKey: "sk-secret",
    };
    expect(await checkAccount(account, ask)).toEqual({
      ok: false,
      reason: "other",
      message: `me.example.com redirects to ${to} (302), where no request is sent. Check the account's base URL.`,
    });
  });

  it("asks for a key before anything is sent", async () => {
    const { ask, asked } = upstream({});
    for (const apiKey of [undefined, "", "  "]) {
      const wanted = { provider: "openai", ...(apiKey === undefined ? {} : { apiKey }) };
      expect(await checkAccount(wanted, ask)).toMatchObject({
        ok: false,
        reason: "key-refused",
        message: expect.stringContaining("https://platform.openai.com/api-keys"),
      });
    }
    expect(asked).toEqual([]);
  });

  it("takes a server without a list, if its models are named", async () => {
    const wanted = { provider: "custom", endpoints: { "openai-chat": "http://127.0.0.1:9911/v1" } };
    for (const answers of [{}, { "/models": reply(200, "<html>hello</html>") }]) {
      expect(await checkAccount(wanted, upstream(answers).ask)).toMatchObject({
        ok: false,
        reason: "other",
        message: expect.stringMatching(/127\.0\.0\.1:9911 answers, but lists no models/),
      });
      expect(await checkAccount({ ...wanted, models: ["m"] }, upstream(answers).ask)).toEqual({
        ok: true,
        models: ["m"],
      });
    }
  });

  it("needs no call for the sandbox", async () => {
    const { ask, asked } = upstream({});
    expect(await checkAccount({ provider: "sandbox" }, ask)).toMatchObject({
      ok: true,
      models: expect.arrayContaining(["echo"]),
    });
    expect(asked).toEqual([]);
  });

  it.each([
    [{ provider: "nobody", apiKey: "k" }, /provider/],
    [{ provider: "openai", apiKey: "k", id: "not an id" }, /id/],
    [{ provider: "openai", apiKey: "k", endpoints: { "openai-chat": "ftp://x" } }, /http/],
    [{ provider: "azure-openai", apiKey: "k" }, /has no address/],
  ])("says what is wrong with %j", async (wanted, message) => {
    expect(await checkAccount(wanted, upstream({}).ask)).toMatchObject({
      ok: false,
      reason: "other",
      message: expect.stringMatching(message),
    });
  });
});
