import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { MAX_MODELS } from "../../../src/gateway/protocols/modelList.ts";
import { WIRES } from "../../../src/gateway/protocols/wires.ts";
import { listingOf, listModels, MAX_PAGES } from "../../../src/gateway/routing/modelList.ts";
import fc from "../../support/property.ts";
import { accountsOf, custom } from "./accounts.ts";

const [openai, anthropic, gemini] = accountsOf([
  { id: "o", provider: "openai" },
  { id: "a", provider: "anthropic" },
  { id: "g", provider: "gemini" },
]);
if (openai === undefined || anthropic === undefined || gemini === undefined) throw new Error("no accounts");

const parseList = (protocol: Protocol, body: unknown) => WIRES[protocol].modelList.parse(body);

describe("a provider's list", () => {
  it("reads OpenAI's shape, and what compatible servers add to it", () => {
    const data = [
      { id: "gpt-5", object: "model", created: 1_754_425_777, owned_by: "system" },
      {
        id: "openai/gpt-5",
        name: "OpenAI: GPT-5",
        context_length: 400_000,
        top_provider: { max_completion_tokens: 128_000 },
      },
      { id: "llama", context_window: 131_072, max_completion_tokens: 32_768 },
      { id: "mistral-large", max_context_length: 131_072, created: 1.5 },
      { id: "qwen", max_model_len: 32_768 },
      { id: "models/gemini-2.5-pro", display_name: "Gemini 2.5 Pro" },
    ];
    expect(parseList("openai-chat", { object: "list", data }).models).toEqual([
      { id: "gpt-5", created: 1_754_425_777 },
      { id: "openai/gpt-5", label: "OpenAI: GPT-5", contextWindow: 400_000, maxOutputTokens: 128_000 },
      { id: "llama", contextWindow: 131_072, maxOutputTokens: 32_768 },
      { id: "mistral-large", contextWindow: 131_072, created: 1 },
      { id: "qwen", contextWindow: 32_768 },
      { id: "gemini-2.5-pro", label: "Gemini 2.5 Pro" },
    ]);
  });

  it("reads Anthropic's and Gemini's, with their cursors", () => {
    const entry = {
      type: "model",
      id: "claude-x",
      display_name: "Claude X",
      created_at: "2025-09-29T00:00:00Z",
      max_input_tokens: 200_000,
      max_tokens: 64_000,
    };
    expect(
      parseList("anthropic", {
        data: [entry, { ...entry, id: "claude-y", created_at: "1970-01-01T00:00:00Z", max_tokens: null }],
        has_more: true,
        first_id: "claude-x",
        last_id: "claude-y",
      }),
    ).toEqual({
      models: [
        {
          id: "claude-x",
          label: "Claude X",
          created: 1_759_104_000,
          contextWindow: 200_000,
          maxOutputTokens: 64_000,
        },
        { id: "claude-y", label: "Claude X", contextWindow: 200_000 },
      ],
      next: "claude-y",
    });
    expect(
      parseList("gemini", {
        models: [
          {
            name: "models/gemini-x",
            displayName: "Gemini X",
            inputTokenLimit: 1_048_576,
            outputTokenLimit: 65_536,
          },
        ],
        nextPageToken: "t",
      }),
    ).toEqual({
      models: [{ id: "gemini-x", label: "Gemini X", contextWindow: 1_048_576, maxOutputTokens: 65_536 }],
      next: "t",
    });
    expect(parseList("gemini", {})).toEqual({ models: [] });
  });

  it("leaves out what is no model, and forgives odd fields", () => {
    const data = [
      null,
      7,
      {},
      { id: "" },
      { id: 3 },
      { id: "x\n" },
      { id: "x".repeat(301) },
      { id: "ok", created: "soon", context_length: -1, top_provider: null },
    ];
    expect(parseList("openai-chat", { data }).models).toEqual([{ id: "ok" }]);
  });

  it("takes an empty list of Ollama's and a bare array", () => {
    expect(parseList("openai-chat", { object: "list", data: null }).models).toEqual([]);
    expect(parseList("openai-chat", [{ id: "x" }]).models).toEqual([{ id: "x" }]);
  });

  it.each(["openai-chat", "anthropic"] as const)("refuses what is no list: %s", (protocol) => {
    for (const body of [undefined, "x", {}, { data: 3 }, "<html>"])
      expect(() => parseList(protocol, body)).toThrow();
  });

  it("throws nothing but refusals, whatever comes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOLS), fc.anything(), (protocol, body) => {
        try {
          expect(Array.isArray(parseList(protocol, body).models)).toBe(true);
        } catch (thrown) {
          expect(thrown).toHaveProperty("issues");
        }
      }),
    );
  });
});

describe("listModels", () => {
  const list = (account: typeof openai, answer: (path: string) => unknown) => {
    const listing = listingOf(account);
    if (listing === undefined) throw new Error("no listing");
    return listModels(account, listing, (_account, path) => Promise.resolve(answer(path)));
  };

  it("follows Anthropic's pages", async () => {
    const asked: string[] = [];
    const found = await list(anthropic, (path) => {
      asked.push(path);
      return path.includes("after_id")
        ? { data: [{ id: "b" }], has_more: false }
        : { data: [{ id: "a/1" }], has_more: true, last_id: "a/1" };
    });
    expect([...found.keys()]).toEqual(["a/1", "b"]);
    expect(asked).toEqual(["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=a%2F1"]);
  });

  it("follows Gemini's pages, and stops where a cursor comes back or there is no end", async () => {
    let page = 0;
    const endless = await list(gemini, () => ({
      models: [{ name: `models/m${page}` }],
      nextPageToken: `t${page++}`,
    }));
    expect(endless.size).toBe(MAX_PAGES);
    let asked = 0;
    await list(gemini, () => ({ models: [], nextPageToken: ++asked > 0 ? "same" : "" }));
    expect(asked).toBe(2);
  });

  it("is bounded", async () => {
    const data = Array.from({ length: MAX_MODELS + 10 }, (_, index) => ({ id: `m${index}` }));
    expect((await list(openai, () => ({ data }))).size).toBe(MAX_MODELS);
  });
});

describe("listingOf", () => {
  it("follows the provider, else the protocol that the account speaks", () => {
    expect(listingOf(gemini)).toBe("gemini");
    const accounts = accountsOf([
      { id: "1", provider: "gemini", endpoints: { "openai-chat": "https://x.example.com/v1" } },
      custom("2", ["anthropic"]),
      custom("3", ["openai-responses", "gemini"]),
      {
        id: "4",
        provider: "azure-openai",
        endpoints: { "openai-chat": "https://r.openai.azure.com/openai/v1" },
      },
      { id: "5", provider: "custom" },
    ]);
    expect(accounts.map(listingOf)).toEqual([
      "openai-chat",
      "anthropic",
      "openai-responses",
      undefined,
      undefined,
      undefined,
    ]);
    expect(WIRES["openai-chat"].modelList.path("ignored")).toBe("/models");
  });
});
