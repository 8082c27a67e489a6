import { describe, expect, it } from "vitest";
import type { AssistantPart, Message, Tool } from "../../../../src/gateway/protocols/chat.ts";
import { SKIP_SIGNATURE } from "../../../../src/gateway/protocols/gemini/signature.ts";
import { checkRequest } from "../../../support/strict/gemini.ts";
import { chatRequest, decode, encode, type Json } from "./helpers.ts";

const path = (model: string) => `/v1beta/models/${model}:generateContent`;
const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });
const says = (...parts: AssistantPart[]): Message => ({ role: "assistant", parts });
const call = (callId: string, name = "f", input = "{}"): AssistantPart => ({
  type: "tool-call",
  callId,
  name,
  kind: "function",
  input,
});
const result = (callId: string, text: string): Message => ({
  role: "tool",
  parts: [{ type: "tool-result", callId, kind: "function", content: [{ type: "text", text }] }],
});
const f: Tool = {
  type: "function",
  name: "f",
  parameters: { type: "object", properties: { x: { type: "string" } } },
};

function contents(messages: Message[], model = "gemini-3-pro-preview") {
  const encoded = encode(chatRequest({ model, messages, tools: [f] }));
  expect(checkRequest(encoded.body, undefined, path(model))).toEqual([]);
  return { ...encoded, contents: encoded.body.contents as { role: string; parts: Json[] }[] };
}

describe("turns", () => {
  it("merges what follows one another in the same role", () => {
    const { contents: out } = contents([
      user("a"),
      user("b"),
      says({ type: "text", text: "c" }),
      says({ type: "text", text: "d" }),
      user("e"),
    ]);
    expect(out.map(({ role, parts }) => [role, parts.length])).toEqual([
      ["user", 2],
      ["model", 2],
      ["user", 1],
    ]);
  });

  it("puts each result right behind its calls, in the calls' order, before the user's words", () => {
    const { contents: out } = contents([
      user("go"),
      says(call("1"), call("2", "g", '{"a":1}')),
      user("hurry"),
      result("2", "two"),
      result("1", "one"),
    ]);
    expect(out[2]?.parts).toEqual([
      { functionResponse: { id: "1", name: "f", response: { output: "one" } } },
      { functionResponse: { id: "2", name: "g", response: { output: "two" } } },
      { text: "hurry" },
    ]);
  });

  it("puts an error where a result is missing, and words where a call is", () => {
    const { contents: out, features } = contents([
      user("go"),
      says(call("1")),
      result("9", "lost"),
      user("on"),
    ]);
    expect(out[2]?.parts).toMatchObject([
      { functionResponse: { id: "1", name: "f", response: { error: expect.any(String) } } },
      { text: "[result of a tool]" },
      { text: "lost" },
      { text: "on" },
    ]);
    expect(features.filter((feature) => feature === "messages")).toHaveLength(2);
  });

  it("answers a call that ends the conversation", () => {
    expect(contents([user("go"), says(call("1"))]).contents).toHaveLength(3);
  });

  it("begins with the user, and asks with the system text where there is nothing else", () => {
    const { contents: out } = contents([says({ type: "text", text: "Hi, I am a bot" }), user("ok")]);
    expect(out[0]?.role).toBe("user");
    const { body } = encode(
      chatRequest({ messages: [{ role: "system", parts: [{ type: "text", text: "S" }] }] }),
    );
    expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "S" }] }] });
    expect(checkRequest(encode(chatRequest({ messages: [] })).body)).toEqual([]);
  });

  it("sends leading system and developer text as systemInstruction, later ones as the user's", () => {
    const { body, features } = encode(
      chatRequest({
        messages: [
          { role: "system", parts: [{ type: "text", text: "A" }] },
          { role: "developer", parts: [{ type: "text", text: "B" }] },
          user("hi"),
          { role: "system", parts: [{ type: "text", text: "C" }] },
        ],
      }),
    );
    expect(body.systemInstruction).toEqual({ parts: [{ text: "A" }, { text: "B" }] });
    expect(body.contents).toEqual([{ role: "user", parts: [{ text: "hi" }, { text: "C" }] }]);
    expect(features).toContain("messages");
  });

  it("drops empty texts", () => {
    const { contents: out } = contents([user(""), user("x"), says({ type: "text", text: "" }), user("y")]);
    expect(out).toEqual([{ role: "user", parts: [{ text: "x" }, { text: "y" }] }]);
  });
});

