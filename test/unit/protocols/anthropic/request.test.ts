import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import {
  decodeCountTokens,
  encodeCountTokensReply,
  encodeCountTokensRequest,
} from "../../../../src/gateway/protocols/anthropic/countTokens.ts";
import type { ChatRequest, Message, Tool } from "../../../../src/gateway/protocols/chat.ts";
import { checkRequest } from "../../../support/strict/anthropic.ts";
import { CLAUDE, decode, encode, request } from "./helpers.ts";

const user = (text: string): Message => ({ role: "user", parts: [{ type: "text", text }] });
const assistant = (text: string): Message => ({ role: "assistant", parts: [{ type: "text", text }] });
const call = (callId: string, name = "f"): Message => ({
  role: "assistant",
  parts: [{ type: "tool-call", callId, name, kind: "function", input: "{}" }],
});
const result = (callId: string, text = "ok"): Message => ({
  role: "tool",
  parts: [{ type: "tool-result", callId, kind: "function", content: [{ type: "text", text }] }],
});
const tool = { type: "function" as const, name: "f", parameters: { type: "object", properties: {} } };

/** Encodes and lets the strict judge look. */
function accepted(chat: ChatRequest, context: Parameters<typeof encode>[1] = {}) {
  const out = encode(chat, context);
  expect(checkRequest(out.body)).toEqual([]);
  return out;
}
const features = (warnings: { feature: string }[]) => warnings.map((warning) => warning.feature);

const CLAUDE_CODE = {
  model: "claude-opus-4-8",
  max_tokens: 64000,
  system: [
    { type: "text", text: "You are a coding agent." },
    { type: "text", text: "Long instructions.", cache_control: { type: "ephemeral", ttl: "1h" } },
  ],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "<system-reminder>x</system-reminder>" },
        { type: "text", text: "read a", cache_control: { type: "ephemeral" } },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "c2ln" },
        { type: "text", text: "Reading." },
        { type: "tool_use", id: "toolu_1", name: "Read", input: { path: "a" }, caller: { type: "direct" } },
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          is_error: false,
          content: [
            { type: "text", text: "body" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
            { type: "tool_reference", tool_name: "X" },
          ],
        },
        { type: "text", text: "go on" },
      ],
    },
    { role: "system", content: "Be brief." },
  ],
  tools: [
    {
      name: "Read",
      description: "d",
      input_schema: { type: "object", properties: { path: { type: "string" } } },
    },
    {
      type: "custom",
      name: "Write",
      input_schema: { type: "object" },
      eager_input_streaming: true,
      strict: true,
    },
    { type: "bash_20250124", name: "bash" },
    { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 10 },
    { type: "web_search_20250305", name: "web_search", max_uses: 8 },
    { type: "mcp_toolset", mcp_server_name: "docs" },
    { type: "of_tomorrow_20300101", name: "tomorrow", cache_control: { type: "ephemeral" } },
  ],
  mcp_servers: [{ type: "url", url: "https://example.com/mcp", name: "docs" }],
  tool_choice: { type: "auto", disable_parallel_tool_use: true },
  thinking: { type: "adaptive", display: "summarized" },
  output_config: {
    effort: "high",
    format: { type: "json_schema", schema: { type: "object", minProperties: 1 } },
  },
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  metadata: { user_id: "user_abc_session_def" },
  stop_sequences: ["END"],
  service_tier: "auto",
  speed: "fast",
  stream: true,
};

describe("a request as Claude Code sends it", () => {
  const chat = decode(CLAUDE_CODE);

  it("decodes to the canonical model", () => {
    expect(chat.messages.map((message) => message.role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "user",
      "system",
    ]);
    expect(chat.messages[0]?.parts[1]).toMatchObject({ cache: { ttl: "1h" } });
    expect(chat.reasoning).toEqual({ adaptive: true, effort: "high", show: true });
    expect(chat.tools.map((item) => item.type)).toEqual([
      "function",
      "function",
      "client",
      "client",
      "provider",
      "provider",
      "provider",
    ]);
    expect(chat.tools[6]).toMatchObject({ kind: "other", name: "tomorrow", cache: {} });
    expect(chat.tools[5]).toMatchObject({ kind: "mcp", name: "docs" });
    expect(chat).toMatchObject({
      parallelToolCalls: false,
      user: "user_abc_session_def",
      responseFormat: { type: "json-schema" },
      stream: true,
    });
    expect(Object.keys(chat.extra?.fields ?? {}).sort()).toEqual([
      "context_management",
      "mcp_servers",
      "speed",
    ]);
    expect(chat.messages[3]?.parts[0]).toMatchObject({
      type: "tool-result",
      name: "Read",
      callId: "toolu_1",
    });
  });

  it("is the same again for an Anthropic account, field by field", () => {
    const { body, warnings } = accepted(chat);
    expect(warnings).toEqual([]);
    const { tools: _, ...others } = CLAUDE_CODE;
    expect(body).toMatchObject(others);
    expect((body.tools as unknown[])[1]).toEqual({
      name: "Write",
      input_schema: { type: "object" },
      eager_input_streaming: true,
      strict: true,
    });
    expect((body.tools as unknown[]).slice(2)).toEqual(CLAUDE_CODE.tools.slice(2));
    expect(decode(body)).toEqual(chat);
  });
});

