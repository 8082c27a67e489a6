import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PorticoError } from "../../../src/gateway/common/errors.ts";
import { traitsOf } from "../../../src/gateway/models/traitsOf.ts";
import { capabilitiesOf } from "../../../src/gateway/protocols/anthropic/capabilities.ts";
import { modelList as anthropic } from "../../../src/gateway/protocols/anthropic/modelList.ts";
import { modelList as gemini } from "../../../src/gateway/protocols/gemini/modelList.ts";
import { openaiModelList as openai } from "../../../src/gateway/protocols/openaiModelList.ts";
import type { ModelInfo } from "../../../src/gateway/routing/candidate.ts";

const MODELS: ModelInfo[] = Array.from({ length: 95 }, (_, index) => ({
  id: index % 2 === 0 ? `m${index}` : `work/m-${index}`,
  account: "work",
  provider: "openai",
  ...(index === 0
    ? {
        label: "Model Zero",
        created: 1_754_425_777,
        contextWindow: 400_000,
        maxOutputTokens: 128_000,
        traits: { ...traitsOf("gpt-6-luna"), input: { image: true, pdf: false, audio: true } },
      }
    : {}),
}));
const IDS = MODELS.map((model) => model.id);
const FIRST = MODELS[0] as ModelInfo;
const query = (text: string) => new URLSearchParams(text);

// The shapes are those of the SDKs' own types, or this does not compile.
void ((): OpenAI.Models.Model => openai.encodeOne(FIRST));
void ((): Anthropic.ModelInfo => anthropic.encodeOne(FIRST));

describe("shapes", () => {
  it("OpenAI", () => {
    expect(openai.encode(MODELS.slice(0, 2))).toEqual({
      object: "list",
      data: [
        {
          id: "m0",
          object: "model",
          created: 1_754_425_777,
          owned_by: "openai",
          name: "Model Zero",
          context_length: 400_000,
          context_window: 400_000,
          max_model_len: 400_000,
          max_input_tokens: 400_000,
          max_output_tokens: 128_000,
          max_completion_tokens: 128_000,
          architecture: { input_modalities: ["text", "image", "audio"] },
        },
        { id: "work/m-1", object: "model", created: 0, owned_by: "openai" },
      ],
    });
  });

  it("Anthropic", () => {
    expect(anthropic.encodeOne(FIRST)).toMatchObject({
      type: "model",
      id: "m0",
      display_name: "Model Zero",
      created_at: "2025-08-05T20:29:37Z",
      max_input_tokens: 400_000,
      max_tokens: 128_000,
      capabilities: {
        effort: { supported: true, low: { supported: true }, max: { supported: true } },
        image_input: { supported: true },
        pdf_input: { supported: false },
        server_tools: { supported: false },
        thinking: {
          supported: true,
          types: { adaptive: { supported: true }, disabled: { supported: true } },
        },
      },
    });
    expect(anthropic.encodeOne(MODELS[1] as ModelInfo)).toMatchObject({
      display_name: "work/m-1",
      created_at: "1970-01-01T00:00:00Z",
      max_input_tokens: null,
      capabilities: null,
    });
    expect(anthropic.encode([], query(""))).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });

  it("Gemini", () => {
    expect(gemini.encodeOne(FIRST)).toEqual({
      name: "models/m0",
      version: "001",
      displayName: "Model Zero",
      inputTokenLimit: 400_000,
      outputTokenLimit: 128_000,
      thinking: true,
      supportedGenerationMethods: ["generateContent", "streamGenerateContent", "countTokens"],
    });
    expect(gemini.encode([], query(""))).toEqual({ models: [] });
  });
});

describe("capabilities", () => {
  const read = (model: string) => {
    const list = { data: [{ id: model, capabilities: capabilitiesOf(traitsOf(model)) }] };
    return anthropic.parse(list).models[0]?.traits;
  };
  it.each(["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-4-8", "claude-opus-4-6"])(
    "of %s are read as what they were written from",
    (model) => {
      const { efforts, thinking, off, input, jsonSchema, compactsItself } = traitsOf(model);
      expect(read(model)).toEqual({ efforts, thinking, off, input, jsonSchema, compactsItself });
    },
  );

  it("of other makers' models say what a client may send here", () => {
    expect(read("gpt-4.1")).toMatchObject({ efforts: [], thinking: "none", reasons: false });
    expect(read("gemini-3.8-flash")).toMatchObject({ thinking: "both", off: "never" });
    expect(read("gpt-6-luna")).toMatchObject({ thinking: "both", off: "disabled" });
  });
});