describe("signatures", () => {
  const signature = { protocol: "gemini", kind: "signature", data: "c2ln" } as const;
  const foreign = { protocol: "anthropic", kind: "signature", data: "YW50" } as const;

  it("sends Gemini's own back on calls, texts, thoughts and images", () => {
    const { contents: out } = contents([
      user("go"),
      says(
        { type: "reasoning", text: "hm", signature },
        { type: "text", text: "t", signature },
        { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" }, signature },
        { ...call("1"), signature } as AssistantPart,
        call("2"),
      ),
      result("1", "a"),
      result("2", "b"),
    ]);
    expect(out[1]?.parts.map((part) => part.thoughtSignature)).toEqual([
      "c2ln",
      "c2ln",
      "c2ln",
      "c2ln",
      undefined,
    ]);
    expect(out[1]?.parts[0]).toHaveProperty("thought", true);
  });

  it("puts Google's placeholder on the first unsigned call of a turn", () => {
    const { contents: out, features } = contents([
      user("go"),
      says({ ...call("1"), signature: foreign } as AssistantPart, call("2")),
      result("1", "a"),
      result("2", "b"),
    ]);
    expect(out[1]?.parts.map((part) => part.thoughtSignature)).toEqual([SKIP_SIGNATURE, undefined]);
    expect(features).toContain("reasoning");
  });

  it("does without on Gemini 2.5", () => {
    const { contents: out } = contents([user("go"), says(call("1")), result("1", "a")], "gemini-2.5-pro");
    expect(out[1]?.parts[0]).not.toHaveProperty("thoughtSignature");
  });

  it("leaves out the reasoning of others, with a warning", () => {
    const { contents: out, features } = contents([
      user("go"),
      says({ type: "reasoning", text: "secret", signature: foreign }, { type: "text", text: "t" }),
      user("x"),
    ]);
    expect(JSON.stringify(out)).not.toContain("secret");
    expect(features).toEqual(["reasoning"]);
  });
});

describe("ids and names", () => {
  it("makes ids unique within a turn", () => {
    const { contents: out } = contents([
      user("go"),
      says(call("1"), call("1", "g")),
      result("1", "a"),
      result("1", "b"),
    ]);
    expect(out[2]?.parts).toMatchObject([
      { functionResponse: { id: "1", name: "f", response: { output: "a" } } },
      { functionResponse: { id: "1_2", name: "g", response: { output: "b" } } },
    ]);
  });

  it("leaves an id that we made away again", () => {
    const wire = {
      contents: [
        { role: "user", parts: [{ text: "go" }] },
        { role: "model", parts: [{ functionCall: { name: "f", args: {} }, thoughtSignature: "c2ln" }] },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "x" } } }] },
      ],
    };
    expect(encode(decode(wire)).body).toEqual(wire);
  });

  it("renames tools that Gemini would refuse, in declarations, calls, results and choice alike", () => {
    const name = "1 bad näme";
    const { body } = encode(
      chatRequest({
        tools: [{ type: "function", name, parameters: { type: "object" } }],
        toolChoice: { type: "tool", name },
        messages: [user("go"), says(call("1", name)), result("1", "x")],
      }),
    );
    expect(checkRequest(body)).toEqual([]);
    expect(JSON.stringify(body)).not.toContain("näme");
  });

  it("declares custom and foreign client tools as functions, and their calls", () => {
    const { body } = encode(
      chatRequest({
        tools: [
          { type: "custom", name: "patch", description: "p" },
          {
            type: "client",
            kind: "bash",
            name: "bash",
            protocol: "anthropic",
            raw: { type: "bash_20250124", name: "bash" },
          },
        ],
        messages: [
          user("go"),
          says({ type: "tool-call", callId: "1", name: "patch", kind: "custom", input: "free text" }),
          result("1", "x"),
        ],
      }),
    );
    expect(checkRequest(body)).toEqual([]);
    expect(JSON.stringify(body)).toContain('"args":{"input":"free text"}');
    expect(body.tools).toMatchObject([{ functionDeclarations: [{ name: "patch" }, { name: "bash" }] }]);
  });

  it("turns arguments that are no object into one", () => {
    const { contents: out, features } = contents([user("go"), says(call("1", "f", "[1]")), result("1", "x")]);
    expect(out[1]?.parts[0]).toHaveProperty("functionCall.args", { input: [1] });
    expect(features).toContain("tool_call.arguments");
  });
});