describe("decoding", () => {
  const base = { model: "m", max_tokens: 1, messages: [{ role: "user", content: "x" }] };

  it.each([
    [{ ...base, messages: undefined }, "messages", /expected array/],
    [{ ...base, messages: [] }, "messages", /at least one/],
    [{ ...base, messages: [{ role: "robot", content: "x" }] }, "messages[0].role", /"user"\|"assistant"/],
    [{ ...base, messages: [{ role: "user", content: 1 }] }, "messages[0].content", /string or an array/],
    [{ ...base, messages: [{ role: "user" }] }, "messages[0].content", /string or an array/],
    [
      { ...base, messages: [base.messages[0], { role: "user", content: [{ type: "text", text: 1 }] }] },
      "messages[1].content[0].text",
      /expected string, received number/,
    ],
    [
      { ...base, messages: [{ role: "assistant", content: [{ type: "tool_use", id: "", name: "x" }] }] },
      "messages[0].content[0].id",
      /./,
    ],
    [
      { ...base, messages: [{ role: "user", content: [{ type: "image", source: { type: "base64" } }] }] },
      "messages[0].content[0].source.media_type",
      /expected string/,
    ],
    [{ ...base, max_tokens: "9" }, "max_tokens", /expected (number|int)/],
    [{ ...base, system: [{ type: "text" }] }, "system[0].text", /expected string/],
    [{ ...base, tools: [{ description: "x" }] }, "tools[0].name", /string/],
    [{ ...base, tool_choice: { type: "tool" } }, "tool_choice.name", /name of a tool/],
    [{ ...base, tool_choice: { type: "some" } }, "tool_choice.type", /"auto"/],
    [{ ...base, model: undefined }, "model", /string/],
  ])("names the wrong field of %j", (body, field, message) => {
    const attempt = () => decode(body);
    expect(attempt).toThrow(PorticoError);
    expect(attempt).toThrow(expect.objectContaining({ field, message: expect.stringMatching(message) }));
  });

  it("takes null for what is optional", () => {
    const nulls = { system: null, tools: null, thinking: null, stream: null, metadata: { user_id: null } };
    expect(decode({ ...base, ...nulls })).toMatchObject({ stream: false, tools: [] });
  });

  it.each([
    [{ type: "enabled", budget_tokens: 4096 }, undefined, { budgetTokens: 4096 }],
    [{ type: "disabled" }, undefined, { effort: "none" }],
    [{ type: "disabled" }, "low", { effort: "none" }],
    [{ type: "adaptive" }, "max", { adaptive: true, effort: "max" }],
    [undefined, "medium", { effort: "medium" }],
    [{ type: "between_tools" }, undefined, undefined],
  ])("reads thinking %j with effort %s, and writes it again", (thinking, effort, reasoning) => {
    const body = { ...base, model: "claude-opus-4-6", max_tokens: 9000, thinking, output_config: { effort } };
    const chat = decode(body);
    expect(chat.reasoning).toEqual(reasoning);
    const again = encode(chat).body;
    if (thinking !== undefined) expect(again.thinking).toEqual(thinking);
    expect((again.output_config as { effort?: string } | undefined)?.effort).toBe(effort);
  });

  it("shows the text of search results and of documents made of blocks, and sends them again as they were", () => {
    const content = [
      { type: "search_result", source: "https://a", title: "A", content: [{ type: "text", text: "found" }] },
      {
        type: "document",
        source: { type: "content", content: [{ type: "text", text: "inside" }] },
        title: "D",
      },
    ];
    const chat = decode({ ...base, messages: [{ role: "user", content }] });
    expect(chat.messages[0]?.parts).toMatchObject([
      { type: "document", title: "A", source: { kind: "text", text: "found" } },
      { type: "document", title: "D", source: { kind: "text", text: "inside" } },
    ]);
    expect(encode(chat).body.messages).toEqual([{ role: "user", content }]);
  });

  it("refuses JSON nested beyond reason without failing", () => {
    let input: unknown = {};
    for (let i = 0; i < 50_000; i++) input = { a: input };
    const body = {
      ...base,
      messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "b", input }] }],
    };
    expect(() => decode(body)).toThrow(PorticoError);
  });
});

