import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { ChatRequest, Message, Tool } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { checkRequest } from "../../../support/strict/openaiChat.ts";
import { chatRequest, DECODE, encodeContext } from "./helpers.ts";

const decode = (body: object) =>
  codec.decodeRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...body }, DECODE);

function refused(body: unknown): PorticoError {
  try {
    codec.decodeRequest(body, DECODE);
  } catch (error) {
    if (error instanceof PorticoError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

function encode(
  over: Partial<ChatRequest>,
  provider = "openai",
  context: Parameters<typeof encodeContext>[1] = {},
) {
  const c = encodeContext(provider, context);
  const body = codec.encodeRequest(chatRequest({ stream: false, ...over }), c);
  return { body, warnings: c.warnings, messages: body.messages as Record<string, unknown>[] };
}

const firstCallId = (message: Record<string, unknown> | undefined): unknown => {
  const [first] = Array.isArray(message?.tool_calls) ? (message.tool_calls as { id: unknown }[]) : [];
  return first?.id;
};
const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });
const call = (callId: string, name = "f"): Message => ({
  role: "assistant",
  parts: [{ type: "tool-call", callId, name, kind: "function", input: "{}" }],
});
const result = (callId: string, text = "ok"): Message => ({
  role: "tool",
  parts: [{ type: "tool-result", callId, kind: "function", content: [{ type: "text", text }] }],
});
const fn = (name: string): Tool => ({
  type: "function",
  name,
  parameters: { type: "object", properties: {} },
});

describe("decoding a request", () => {
  it("names the field that is wrong and what is allowed", () => {
    const at = (body: object) => refused({ model: "m", messages: [{ role: "user", content: "x" }], ...body });
    expect(refused(null).kind).toBe("invalid_request");
    expect(refused({ messages: [] }).kind).toBe("invalid_request");
    expect(refused({ model: "m", messages: [] }).field).toBe("messages");
    expect(at({ messages: [{ role: "robot", content: "x" }] })).toMatchObject({
      field: "messages[0].role",
      message: expect.stringContaining("developer, system, user"),
    });
    expect(at({ messages: [{ role: "user", content: 5 }] }).field).toBe("messages[0].content");
    expect(
      at({
        messages: [
          { role: "user", content: "a" },
          { role: "user", content: [{ type: "text", text: 7 }] },
        ],
      }).field,
    ).toBe("messages[1].content[0].text");
    expect(at({ messages: [{ role: "tool", content: "x" }] }).field).toBe("messages[0].tool_call_id");
    expect(at({ tools: [{ type: "function", function: { name: 3 } }] }).field).toBe("tools[0].function.name");
    expect(at({ reasoning_effort: "huge" }).message).toContain('"minimal"');
    expect(at({ temperature: "hot" }).field).toBe("temperature");
    expect(at({ max_tokens: 0 }).field).toBe("max_tokens");
  });

  it("reads everything the SDK's types name", () => {
    const request = decode({
      messages: [
        { role: "developer", content: [{ type: "text", text: "d" }] },
        { role: "system", content: "s", name: "n" },
        {
          role: "user",
          content: [
            { type: "text", text: "t", prompt_cache_breakpoint: { mode: "explicit" } },
            { type: "image_url", image_url: { url: "https://x.test/i.png", detail: "low" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
            { type: "input_audio", input_audio: { data: "AA==", format: "mp3" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" } },
            { type: "file", file: { file_id: "file-1" } },
            { type: "hologram", x: 1 },
          ],
        },
        {
          role: "assistant",
          content: "c",
          refusal: "r",
          reasoning_content: "think",
          audio: { id: "aud_1" },
          tool_calls: [
            {
              id: "1",
              type: "function",
              function: { name: "f", arguments: "{}" },
              extra_content: { google: { thought_signature: "s" } },
            },
            { id: "2", type: "custom", custom: { name: "c", input: "free" } },
          ],
        },
        { role: "tool", tool_call_id: "1", content: "one" },
        { role: "tool", tool_call_id: "2", content: [{ type: "text", text: "two" }] },
      ],
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "mp3" },
      prediction: { type: "content", content: "p" },
      web_search_options: { search_context_size: "low" },
      logprobs: true,
      top_logprobs: 2,
      n: 2,
      stop: "END",
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      thinking: { type: "enabled", budget_tokens: 2000 },
      brand_new: 1,
      prompt_cache_key: "k",
      store: null,
    });
    expect(request).toMatchObject({
      modalities: ["text", "audio"],
      n: 2,
      stop: ["END"],
      stream: true,
      includeUsage: true,
      cacheKey: "k",
      sampling: { logprobs: { top: 2 } },
      reasoning: { budgetTokens: 2000, show: true },
      tools: [{ type: "provider", kind: "web_search", raw: { search_context_size: "low" } }],
      extra: {
        protocol: "openai-chat",
        fields: {
          audio: { voice: "alloy", format: "mp3" },
          prediction: { type: "content", content: "p" },
          brand_new: 1,
          stream_options: { include_obfuscation: false },
        },
      },
    });
    expect(request.messages.map((message) => message.role)).toEqual([
      "developer",
      "system",
      "user",
      "assistant",
      "tool",
    ]);
    expect(request.messages[2]?.parts).toMatchObject([
      { type: "text", cache: {} },
      { type: "image", source: { kind: "url" }, detail: "low" },
      { type: "image", source: { kind: "base64", mediaType: "image/png" } },
      { type: "audio", source: { mediaType: "audio/mpeg" } },
      { type: "document", name: "a.pdf", source: { kind: "base64" } },
      { type: "document", source: { kind: "file", id: "file-1" } },
      { type: "provider", raw: { type: "hologram" } },
    ]);
    expect(request.messages[3]?.parts).toMatchObject([
      { type: "reasoning", text: "think" },
      { type: "text", text: "c" },
      { type: "refusal", text: "r" },
      { type: "audio", id: "aud_1" },
      { type: "tool-call", callId: "1", signature: { protocol: "gemini", data: "s" } },
      { type: "tool-call", callId: "2", kind: "custom", input: "free" },
    ]);
    expect(request.messages[4]?.parts).toMatchObject([
      { callId: "1", kind: "function", name: "f" },
      { callId: "2", kind: "custom", name: "c" },
    ]);
  });

  it("reads the deprecated functions", () => {
    const request = decode({
      functions: [{ name: "f", parameters: { type: "object" } }],
      function_call: { name: "f" },
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "r" },
      ],
    });
    expect(request).toMatchObject({
      legacyFunctions: true,
      toolChoice: { type: "tool", name: "f" },
      tools: [{ name: "f" }],
    });
    const id = request.messages[1]?.parts[0];
    const answer = request.messages[2]?.parts[0];
    expect(id?.type === "tool-call" && answer?.type === "tool-result" && id.callId === answer.callId).toBe(
      true,
    );
    const { body } = encode(request);
    expect(checkRequest(body)).toEqual([]);
    expect(body.functions).toBeUndefined();
  });

  it("reads tool choices and unknown tools", () => {
    const choice = (tool_choice: unknown) =>
      decode({ tools: [{ type: "function", function: { name: "f" } }], tool_choice }).toolChoice;
    expect(choice("none")).toEqual({ type: "none" });
    expect(choice("required")).toEqual({ type: "required" });
    expect(choice({ type: "function", function: { name: "f" } })).toEqual({
      type: "tool",
      name: "f",
      kind: "function",
    });
    expect(
      choice({
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "f" } }] },
      }),
    ).toEqual({ type: "allowed", mode: "auto", names: ["f"] });
    expect(decode({ tools: [{ type: "x_search", a: 1 }] }).tools).toEqual([
      {
        type: "provider",
        kind: "other",
        name: "x_search",
        protocol: "openai-chat",
        raw: { type: "x_search", a: 1 },
      },
    ]);
  });
});