describe("media", () => {
  const image = (mediaType: string) =>
    ({ type: "image", source: { kind: "base64", mediaType, data: "AA==" } }) as const;

  it("sends what Gemini reads and says what it does not", () => {
    const { body, features } = encode(
      chatRequest({
        messages: [
          {
            role: "user",
            parts: [
              image("image/png"),
              image("image/gif"),
              { type: "image", source: { kind: "url", url: "https://example.com/a.webp" } },
              { type: "image", source: { kind: "url", url: "data:image/jpeg;base64,AA==" } },
              { type: "image", source: { kind: "file", id: "file-1", protocol: "openai-chat" } },
              {
                type: "document",
                source: { kind: "base64", mediaType: "application/pdf", data: "AA==" },
                title: "T",
              },
              { type: "document", source: { kind: "base64", mediaType: "application/json", data: "e30=" } },
              { type: "document", source: { kind: "text", text: "plain", mediaType: "text/plain" } },
              { type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: "AA==" } },
              { type: "video", source: { kind: "url", url: "https://youtu.be/x" } },
            ],
          },
        ],
      }),
    );
    expect(checkRequest(body)).toEqual([]);
    expect((body.contents as { parts: unknown }[])[0]?.parts).toEqual([
      { inlineData: { mimeType: "image/png", data: "AA==" } },
      { text: expect.stringMatching(/^\[image omitted: .*image\/gif/) },
      { fileData: { mimeType: "image/webp", fileUri: "https://example.com/a.webp" } },
      { inlineData: { mimeType: "image/jpeg", data: "AA==" } },
      { text: expect.stringMatching(/^\[image omitted: /) },
      { text: "T" },
      { inlineData: { mimeType: "application/pdf", data: "AA==" } },
      { text: "{}" },
      { text: "plain" },
      { inlineData: { mimeType: "audio/wav", data: "AA==" } },
      { fileData: { fileUri: "https://youtu.be/x" } },
    ]);
    expect(features).toEqual(["image", "image"]);
  });

  it("nests images in function responses from Gemini 3 on, and puts them beside before", () => {
    const messages: Message[] = [
      user("go"),
      says(call("1")),
      {
        role: "tool",
        parts: [
          {
            type: "tool-result",
            callId: "1",
            kind: "function",
            isError: true,
            content: [{ type: "text", text: "see" }, image("image/png")],
          },
        ],
      },
    ];
    const inlineData = { mimeType: "image/png", data: "AA==" };
    expect(contents(messages).contents[2]?.parts).toEqual([
      { functionResponse: { id: "1", name: "f", response: { error: "see" }, parts: [{ inlineData }] } },
    ]);
    expect(contents(messages, "gemini-2.5-flash").contents[2]?.parts).toEqual([
      { functionResponse: { id: "1", name: "f", response: { error: "see" } } },
      { inlineData },
    ]);
  });

  it("shows other providers' tool items as text or code", () => {
    const item = { type: "provider-tool", protocol: "anthropic", phase: "both", id: "x", raw: {} } as const;
    const { contents: out, features } = contents([
      user("go"),
      says(
        { ...item, tool: "web_search", output: "found" },
        { ...item, tool: "code_execution", input: '{"code":"1+1"}', output: "2" },
        { ...item, phase: "call", tool: "web_fetch" },
        { type: "provider", protocol: "anthropic", raw: {} },
        { type: "refusal", text: "no" },
      ),
      user("x"),
    ]);
    expect(out[1]?.parts).toEqual([
      { text: "[web_search: found]" },
      { executableCode: { id: "x", language: "PYTHON", code: "1+1" } },
      { codeExecutionResult: { id: "x", outcome: "OUTCOME_OK", output: "2" } },
      { text: "no" },
    ]);
    expect(features).toEqual(["web_search", "web_fetch", "content"]);
  });
});

describe("settings", () => {
  it("clamps what is out of range, with a warning each", () => {
    const { body, features } = encode(
      chatRequest({
        sampling: {
          temperature: 3,
          topP: 2,
          topK: 0,
          presencePenalty: 2,
          seed: 2 ** 40 + 5,
          minP: 0.1,
          logitBias: { "1": 2 },
          logprobs: { top: 50 },
        },
        n: 20,
        maxOutputTokens: 1e6,
        stop: ["1", "2", "3", "4", "5", "6", ""],
        user: "me",
        verbosity: "low",
        serviceTier: "scale",
        metadata: { ok: "fine", "Not OK": 1 },
      }),
    );
    expect(checkRequest(body, undefined, path("gemini-3-pro-preview"))).toEqual([]);
    expect(body.labels).toEqual({ ok: "fine" });
    expect(features).toEqual(
      expect.arrayContaining([
        "temperature",
        "top_p",
        "top_k",
        "presence_penalty",
        "seed",
        "min_p",
        "logit_bias",
        "top_logprobs",
        "n",
        "max_tokens",
        "stop",
        "user",
        "verbosity",
        "service_tier",
        "metadata",
      ]),
    );
  });

  it.each([
    ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128 }],
    ["gemini-2.5-flash", { effort: "none" }, { thinkingBudget: 0 }],
    ["gemini-2.5-flash", { effort: "max" }, { thinkingBudget: 24_576 }],
    ["gemini-2.5-flash-lite", { budgetTokens: 100 }, { thinkingBudget: 512 }],
    ["gemini-2.5-pro", { adaptive: true, show: true }, { includeThoughts: true, thinkingBudget: -1 }],
    ["gemini-3-pro-preview", { effort: "medium" }, { thinkingLevel: "HIGH" }],
    ["gemini-3.1-pro-preview", { effort: "medium" }, { thinkingLevel: "MEDIUM" }],
    ["gemini-3-flash-preview", { effort: "none" }, { thinkingLevel: "MINIMAL" }],
    [
      "gemini-3-flash-preview",
      { budgetTokens: 10_000, show: false },
      { includeThoughts: false, thinkingLevel: "MEDIUM" },
    ],
    [
      "gemini-flash-latest",
      { effort: "xhigh", summary: "auto" },
      { includeThoughts: true, thinkingLevel: "HIGH" },
    ],
    ["gemini-3-flash-preview", { budgetTokens: -1 }, undefined],
    ["gemini-2.0-flash", { effort: "high" }, undefined],
    ["other-model", { budgetTokens: 3_000 }, { thinkingBudget: 3_000 }],
    ["gemini-3.7-flash", { effort: "none" }, { thinkingLevel: "LOW" }],
    ["gemini-3.8-flash", { effort: "minimal" }, { thinkingLevel: "LOW" }],
    ["models/gemini-flash-latest", { effort: "minimal" }, { thinkingLevel: "LOW" }],
    ["gemini-flash-lite-latest", { effort: "minimal" }, { thinkingLevel: "MINIMAL" }],
    ["gemini-3.6-flash", { effort: "minimal" }, { thinkingLevel: "MINIMAL" }],
    ["gemini-4-argon", { effort: "minimal" }, { thinkingLevel: "LOW" }],
    ["gemini-4-argon", { effort: "xhigh" }, { thinkingLevel: "HIGH" }],
    ["gemini-4-hydrogen", { effort: "max" }, { thinkingLevel: "XHIGH" }],
    ["gemini-5-xenon", { effort: "none" }, { thinkingLevel: "LOW" }],
  ] as const)("%s thinks %j as %j", (model, reasoning, expected) => {
    const { body } = encode(chatRequest({ model, reasoning }));
    expect((body.generationConfig as Json | undefined)?.thinkingConfig).toEqual(expected);
    expect(checkRequest(body, undefined, path(model))).toEqual([]);
  });

  it("leaves out sampling that the newest models refuse, and says so", () => {
    const sampling = { temperature: 0.5, topP: 0.9, topK: 3, seed: 1 };
    const { body, warnings } = encode(chatRequest({ model: "gemini-4-hydrogen", sampling }));
    expect(body.generationConfig).toEqual({ seed: 1 });
    expect(
      warnings.filter(({ feature: each }) => ["temperature", "top_p", "top_k"].includes(each)),
    ).toHaveLength(3);
    const argon = encode(chatRequest({ model: "gemini-4-argon", sampling }));
    expect(argon.body.generationConfig).toMatchObject({ temperature: 0.5, topP: 0.9, topK: 3 });
  });

  it("asks for structured output by JSON Schema, by the subset on old models, in words beside tools", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { a: { const: "x" }, b: { $ref: "#/$defs/B", description: "d" } },
      $defs: { B: { type: "string" } },
    };
    const responseFormat = { type: "json-schema", schema } as const;
    const modern = encode(chatRequest({ responseFormat, model: "gemini-2.5-pro" })).body;
    expect(modern.generationConfig).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: {
        type: "object",
        properties: { a: { enum: ["x"] }, b: { $ref: "#/$defs/B" } },
        $defs: { B: { type: "string" } },
      },
    });
    const old = encode(chatRequest({ responseFormat, model: "gemini-2.0-flash" })).body;
    expect(old.generationConfig).toMatchObject({ responseSchema: { type: "OBJECT" } });
    expect(checkRequest(old, undefined, path("gemini-2.0-flash"))).toEqual([]);
    const beside = encode(chatRequest({ responseFormat, model: "gemini-2.5-pro", tools: [f] }));
    expect(beside.body.generationConfig).toBeUndefined();
    expect(JSON.stringify(beside.body.systemInstruction)).toContain("JSON Schema");
    expect(checkRequest(beside.body, undefined, path("gemini-2.5-pro"))).toEqual([]);
    expect(encode(chatRequest({ responseFormat: { type: "json" } })).body.generationConfig).toEqual({
      responseMimeType: "application/json",
    });
  });
});