describe("the conversation", () => {
  it("alternates, drops blank text and begins with the user", () => {
    const { body, warnings } = accepted(
      request({ messages: [assistant("a"), user("b"), user("  "), user("c"), assistant("d"), user("e")] }),
    );
    expect((body.messages as { role: string }[]).map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
    expect(features(warnings)).toEqual(["messages"]);
  });

  it("answers every call right after it and shows stray results as text", () => {
    const { body, warnings } = accepted(
      request({
        tools: [tool],
        messages: [
          user("x"),
          call("a"),
          user("and?"),
          call("b"),
          result("b"),
          result("zz", "stray"),
          call("c"),
        ],
      }),
    );
    expect(JSON.stringify(body.messages)).toContain("[result of an earlier tool call] stray");
    expect(warnings.length).toBe(3);
  });

  it("puts results first in their turn", () => {
    const { body } = accepted(
      request({ tools: [tool], messages: [user("x"), call("a"), user("also"), result("a"), user("y")] }),
    );
    expect(
      (body.messages as { content: { type: string }[] }[])[2]?.content.map((block) => block.type),
    ).toEqual(["tool_result", "text", "text"]);
  });

  it("maps ids into the alphabet, the same for call and result, and makes repeated ones unique", () => {
    const { body } = accepted(
      request({
        tools: [tool],
        messages: [
          user("x"),
          call("call|1"),
          result("call|1"),
          call("n"),
          result("n"),
          call("n"),
          result("n"),
        ],
      }),
    );
    const ids = [...JSON.stringify(body.messages).matchAll(/"(?:id|tool_use_id)":"([^"]+)"/g)].map(
      (m) => m[1],
    );
    expect(ids[0]).toMatch(/^call_1_[0-9a-f]{8}$/);
    expect(ids).toEqual([ids[0], ids[0], "n", "n", "n_2", "n_2"]);
  });

  it("declares the tools of the past where the request has none", () => {
    const { body } = accepted(request({ messages: [user("x"), call("a"), result("a")] }));
    expect(body).toMatchObject({ tools: [{ name: "f" }], tool_choice: { type: "none" } });
  });

  it("gives system and developer text its place", () => {
    const messages: Message[] = [
      { role: "system", parts: [{ type: "text", text: "one" }] },
      { role: "developer", parts: [{ type: "text", text: "two" }] },
      user("x"),
      { role: "developer", parts: [{ type: "text", text: "three" }] },
    ];
    const old = accepted(request({ messages }));
    expect(old.body.system).toEqual([
      { type: "text", text: "one" },
      { type: "text", text: "two" },
    ]);
    expect(JSON.stringify(old.body.messages)).toContain("<system>\\nthree\\n</system>");
    expect(features(old.warnings)).toEqual(["messages"]);
    const recent = accepted(request({ model: "claude-opus-4-8", messages }));
    expect((recent.body.messages as unknown[])[1]).toEqual({ role: "system", content: "three" });
    expect(recent.warnings).toEqual([]);
    // Between two user messages there is no place for one.
    const between = accepted(request({ model: "claude-opus-4-8", messages: [...messages, user("y")] }));
    expect(between.body.messages).toHaveLength(1);
  });

  it("keeps a system message with fields of its own for the same protocol", () => {
    const system = {
      role: "system",
      clear_at: "next_user_message",
      content: [
        { type: "text", text: "now" },
        { type: "tool_removal", tool: { type: "tool_reference", name: "f" } },
      ],
    };
    const messages = [{ role: "user", content: "x" }, system];
    const chat = decode({ model: "claude-opus-4-8", max_tokens: 5, messages });
    expect(chat.messages.map((message) => message.role)).toEqual(["user", "system", "user"]);
    expect(encode(chat).body.messages).toEqual(messages);
    expect(JSON.stringify(encode({ ...chat, model: CLAUDE }).body.messages)).toContain("now");
  });

  it("trims a prefill, and asks to go on where the model takes none", () => {
    const messages = [user("x"), assistant("The answer is \n")];
    expect((accepted(request({ messages })).body.messages as unknown[])[1]).toEqual({
      role: "assistant",
      content: "The answer is",
    });
    const recent = accepted(request({ model: "claude-opus-4-6", messages }));
    expect(recent.body.messages).toHaveLength(3);
    expect(features(recent.warnings)).toEqual(["messages"]);
  });

  it("says what it leaves out: foreign files, audio, odd images", () => {
    const { body, warnings } = accepted(
      request({
        messages: [
          {
            role: "user",
            parts: [
              { type: "image", source: { kind: "base64", mediaType: "image/bmp", data: "AA" } },
              { type: "image", source: { kind: "url", url: "http://plain/a.png" } },
              { type: "image", source: { kind: "url", url: "data:image/png;base64,AAAA" } },
              { type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: "AA" } },
              {
                type: "document",
                source: { kind: "file", id: "file-1", protocol: "openai-chat" },
                name: "a.pdf",
              },
              { type: "document", source: { kind: "base64", mediaType: "text/csv", data: "YSxi" } },
              { type: "video", source: { kind: "url", url: "https://v" } },
              { type: "provider", protocol: "gemini", raw: {} },
            ],
          },
        ],
      }),
    );
    const texts = JSON.stringify(body.messages);
    expect(texts).toContain("[image omitted (image/bmp is not supported)]");
    expect(texts).toContain("[document omitted: a.pdf (the file is held by openai-chat)]");
    expect(texts).toContain('"data":"a,b"');
    expect(texts).toContain('"media_type":"image/png"');
    expect(warnings).toHaveLength(6);
  });
});