describe("Anthropic's pages", () => {
  const page = (text: string) => {
    const { data, has_more } = anthropic.encode(MODELS, query(text));
    return { ids: data.map((model) => model.id), has_more };
  };
  it("hold 20 by default", () => expect(page("")).toEqual({ ids: IDS.slice(0, 20), has_more: true }));
  it("go on behind after_id", () =>
    expect(page("limit=10&after_id=m90")).toEqual({ ids: IDS.slice(91), has_more: false }));
  it("end exactly", () =>
    expect(page("limit=5&after_id=work/m-89")).toEqual({ ids: IDS.slice(90), has_more: false }));
  it("go back before before_id", () => {
    expect(page("limit=3&before_id=m10")).toEqual({ ids: IDS.slice(7, 10), has_more: true });
    expect(page("limit=30&before_id=m10")).toEqual({ ids: IDS.slice(0, 10), has_more: false });
  });
  it.each([
    "limit=0",
    "limit=1001",
    "limit=x",
    "limit=1.5",
    "after_id=nobody",
    "before_id=nobody",
    "after_id=m0&before_id=m2",
  ])("refuse %s", (text) => {
    expect(() => page(text)).toThrow(PorticoError);
  });
});

describe("Gemini's pages", () => {
  it("hold 50 by default and at most 1000", () => {
    expect(gemini.encode(MODELS, query("")).models).toHaveLength(50);
    expect(gemini.encode(MODELS, query("pageSize=5000"))).toMatchObject({ models: { length: 95 } });
    expect(gemini.encode(MODELS, query("pageSize=5000")).nextPageToken).toBeUndefined();
    expect(gemini.encode(MODELS, query("pageSize=0")).models).toHaveLength(50);
  });
  it.each(["pageSize=-1", "pageSize=x", "pageToken=%21%21", "pageToken=bm9ib2R5"])("refuse %s", (text) => {
    expect(() => gemini.encode(MODELS, query(text))).toThrow(PorticoError);
  });
});

describe("the official SDKs read it", () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://localhost");
      // All three ask for `/v1/models`; their headers tell them apart.
      const list = url.pathname === "/v1/models";
      const id = decodeURIComponent(url.pathname.slice("/v1/models/".length));
      const one = MODELS.find((model) => model.id === id) ?? FIRST;
      const body = (): unknown => {
        if (request.headers["x-goog-api-key"] !== undefined) {
          return list ? gemini.encode(MODELS, url.searchParams) : gemini.encodeOne(one);
        }
        if (request.headers["anthropic-version"] !== undefined) {
          return list ? anthropic.encode(MODELS, url.searchParams) : anthropic.encodeOne(one);
        }
        return list ? openai.encode(MODELS) : openai.encodeOne(one);
      };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(body()));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("openai", async () => {
    const client = new OpenAI({ apiKey: "x", baseURL: `${base}/v1` });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(IDS);
    expect((await client.models.retrieve("work/m-1")).id).toBe("work/m-1");
  });

  it("@anthropic-ai/sdk, page by page", async () => {
    const client = new Anthropic({ apiKey: "x", baseURL: base });
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 7 })) ids.push(model.id);
    expect(ids).toEqual(IDS);
    expect((await client.models.retrieve("m0")).display_name).toBe("Model Zero");
  });

  it("@google/genai, page by page", async () => {
    const client = new GoogleGenAI({ apiKey: "x", httpOptions: { baseUrl: base } });
    const names: (string | undefined)[] = [];
    for await (const model of await client.models.list({ config: { pageSize: 9 } })) names.push(model.name);
    expect(names).toEqual(IDS.map((id) => `models/${id}`));
    const model = await client.models.get({ model: "m0" });
    expect(model).toMatchObject({
      name: "models/m0",
      inputTokenLimit: 400_000,
      supportedActions: expect.arrayContaining(["generateContent"]),
    });
  });
});