describe("tools", () => {
  const search: Tool = {
    type: "provider",
    kind: "web_search",
    name: "web_search",
    protocol: "anthropic",
    raw: { type: "web_search_20250305", name: "web_search", max_uses: 3 },
  };

  it("maps other providers' tools to Google's own", () => {
    const { body, features } = encode(
      chatRequest({ tools: [f, search, { ...search, kind: "mcp", name: "mcp" }], parallelToolCalls: false }),
    );
    expect(body.tools).toMatchObject([{ functionDeclarations: [{ name: "f" }] }, { googleSearch: {} }]);
    expect(body.toolConfig).toEqual({ includeServerSideToolInvocations: true });
    expect(features).toEqual(["tools.web_search", "tools.mcp", "parallel_tool_calls"]);
    expect(checkRequest(body)).toEqual([]);
  });

  it("keeps the functions where a model cannot have both", () => {
    const { body } = encode(chatRequest({ model: "gemini-2.5-pro", tools: [f, search] }));
    expect(checkRequest(body, undefined, path("gemini-2.5-pro"))).toEqual([]);
    expect(body.tools).toHaveLength(1);
  });

  it.each([
    [{ type: "auto" }, { mode: "AUTO" }],
    [{ type: "none" }, { mode: "NONE" }],
    [{ type: "required" }, { mode: "ANY" }],
    [
      { type: "tool", name: "f" },
      { mode: "ANY", allowedFunctionNames: ["f"] },
    ],
    [
      { type: "allowed", mode: "auto", names: ["f", "gone"] },
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
    ],
    [{ type: "tool", name: "gone" }, undefined],
  ] as const)("says the choice %j", (choice, functionCallingConfig) => {
    const toolChoice = choice.type === "allowed" ? { ...choice, names: [...choice.names] } : choice;
    const { body } = encode(chatRequest({ tools: [f], toolChoice }));
    expect(body.toolConfig).toEqual(
      functionCallingConfig === undefined ? undefined : { functionCallingConfig },
    );
    expect(checkRequest(body)).toEqual([]);
  });

  it("drops a demand for calls where there is nothing to call", () => {
    expect(encode(chatRequest({ toolChoice: { type: "required" } })).body.toolConfig).toBeUndefined();
  });

  it("declares parameters in the subset for old models", () => {
    const { body, features } = encode(
      chatRequest({
        model: "gemini-2.0-flash",
        tools: [
          { type: "function", name: "none", parameters: { type: "object", properties: {} } },
          {
            type: "function",
            name: "g",
            parameters: { type: "object", properties: { x: { type: "string", contentEncoding: "base64" } } },
          },
        ],
      }),
    );
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          { name: "none" },
          {
            name: "g",
            parameters: { type: "OBJECT", properties: { x: { type: "STRING" } }, propertyOrdering: ["x"] },
          },
        ],
      },
    ]);
    expect(features).toEqual(["tools.g"]);
    expect(checkRequest(body, undefined, path("gemini-2.0-flash"))).toEqual([]);
  });
});