describe("reasoning", () => {
  const turn = (signature?: object): Message => ({
    role: "assistant",
    parts: [
      { type: "reasoning", text: "hm", ...(signature ? { signature: signature as never } : {}) },
      { type: "text", text: "a" },
    ],
  });
  const own = { protocol: "anthropic", kind: "signature", data: "SIG", model: CLAUDE };

  it("goes back with its own signature only", () => {
    const keep = accepted(request({ messages: [user("x"), turn(own), user("y")] }));
    expect(JSON.stringify(keep.body.messages)).toContain('"signature":"SIG"');
    for (const signature of [undefined, { ...own, protocol: "gemini" }, { ...own, model: "claude-other" }]) {
      const drop = accepted(request({ messages: [user("x"), turn(signature), user("y")] }));
      expect(JSON.stringify(drop.body.messages)).not.toContain("thinking");
      expect(drop.warnings).toHaveLength(1);
    }
  });

  it("goes back unsigned to vendors that do not sign", () => {
    const { body } = accepted(request({ model: "deepseek-chat", messages: [user("x"), turn(), user("y")] }));
    expect(JSON.stringify(body.messages)).toContain('"thinking":"hm","signature":""');
  });

  it.each([
    ["claude-sonnet-4-5", { effort: "high" }, { type: "enabled", budget_tokens: 24_576 }, undefined],
    ["claude-sonnet-4-5", { adaptive: true }, { type: "enabled", budget_tokens: 8_192 }, undefined],
    ["claude-sonnet-4-5", { effort: "none" }, { type: "disabled" }, undefined],
    ["claude-opus-4-6", { effort: "xhigh" }, { type: "adaptive" }, "high"],
    ["claude-opus-4-6", { budgetTokens: 2000 }, { type: "enabled", budget_tokens: 2000 }, undefined],
    [
      "claude-opus-4-8",
      { budgetTokens: 2048, show: true },
      { type: "adaptive", display: "summarized" },
      "low",
    ],
    ["claude-opus-4-8", { effort: "minimal" }, { type: "adaptive" }, "low"],
    ["claude-fable-5", { effort: "none" }, undefined, "low"],
    ["claude-3-5-haiku-20241022", { effort: "high" }, undefined, undefined],
    ["glm-5", { effort: "medium" }, { type: "enabled", budget_tokens: 8_192 }, undefined],
  ] as const)("%s with %j thinks as %j, effort %s", (model, reasoning, thinking, effort) => {
    const { body } = accepted(request({ model, reasoning }));
    expect(body.thinking).toEqual(thinking);
    expect((body.output_config as { effort?: string } | undefined)?.effort).toBe(effort);
  });

  it.each([
    [undefined, 32_000 + 24_576, 24_576],
    [30_000, 30_000, 24_576],
    [8_000, 8_000, 6_000],
    [1_025, 1_025, 1_024],
    [1_000, 1_000, undefined],
  ])("fits the budget into a limit of %s", (maxOutputTokens, max, budget) => {
    const { body } = accepted(
      request({ reasoning: { effort: "high" }, ...(maxOutputTokens ? { maxOutputTokens } : {}) }),
    );
    expect(body.max_tokens).toBe(max);
    expect((body.thinking as { budget_tokens?: number }).budget_tokens).toBe(budget);
  });

  it("gives way to a forced tool, and takes the temperature away", () => {
    const forced = accepted(
      request({ tools: [tool], toolChoice: { type: "required" }, reasoning: { effort: "low" } }),
    );
    expect(forced.body).toMatchObject({ thinking: { type: "disabled" }, tool_choice: { type: "any" } });
    const warm = accepted(
      request({ reasoning: { effort: "low" }, sampling: { temperature: 0.2, topK: 5, topP: 0.5 } }),
    );
    expect(warm.body).not.toHaveProperty("temperature");
    expect(features(warm.warnings).sort()).toEqual(["temperature", "top_k", "top_p"]);
  });

  it.each(["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-2", "claude-saga-7"])(
    "%s cannot be made to call a tool, and the client hears of it",
    (model) => {
      for (const toolChoice of [{ type: "required" }, { type: "tool", name: "f" }] as const) {
        const { body, warnings } = accepted(request({ model, tools: [tool], toolChoice }));
        expect(body.tool_choice).toEqual({ type: "auto" });
        expect(features(warnings)).toContain("tool_choice");
        const counted = encodeCountTokensRequest(request({ model, tools: [tool], toolChoice }), {
          provider: "anthropic",
          autoCache: false,
          warn: () => {},
        });
        expect(counted).toMatchObject({ tool_choice: { type: "auto" } });
      }
    },
  );

  it.each(["claude-fable-5", "claude-opus-5", "claude-opus-4-8", "claude-haiku-5-5"])(
    "%s is made to call a tool, and thinks beside it",
    (model) => {
      const forced = { tools: [tool], toolChoice: { type: "tool", name: "f" } as const };
      const { body } = accepted(request({ model, ...forced, reasoning: { effort: "low" } }));
      expect(body).toMatchObject({
        tool_choice: { type: "tool", name: "f" },
        thinking: { type: "adaptive" },
      });
    },
  );

  it.each([
    ["claude-opus-5-5", undefined],
    ["claude-fable-5-1", undefined],
    ["claude-sonnet-5-5", { type: "between_tools" }],
    ["claude-haiku-5-5", { type: "disabled" }],
    ["claude-opus-5", { type: "disabled" }],
    ["claude-saga-7", undefined],
  ])("%s stops thinking in its own way", (model, thinking) => {
    const { body } = accepted(request({ model, reasoning: { effort: "none", show: true } }));
    expect(body.thinking).toEqual(thinking);
    expect(body.output_config).toEqual(thinking === undefined ? { effort: "low" } : undefined);
  });

  it("takes no more than a high effort beside thinking that is off", () => {
    for (const model of ["claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5"]) {
      const extra = { protocol: "anthropic" as const, fields: { output_config: { effort: "max" } } };
      const { body, warnings } = accepted(request({ model, reasoning: { effort: "none" }, extra }));
      expect(body.output_config).toEqual({ effort: "high" });
      expect(features(warnings)).toContain("reasoning.effort");
    }
  });

  it("is asked for in words where the model says between calls what it does", () => {
    const shown = (model: string, more: Partial<ChatRequest> = {}) =>
      accepted(request({ model, tools: [tool], ...more })).body.thinking;
    expect(shown("claude-opus-5-5")).toEqual({ type: "adaptive", display: "summarized" });
    expect(shown("claude-sonnet-5-5", { reasoning: { effort: "high" } })).toEqual({
      type: "adaptive",
      display: "summarized",
    });
    expect(shown("claude-opus-5-5", { reasoning: { show: false } })).toBeUndefined();
    expect(shown("claude-opus-5-5", { tools: [] })).toBeUndefined();
    expect(shown("claude-opus-4-8")).toBeUndefined();
  });

  it("gives tools of a version that the model refuses as functions", () => {
    const raw = { type: "computer_20251124", name: "computer", display_width_px: 10, display_height_px: 10 };
    const computer: Tool = { type: "client", kind: "computer", name: "computer", protocol: "anthropic", raw };
    const typesFor = (model: string) =>
      (encode(request({ model, tools: [computer] })).body.tools as { type?: string }[]).map(
        ({ type }) => type,
      );
    expect(typesFor("claude-opus-5")).toEqual(["computer_20251124"]);
    expect(typesFor("claude-opus-5-5")).toEqual([undefined]);
  });

  it("goes by what the provider itself says of the model", () => {
    const known = { off: "disabled", forcedToolChoice: "any" } as const;
    const said = encode(
      request({
        model: "claude-opus-5-5",
        tools: [tool],
        toolChoice: { type: "required" },
        reasoning: { effort: "none" },
      }),
      { known },
    );
    expect(said.body).toMatchObject({ thinking: { type: "disabled" }, tool_choice: { type: "any" } });
  });

  it("is off in a loop of tool calls that carries no signed thinking", () => {
    const messages = [user("x"), call("a"), result("a")];
    const off = accepted(request({ tools: [tool], messages, reasoning: { effort: "high" } }));
    expect(off.body.thinking).toEqual({ type: "disabled" });
    const adaptive = accepted(
      request({ model: "claude-opus-4-8", tools: [tool], messages, reasoning: { effort: "high" } }),
    );
    expect(adaptive.body.thinking).toEqual({ type: "adaptive" });
  });

  it("comes first in a turn that calls tools", () => {
    const message: Message = {
      role: "assistant",
      parts: [
        { type: "text", text: "so" },
        {
          type: "reasoning",
          text: "hm",
          signature: { protocol: "anthropic", kind: "signature", data: "SIG" },
        },
        { type: "tool-call", callId: "a", name: "f", kind: "function", input: "{}" },
      ],
    };
    const { body } = accepted(
      request({
        tools: [tool],
        messages: [user("x"), message, result("a"), user("y"), assistant("z"), user("w")],
        reasoning: { effort: "low" },
      }),
    );
    expect((body.messages as { content: { type: string }[] }[])[1]?.content[0]?.type).toBe("thinking");
  });
});