describe("encoding a request", () => {
  it("names no tool in a choice that is not sent", () => {
    const search = {
      type: "provider",
      kind: "web_search",
      name: "web_search",
      protocol: "anthropic",
      raw: {},
    } as const;
    const some = encode({
      tools: [fn("f"), search],
      toolChoice: { type: "allowed", mode: "required", names: ["web_search", "f"] },
    });
    expect(some.body.tool_choice).toMatchObject({ allowed_tools: { tools: [{ function: { name: "f" } }] } });
    expect(some.warnings).toContain("tool_choice");
    const none = encode({
      tools: [fn("f"), search],
      toolChoice: { type: "allowed", mode: "required", names: ["web_search"] },
    });
    expect(none.body.tool_choice).toBe("required");
    const named = encode({ tools: [fn("f"), search], toolChoice: { type: "tool", name: "web_search" } });
    expect(named.body.tool_choice).toBe("auto");
  });

  it("puts results right after their calls, fills in what is missing and turns strays into words", () => {
    const { body, messages, warnings } = encode({
      messages: [user("a"), call("1"), user("b"), result("1"), call("2"), result("lost"), user("c")],
      tools: [fn("f")],
    });
    expect(checkRequest(body)).toEqual([]);
    expect(messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "user",
      "assistant",
      "tool",
      "user",
      "user",
    ]);
    expect(messages[2]).toMatchObject({ tool_call_id: "1", content: "ok" });
    expect(messages[5]).toMatchObject({ tool_call_id: "2", content: "[no result was recorded]" });
    expect(JSON.stringify(messages[6])).toContain("Result of a tool:");
    expect(warnings).toHaveLength(2);
  });

  it("maps ids consistently into the target's alphabet", () => {
    const long = `toolu_${"x".repeat(60)}`;
    const { body, messages } = encode({ messages: [user("a"), call(long), result(long)] });
    expect(checkRequest(body)).toEqual([]);
    const mistral = encode(
      { messages: [user("a"), call("toolu_1"), result("toolu_1"), user("b")] },
      "mistral",
    ).messages;
    const id = firstCallId(mistral[1]);
    expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(mistral[2]?.tool_call_id).toBe(id);
    expect(mistral.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
    expect(messages[2]?.tool_call_id).toBe(firstCallId(messages[1]));
  });

  it("keeps two calls with one id apart", () => {
    const { body, messages } = encode({
      messages: [
        user("a"),
        { role: "assistant", parts: [...call("x").parts, ...call("x").parts] as never },
        { role: "tool", parts: [...result("x", "one").parts, ...result("x", "two").parts] as never },
      ],
    });
    expect(checkRequest(body)).toEqual([]);
    expect(messages.slice(2).map((message) => message.content)).toEqual(["one", "two"]);
  });

  it("moves what tools return beside text into a user message", () => {
    const { body, messages } = encode({
      messages: [
        user("a"),
        call("1"),
        {
          role: "tool",
          parts: [
            {
              type: "tool-result",
              callId: "1",
              kind: "function",
              isError: true,
              content: [{ type: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } }],
            },
          ],
        },
      ],
    });
    expect(checkRequest(body)).toEqual([]);
    expect(messages[3]).toMatchObject({ role: "user", content: [{ type: "image_url" }] });
    expect(JSON.stringify(messages[2])).toContain("The tool failed.");
  });

  it("writes words where the target cannot take a kind", () => {
    const parts = [
      { type: "image", source: { kind: "url", url: "https://x.test/i.png" } },
      { type: "document", source: { kind: "base64", mediaType: "application/pdf", data: "AA==" } },
      { type: "document", source: { kind: "text", text: "words", mediaType: "text/plain" }, title: "T" },
      { type: "audio", source: { kind: "base64", mediaType: "audio/ogg", data: "AA==" } },
      { type: "video", source: { kind: "url", url: "https://x.test/v.mp4" } },
    ] as const;
    const messages: Message[] = [{ role: "user", parts: [...parts] }];
    const openai = encode({ messages });
    expect(checkRequest(openai.body)).toEqual([]);
    expect(openai.messages[0]?.content).toMatchObject([
      { type: "image_url" },
      { type: "file" },
      { type: "text", text: "T\n\nwords" },
      { type: "text", text: "[audio omitted: audio/ogg]" },
      { type: "text", text: "[video omitted: https://x.test/v.mp4]" },
    ]);
    expect(openai.warnings).toEqual(["messages[0].content[3]", "messages[0].content[4]"]);
    const deepseek = encode({ messages }, "deepseek");
    expect(deepseek.messages[0]?.content).toBeTypeOf("string");
    expect(deepseek.warnings).toHaveLength(4);
  });

  it("drops foreign signatures and reasoning, but keeps reasoning where the target has a place for it", () => {
    const messages: Message[] = [
      user("a"),
      {
        role: "assistant",
        parts: [
          {
            type: "reasoning",
            text: "why",
            signature: { protocol: "anthropic", kind: "signature", data: "S" },
          },
          {
            type: "tool-call",
            callId: "1",
            name: "f",
            kind: "function",
            input: "",
            signature: { protocol: "gemini", kind: "signature", data: "G" },
          },
        ],
      },
      result("1"),
    ];
    const openai = encode({ messages });
    expect(checkRequest(openai.body)).toEqual([]);
    expect(JSON.stringify(openai.body)).not.toMatch(/why|"S"|"G"/);
    expect(openai.warnings).toContain("messages[1].reasoning");
    expect(encode({ messages }, "deepseek").messages[1]).toMatchObject({ reasoning_content: "why" });
    expect(encode({ messages }, "groq").messages[1]).toMatchObject({ reasoning: "why" });
    expect(encode({ messages }, "mistral").messages[1]).toMatchObject({ content: [{ type: "thinking" }] });
    expect(encode({ messages: [user("a"), call("1"), result("1")] }, "moonshot").messages[1]).toMatchObject({
      reasoning_content: " ",
    });
    expect(encode({ messages, model: "gemini-3-pro" }, "gemini").messages[1]).toMatchObject({
      tool_calls: [{ extra_content: { google: { thought_signature: "G" } } }],
    });
  });

  it("sends OpenRouter its own reasoning details again", () => {
    const detail = { type: "reasoning.text", signature: "S", format: "anthropic-claude-v1", index: 0 };
    const body = {
      model: "anthropic/claude",
      messages: [
        { role: "user", content: "x" },
        {
          role: "assistant",
          content: "y",
          reasoning: "why",
          reasoning_details: [{ ...detail, text: "why" }],
        },
        { role: "user", content: "z" },
      ],
    };
    const request = codec.decodeRequest(body, DECODE);
    expect(encode(request, "openrouter").messages[1]).toMatchObject({
      reasoning: "why",
      reasoning_details: [{ ...detail, text: "why" }],
    });
  });

  it("asks each provider for reasoning in its own words", () => {
    const ask = (provider: string, model: string, reasoning: ChatRequest["reasoning"]) => {
      const { body, warnings } = encode({ model, ...(reasoning ? { reasoning } : {}) }, provider);
      const { model: _, messages: __, ...rest } = body;
      return { ...rest, ...(warnings.length ? { warnings } : {}) };
    };
    expect(ask("openai", "gpt-5", { effort: "high" })).toEqual({ reasoning_effort: "high" });
    expect(ask("openai", "gpt-5", { effort: "max" })).toEqual({
      reasoning_effort: "high",
      warnings: ["reasoning.effort"],
    });
    expect(ask("openai", "gpt-5.1", { effort: "none" })).toEqual({ reasoning_effort: "none" });
    expect(ask("openai", "gpt-6-sol", { effort: "max" })).toEqual({ reasoning_effort: "max" });
    expect(ask("openai", "o3", { budgetTokens: 30_000 })).toMatchObject({ reasoning_effort: "high" });
    expect(ask("openai", "gpt-4o", { effort: "high" })).toEqual({ warnings: ["reasoning.effort"] });
    expect(ask("openai", "gpt-5", { adaptive: true })).toEqual({});
    expect(ask("custom", "my-model", { effort: "low" })).toEqual({ warnings: ["reasoning.effort"] });
    expect(ask("deepseek", "deepseek-chat", { effort: "xhigh" })).toEqual({
      thinking: { type: "enabled" },
      reasoning_effort: "high",
    });
    expect(ask("deepseek", "deepseek-chat", { effort: "none" })).toEqual({ thinking: { type: "disabled" } });
    expect(ask("zai", "glm-4.7", { budgetTokens: 0 })).toEqual({ thinking: { type: "disabled" } });
    expect(ask("moonshot", "kimi-k3", { effort: "medium" })).toMatchObject({ reasoning_effort: "low" });
    expect(ask("moonshot", "kimi-k2.6", { adaptive: true })).toEqual({ thinking: { type: "enabled" } });
    expect(ask("openrouter", "a/b", { budgetTokens: 5000, show: false })).toEqual({
      reasoning: { max_tokens: 5000, exclude: true },
    });
    expect(ask("openrouter", "a/b", { effort: "high" })).toEqual({ reasoning: { effort: "high" } });
    expect(ask("mistral", "mistral-large-2411", { effort: "high" })).toEqual({
      warnings: ["reasoning.effort"],
    });
    expect(ask("mistral", "mistral-large-4", { effort: "max" })).toMatchObject({ reasoning_effort: "high" });
    expect(ask("mistral", "mistral-small-latest", { effort: "none" })).toEqual({ reasoning_effort: "none" });
    expect(ask("zai", "glm-5.3", { effort: "medium" })).toEqual({ reasoning_effort: "low" });
    expect(ask("zai", "glm-5.3", { effort: "none" })).toEqual({
      reasoning_effort: "low",
      warnings: ["reasoning.effort"],
    });
    expect(ask("zai", "glm-5.2", { effort: "max" })).toEqual({
      thinking: { type: "enabled" },
      reasoning_effort: "max",
    });
    expect(ask("gemini", "gemini-3.8-flash", { effort: "minimal" })).toMatchObject({
      reasoning_effort: "low",
    });
    expect(ask("xai", "grok-4.6", { effort: "none" })).toMatchObject({ reasoning_effort: "low" });
    expect(ask("openai", "gpt-6-astra", { effort: "max" })).toMatchObject({ reasoning_effort: "xhigh" });
    expect(ask("openai", "gpt-7-nova", { effort: "none" })).toMatchObject({ reasoning_effort: "low" });
    expect(ask("xai", "grok-3-mini", { effort: "medium" })).toMatchObject({ reasoning_effort: "low" });
    expect(ask("xai", "grok-4", { effort: "high" })).toEqual({ warnings: ["reasoning.effort"] });
  });

  it.each(["gpt-5.4", "gpt-5.5", "gpt-5.6-sol", "gpt-6-luna", "gpt-6.1-terra"])(
    "asks %s not to think beside tools, which it would do unless told",
    (model) => {
      const tools = [fn("f") as Tool];
      for (const reasoning of [undefined, { effort: "high" as const }]) {
        const { body, warnings } = encode({ model, tools, ...(reasoning ? { reasoning } : {}) });
        expect(checkRequest(body)).toEqual([]);
        expect(body.reasoning_effort).toBe("none");
        expect(warnings).toEqual(reasoning === undefined ? [] : ["reasoning.effort"]);
      }
      expect(encode({ model, tools, reasoning: { effort: "high" } }, "openrouter").body.reasoning).toEqual({
        effort: "high",
      });
    },
  );

  it.each(["gpt-5", "gpt-5.1", "gpt-5.6-sol", "gpt-6-astra", "o3", "grok-4.6", "gpt-7-nova"])(
    "leaves out stop sequences for %s, which refuses them",
    (model) => {
      const { body, warnings } = encode({ model, stop: ["x"] });
      expect(body.stop).toBeUndefined();
      expect(warnings).toEqual(["stop"]);
    },
  );

  it("keeps stop sequences for models that take them", () => {
    for (const model of ["gpt-4.1", "gpt-4o-mini", "gpt-5-chat-latest", "my-model"])
      expect(encode({ model, stop: ["x"] }).body.stop).toEqual(["x"]);
  });

  it("offers one tool alone where a call can be demanded, but of no certain tool", () => {
    const tools = [fn("f") as Tool, fn("g") as Tool];
    const { body } = encode({ model: "kimi-k3", tools, toolChoice: { type: "tool", name: "g" } }, "moonshot");
    expect(body).toMatchObject({ tool_choice: "required", tools: [{ function: { name: "g" } }] });
    const forced = { model: "kimi-k2.6", tools, toolChoice: { type: "required" as const } };
    expect(encode(forced, "moonshot").body).toMatchObject({
      tool_choice: "required",
      thinking: { type: "disabled" },
    });
  });

  it("takes penalties off reasoning models of xAI, and keeps their other sampling", () => {
    const sampling = { temperature: 0.3, presencePenalty: 1, frequencyPenalty: 0 };
    const { body, warnings } = encode({ model: "grok-4.6", sampling }, "xai");
    expect(body).toMatchObject({ temperature: 0.3 });
    expect(body).not.toHaveProperty("presence_penalty");
    expect(warnings).toEqual(["presence_penalty"]);
  });

  it("speaks the dialect of the target, and the common subset to unknown ones", () => {
    const over: Partial<ChatRequest> = {
      messages: [
        { role: "system", parts: [{ type: "text", text: "a" }] },
        { role: "developer", parts: [{ type: "text", text: "b" }] },
        user("x"),
      ],
      maxOutputTokens: 100,
      parallelToolCalls: false,
      stream: true,
      tools: [{ ...fn("f"), strict: true } as Tool, { type: "custom", name: "c" }],
      toolChoice: { type: "allowed", mode: "required", names: ["f"] },
      sampling: { temperature: 1.9, topK: 4, seed: 1 },
    };
    const openai = encode(over);
    expect(checkRequest(openai.body)).toEqual([]);
    expect(openai.body).toMatchObject({
      messages: [{ role: "system" }, { role: "developer" }, { role: "user" }],
      max_completion_tokens: 100,
      parallel_tool_calls: false,
      stream_options: { include_usage: true },
      tools: [{ function: { strict: true } }, { type: "custom" }],
      tool_choice: { type: "allowed_tools" },
      temperature: 1.9,
      seed: 1,
    });
    expect(openai.warnings).toEqual(["top_k"]);
    const custom = encode(over, "something-new");
    expect(custom.body).toMatchObject({
      messages: [
        { role: "system", content: "a\n\nb" },
        { role: "user", content: "x" },
      ],
      max_tokens: 100,
      tools: [{ type: "function", function: { name: "f" } }],
      tool_choice: "required",
    });
    expect(custom.body.parallel_tool_calls).toBeUndefined();
    expect(JSON.stringify(custom.body)).not.toContain("strict");
    const mistral = encode(over, "mistral");
    expect(mistral.body).toMatchObject({ max_tokens: 100, random_seed: 1, temperature: 1.5 });
    expect(mistral.body.stream_options).toBeUndefined();
    expect(encode({ ...over, toolChoice: { type: "none" } }, "zai").body.tools).toBeUndefined();
    expect(encode({ ...over, toolChoice: { type: "tool", name: "f" } }, "lmstudio").body).toMatchObject({
      tool_choice: "required",
      tools: [{}],
    });
    const deepseek = { ...over, model: "deepseek-flash", toolChoice: { type: "tool", name: "f" } as const };
    expect(encode(deepseek, "deepseek").body).toMatchObject({
      thinking: { type: "disabled" },
      tool_choice: { type: "function", function: { name: "f" } },
    });
    expect(
      encode(
        { messages: [user("x"), { role: "assistant", parts: [{ type: "text", text: "pre" }] }] },
        "mistral",
      ).messages[1],
    ).toMatchObject({ prefix: true });
  });

  it("leaves out what models that reason refuse", () => {
    const { body, warnings } = encode({
      model: "gpt-5-mini",
      sampling: { temperature: 0.3, topP: 1, frequencyPenalty: 1, seed: 1 },
      stop: ["x"],
      maxOutputTokens: 9,
      verbosity: "low",
    });
    expect(checkRequest(body)).toEqual([]);
    expect(body).toMatchObject({ seed: 1, verbosity: "low", max_completion_tokens: 9 });
    expect(warnings).toEqual(["temperature", "frequency_penalty", "stop"]);
    expect(encode({ model: "openai/gpt-5", maxOutputTokens: 9 }, "custom").body).toMatchObject({
      max_completion_tokens: 9,
    });
  });

  it("keeps schemas within what OpenAI takes", () => {
    const { body } = encode({
      tools: [
        {
          type: "function",
          name: "gemini",
          parameters: {
            type: "OBJECT",
            properties: { a: { type: "STRING", nullable: true }, type: { type: "INTEGER" } },
          },
        },
        {
          type: "function",
          name: "any",
          parameters: {
            anyOf: [
              { properties: { a: {} }, required: ["a"] },
              { properties: { b: {} }, required: ["a", "b"] },
            ],
          },
        },
        { type: "function", name: "bool", parameters: true },
        { type: "function", name: "mcp.tool:name", description: "d" },
      ],
      responseFormat: { type: "json-schema", schema: { type: "OBJECT" }, name: "a b" },
    });
    expect(checkRequest(body)).toEqual([]);
    expect(body.tools).toMatchObject([
      {
        function: {
          parameters: {
            type: "object",
            properties: { a: { type: ["string", "null"] }, type: { type: "integer" } },
          },
        },
      },
      { function: { parameters: { properties: { a: {}, b: {} }, required: ["a"] } } },
      { function: { parameters: { type: "object" } } },
      { function: { name: "mcp_tool_name" } },
    ]);
    expect(body.response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "a_b", schema: { type: "object" } },
    });
  });

  it("asks for JSON in words where it must", () => {
    const plain = encode({ responseFormat: { type: "json" } });
    expect(checkRequest(plain.body)).toEqual([]);
    const deepseek = encode(
      { responseFormat: { type: "json-schema", schema: { type: "object", properties: { k: {} } } } },
      "deepseek",
    );
    expect(deepseek.body.response_format).toEqual({ type: "json_object" });
    expect(deepseek.messages[0]).toMatchObject({ role: "system", content: expect.stringContaining('"k"') });
    expect(encode({ responseFormat: { type: "json" } }, "lmstudio").body.response_format).toMatchObject({
      type: "json_schema",
    });
  });

  it("sets a cache key for OpenAI when the session is known and caching is on", () => {
    expect(encode({}, "openai", { autoCache: true, session: "s" }).body.prompt_cache_key).toBe("s");
    expect(encode({ cacheKey: "k" }, "openai", { autoCache: true, session: "s" }).body.prompt_cache_key).toBe(
      "k",
    );
    expect(String(encode({ cacheKey: "k".repeat(100) }).body.prompt_cache_key)).toHaveLength(64);
    expect(encode({}, "openai", { session: "s" }).body.prompt_cache_key).toBeUndefined();
    expect(encode({}, "custom", { autoCache: true, session: "s" }).body.prompt_cache_key).toBeUndefined();
  });

  it("passes cache markers on where they mean something, at most four", () => {
    const messages: Message[] = [
      {
        role: "user",
        parts: Array.from({ length: 6 }, (_, i) => ({ type: "text", text: `${i}`, cache: { ttl: "1h" } })),
      },
    ];
    const count = (value: unknown, word: string) => JSON.stringify(value).split(word).length - 1;
    expect(
      count(
        encode({ messages, model: "anthropic/claude" }, "openrouter").body,
        '"cache_control":{"type":"ephemeral","ttl":"1h"}',
      ),
    ).toBe(4);
    expect(count(encode({ messages, model: "gpt-5.6-sol" }).body, "prompt_cache_breakpoint")).toBe(4);
    expect(checkRequest(encode({ messages, model: "gpt-5.6-sol" }).body)).toEqual([]);
    expect(encode({ messages }).warnings).toEqual([]);
    expect(count(encode({ messages }).body, "cache")).toBe(0);
  });

  it("puts its own extra fields back and warns about those of others", () => {
    const own = encode({
      extra: {
        protocol: "openai-chat",
        fields: { prediction: { type: "content", content: "p" }, suffix: "s", echo: true },
      },
    });
    expect(own.body.prediction).toEqual({ type: "content", content: "p" });
    expect(own.body.suffix).toBeUndefined();
    expect(own.warnings).toEqual(["suffix"]);
    const foreign = encode({ extra: { protocol: "anthropic", fields: { context_management: {} } } });
    expect(foreign.body.context_management).toBeUndefined();
    expect(foreign.warnings).toEqual(["context_management"]);
  });

  it("declares client tools and namespaces as functions", () => {
    const tools: Tool[] = [
      {
        type: "client",
        kind: "local_shell",
        name: "local_shell",
        protocol: "openai-responses",
        raw: { type: "local_shell" },
      },
      { type: "function", name: "read", namespace: "fs", parameters: { type: "object" } },
      { type: "provider", kind: "web_search", name: "web_search", protocol: "anthropic", raw: {} },
      { type: "custom", name: "patch" },
    ];
    const { body, warnings } = encode({ tools }, "custom");
    expect(checkRequest(body)).toEqual([]);
    expect((body.tools as { function: { name: string } }[]).map((tool) => tool.function.name)).toEqual([
      "local_shell",
      "fs__read",
      "patch",
    ]);
    expect(warnings).toEqual(["tools.web_search"]);
    expect(encode({ tools, model: "gpt-4o-search-preview" }).body.web_search_options).toEqual({});
  });

  it("writes the same prefix for the same request", () => {
    const one = JSON.stringify(
      encode({ tools: [fn("a"), fn("b")], sampling: { topP: 0.5, temperature: 0.5 } }).body,
    );
    const two = JSON.stringify(
      encode({ sampling: { temperature: 0.5, topP: 0.5 }, tools: [fn("a"), fn("b")] }).body,
    );
    expect(one).toBe(two);
  });
});