describe("what a client said beside the canonical fields", () => {
  it("is put back for Gemini", () => {
    const wire = {
      tools: [
        { functionDeclarations: [{ name: "f", description: "F", behavior: "BLOCKING" }] },
        { googleSearch: { timeRangeFilter: {} } },
        { computerUse: { environment: "ENVIRONMENT_BROWSER" } },
        { mcpServers: [{ name: "s" }] },
      ],
      toolConfig: {
        functionCallingConfig: { mode: "VALIDATED" },
        retrievalConfig: { languageCode: "de" },
        includeServerSideToolInvocations: true,
      },
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
      generationConfig: {
        temperature: 1,
        responseMimeType: "text/x.enum",
        thinkingConfig: { thinkingLevel: "LOW", newKnob: 1 },
        speechConfig: { languageCode: "de" },
      },
      cachedContent: "cachedContents/1",
      labels: { a: "b" },
      serviceTier: "standard",
      safetySettings: [{ category: "X", threshold: "Y" }],
      store: false,
      brandNew: { a: [1] },
    };
    const { body, warnings } = encode(decode(wire));
    expect(body).toEqual(wire);
    expect(warnings).toEqual([]);
  });

  it("is warned about when it is another protocol's", () => {
    const { body, features } = encode(
      chatRequest({ extra: { protocol: "openai-chat", fields: { prediction: {}, web_search_options: {} } } }),
    );
    expect(features).toEqual(["prediction", "web_search_options"]);
    expect(Object.keys(body)).toEqual(["contents"]);
  });
});