describe("parameters", () => {
  it("clamps ranges and warns about what Anthropic has not", () => {
    const { body, warnings } = accepted(
      request({
        sampling: { temperature: 1.7, topP: 0.3, frequencyPenalty: 1, seed: 4, logprobs: { top: 2 } },
        n: 3,
        verbosity: "low",
        stop: [" ", "END"],
        serviceTier: "flex",
        metadata: { a: "b" },
        store: true,
        modalities: ["text", "audio"],
        maxOutputTokens: 1_000_000,
        extra: { protocol: "openai-chat", fields: { prediction: {} } },
      }),
    );
    expect(body).toMatchObject({ temperature: 1, stop_sequences: ["END"], max_tokens: 64_000 });
    expect(body).not.toHaveProperty("top_p");
    expect(features(warnings).sort()).toEqual([
      "frequency_penalty",
      "logprobs",
      "max_tokens",
      "metadata",
      "modalities",
      "n",
      "prediction",
      "seed",
      "service_tier",
      "stop",
      "store",
      "temperature",
      "top_p",
      "verbosity",
    ]);
  });

  it("sends no sampling to models that refuse it", () => {
    const { body, warnings } = accepted(
      request({ model: "claude-opus-4-8", sampling: { temperature: 0, topP: 0.5 } }),
    );
    expect(body).not.toHaveProperty("temperature");
    expect(warnings).toHaveLength(2);
    expect(accepted(request({ model: "claude-opus-4-8", sampling: { temperature: 1 } })).warnings).toEqual(
      [],
    );
  });

  it("has a default limit, within the model's own", () => {
    expect(encode(request()).body.max_tokens).toBe(32_000);
    expect(encode(request({ model: "claude-3-haiku-20240307" })).body.max_tokens).toBe(4_096);
  });

  it("maps tool choices", () => {
    const tools = [tool, { ...tool, name: "g" }];
    const choice = (fields: Partial<ChatRequest>) => accepted(request({ tools, ...fields })).body;
    expect(choice({ toolChoice: { type: "none" }, parallelToolCalls: false }).tool_choice).toEqual({
      type: "none",
    });
    expect(choice({ parallelToolCalls: false }).tool_choice).toEqual({
      type: "auto",
      disable_parallel_tool_use: true,
    });
    expect(choice({ toolChoice: { type: "tool", name: "g" } }).tool_choice).toEqual({
      type: "tool",
      name: "g",
    });
    expect(choice({ toolChoice: { type: "allowed", mode: "required", names: ["g"] } })).toMatchObject({
      tools: [{ name: "g" }],
      tool_choice: { type: "any" },
    });
    expect(accepted(request({ toolChoice: { type: "required" } })).body).not.toHaveProperty("tool_choice");
  });

  it("declares tools of other protocols as functions, and Anthropic's own counterparts", () => {
    const { body, warnings } = accepted(
      request({
        tools: [
          { type: "custom", name: "patch", description: "p" },
          { type: "client", kind: "local_shell", name: "local_shell", protocol: "openai-responses", raw: {} },
          {
            type: "provider",
            kind: "web_search",
            name: "web_search",
            protocol: "openai-responses",
            raw: {
              filters: { allowed_domains: ["a.org"] },
              user_location: { type: "approximate", city: "Rome" },
            },
          },
          {
            type: "provider",
            kind: "file_search",
            name: "file_search",
            protocol: "openai-responses",
            raw: {},
          },
          {
            type: "function",
            name: "any",
            parameters: { anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }] },
          },
          { type: "function", name: "none" },
        ],
      }),
    );
    expect(body.tools).toMatchObject([
      { name: "patch", input_schema: { properties: { input: { type: "string" } } } },
      { name: "local_shell", input_schema: { type: "object" } },
      { type: "web_search_20250305", allowed_domains: ["a.org"], user_location: { city: "Rome" } },
      { name: "any", input_schema: { type: "object", properties: { a: {}, b: {} } } },
      { name: "none", input_schema: { type: "object" } },
    ]);
    expect(features(warnings).sort()).toEqual(["tools.any.parameters.anyOf", "tools.file_search"]);
  });

  it("declares Anthropic's client-run tools as functions for other vendors' models", () => {
    const bash = {
      type: "client" as const,
      kind: "bash" as const,
      name: "bash",
      protocol: "anthropic" as const,
    };
    const tools = [{ ...bash, raw: { type: "bash_20250124", name: "bash" } }];
    expect(accepted(request({ tools })).body.tools).toEqual([{ type: "bash_20250124", name: "bash" }]);
    expect(accepted(request({ tools, model: "glm-5" })).body.tools).toMatchObject([
      { name: "bash", input_schema: { type: "object" } },
    ]);
  });

  it("sends free-text calls as functions", () => {
    const { body } = accepted(
      request({
        tools: [{ type: "custom", name: "patch" }],
        messages: [
          user("x"),
          {
            role: "assistant",
            parts: [{ type: "tool-call", callId: "a", name: "patch", kind: "custom", input: "a\nb" }],
          },
          { role: "tool", parts: [{ type: "tool-result", callId: "a", kind: "custom", content: [] }] },
        ],
      }),
    );
    expect(JSON.stringify(body.messages)).toContain('"input":{"input":"a\\nb"}');
  });
});

describe("structured output", () => {
  const schema = {
    $schema: "x",
    type: "object",
    properties: {
      n: { type: "integer", minimum: 1 },
      o: { oneOf: [{ type: "null" }, { $ref: "#/$defs/a" }] },
    },
    $defs: { a: { type: "object", properties: {} } },
  };
  const format = { type: "json-schema" as const, schema };

  it("is enforced in the dialect of Anthropic where the model can", () => {
    const { body, warnings } = accepted(request({ responseFormat: format }));
    expect(body.output_config).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          additionalProperties: false,
          properties: {
            n: { type: "integer", description: "Constraints: minimum: 1" },
            o: { anyOf: [{ type: "null" }, { $ref: "#/$defs/a" }] },
          },
          $defs: { a: { type: "object", properties: {}, additionalProperties: false } },
        },
      },
    });
    expect(features(warnings)).toEqual(["response_format"]);
  });

  it.each([
    ["an older model", request({ model: "claude-sonnet-4-0", responseFormat: format })],
    [
      "a recursive schema",
      request({
        responseFormat: {
          type: "json-schema",
          schema: {
            type: "object",
            properties: { next: { $ref: "#/$defs/n" } },
            $defs: { n: { items: { $ref: "#/$defs/n" } } },
          },
        },
      }),
    ],
    ["JSON without a schema", request({ responseFormat: { type: "json" } })],
  ])("is asked for in words with %s", (_, chat) => {
    const { body, warnings } = accepted(chat);
    expect(body.system).toMatch(/^Answer with one/);
    expect(body).not.toHaveProperty("output_config");
    expect(features(warnings)).toEqual(["response_format"]);
  });

  it("enforces strict tools only where the schema conforms", () => {
    const strict = {
      ...tool,
      strict: true,
      parameters: { type: "object", properties: {}, additionalProperties: false },
    };
    expect(encode(request({ tools: [strict] })).body.tools).toMatchObject([{ strict: true }]);
    const loose = encode(request({ tools: [{ ...tool, strict: true }] }));
    expect((loose.body.tools as object[])[0]).not.toHaveProperty("strict");
    expect(features(loose.warnings)).toEqual(["tools.f.strict"]);
  });
});

describe("prompt caching", () => {
  const markers = (body: unknown) => JSON.stringify(body).split('"cache_control"').length - 1;
  const messages = [
    { role: "system" as const, parts: [{ type: "text" as const, text: "s" }] },
    user("1"),
    assistant("2"),
    user("3"),
    assistant("4"),
    user("5"),
  ];

  it("marks tools, system and the last two user turns where the client marked nothing", () => {
    const { body } = accepted(
      request({
        messages,
        tools: [tool, { ...tool, name: "g", deferLoading: true }],
        extra: { protocol: "anthropic", fields: {} },
      }),
      {
        autoCache: true,
      },
    );
    expect(markers(body)).toBe(4);
    expect(body.tools).toMatchObject([{ cache_control: { type: "ephemeral" } }, {}]);
    expect(body.system).toMatchObject([{ cache_control: { type: "ephemeral" } }]);
    expect((body.messages as { content: unknown }[]).map((message) => markers(message))).toEqual([
      0, 0, 1, 0, 1,
    ]);
  });

  it("leaves the client's own alone, and other vendors' models without", () => {
    const own = structuredClone(messages);
    Object.assign(own[1]?.parts[0] ?? {}, { cache: { ttl: "1h" } });
    const { body } = accepted(request({ messages: own }), { autoCache: true });
    expect(markers(body)).toBe(1);
    expect(JSON.stringify(body)).toContain('{"type":"ephemeral","ttl":"1h"}');
    expect(markers(encode(request({ messages, model: "glm-5" }), { autoCache: true }).body)).toBe(0);
    expect(markers(encode(request({ messages })).body)).toBe(0);
  });

  it("drops the earliest beyond four, and changes nothing of the client's request", () => {
    const parts = Array.from({ length: 6 }, (_, i) => ({ type: "text" as const, text: `p${i}`, cache: {} }));
    const chat = request({ messages: [{ role: "user", parts }] });
    const before = structuredClone(chat);
    const { body, warnings } = accepted(chat, { autoCache: true });
    const content = (body.messages as { content: object[] }[])[0]?.content ?? [];
    expect(content.map((block) => "cache_control" in block)).toEqual([false, false, true, true, true, true]);
    expect(features(warnings)).toEqual(["cache_control"]);
    expect(chat).toEqual(before);
  });

  it("counts the marker of the whole request, and those inside replayed blocks", () => {
    const content = Array.from({ length: 4 }, (_, i) => ({
      type: "container_upload",
      file_id: `f${i}`,
      cache_control: { type: "ephemeral" },
    }));
    const wire = {
      model: CLAUDE,
      max_tokens: 9,
      cache_control: { type: "ephemeral" },
      messages: [{ role: "user", content }],
    };
    const copy = structuredClone(wire);
    expect(markers(accepted(decode(wire)).body)).toBe(4);
    expect(wire).toEqual(copy);
  });
});

describe("counting tokens", () => {
  it("reads a request without max_tokens and asks with nothing else", () => {
    const chat = decodeCountTokens(
      {
        model: CLAUDE,
        messages: [{ role: "user", content: "x" }],
        system: "s",
        thinking: { type: "enabled", budget_tokens: 9000 },
      },
      { model: "", stream: false },
    );
    const body = encodeCountTokensRequest(chat, {
      provider: "anthropic",
      autoCache: true,
      warn: () => undefined,
    });
    expect(Object.keys(body)).toEqual(["model", "system", "thinking", "messages"]);
    expect(checkRequest(body, {}, "/v1/messages/count_tokens")).toEqual([]);
    expect(encodeCountTokensReply(17)).toEqual({ input_tokens: 17 });
  });
});
