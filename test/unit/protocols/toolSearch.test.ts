/** Tools that a search finds: known by name, declared and callable at every target. */
import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";

const encode = (from: Protocol, body: object, to: Protocol, model = "claude-opus-4-8") =>
  CODECS[to].encodeRequest(CODECS[from].decodeRequest(body, { model, stream: false }), {
    provider: to === "anthropic" ? "anthropic" : "openai",
    autoCache: false,
    warn: () => {},
  });
const SCHEMA = { type: "object", properties: { path: { type: "string" } } };

const CLAUDE_CODE = {
  model: "m",
  max_tokens: 100,
  tools: [
    { name: "ToolSearch", input_schema: SCHEMA },
    { name: "read_sheet", input_schema: SCHEMA, defer_loading: true },
  ],
  messages: [
    { role: "user", content: "go" },
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "ToolSearch", input: {} }] },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "t1",
          content: [{ type: "tool_reference", tool_name: "read_sheet" }],
        },
      ],
    },
  ],
};

describe("Claude Code's tool_reference", () => {
  it.each(["openai-chat", "openai-responses", "gemini"] as const)(
    "names the tool, which is declared (%s)",
    (to) => {
      const body = encode("anthropic", CLAUDE_CODE, to);
      const { tools, ...rest } = body;
      expect(JSON.stringify(rest)).toContain("Loaded tool: read_sheet");
      expect(JSON.stringify(tools)).toContain('"read_sheet"');
      expect(JSON.stringify(tools)).not.toContain("defer_loading");
    },
  );

  it("stays what it is for Anthropic", () => {
    const body = encode("anthropic", CLAUDE_CODE, "anthropic");
    expect(JSON.stringify(body.messages)).toContain('{"type":"tool_reference","tool_name":"read_sheet"}');
    expect(JSON.stringify(body.messages)).not.toContain("Loaded tool");
    expect(JSON.stringify(body.tools)).toContain('"defer_loading":true');
  });
});

describe("Codex' tool_search_output", () => {
  const found = {
    type: "function",
    name: "read_sheet",
    description: "d",
    parameters: SCHEMA,
    defer_loading: true,
  };
  const body = {
    model: "m",
    tools: [{ type: "tool_search", execution: "client", description: "Finds tools", parameters: SCHEMA }],
    input: [
      { role: "user", content: "go" },
      { type: "tool_search_call", call_id: "c1", execution: "client", arguments: { query: "sheet" } },
      {
        type: "tool_search_output",
        call_id: "c1",
        execution: "client",
        tools: [{ type: "namespace", name: "gdrive", description: "Drive", tools: [found] }],
      },
    ],
  };

  it.each(["openai-chat", "anthropic", "gemini"] as const)("makes its tools callable (%s)", (to) => {
    const tools = JSON.stringify(encode("openai-responses", body, to).tools);
    expect(tools).toContain("gdrive__read_sheet");
    expect(tools).not.toContain("defer_loading");
  });
});

describe("a search that OpenAI runs", () => {
  const body = {
    model: "claude-opus-4-8",
    input: "go",
    tools: [
      { type: "tool_search" },
      { type: "function", name: "read_sheet", parameters: SCHEMA, strict: false, defer_loading: true },
    ],
  };

  it("is Anthropic's own at Claude, which then finds the deferred tools", () => {
    expect(encode("openai-responses", body, "anthropic").tools).toMatchObject([
      { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
      { name: "read_sheet", defer_loading: true },
    ]);
  });

  it("is OpenAI's own for a client of Anthropic's, from GPT-5.4 on", () => {
    const asked = {
      ...CLAUDE_CODE,
      tools: [
        { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" },
        { name: "read_sheet", input_schema: SCHEMA, defer_loading: true },
      ],
    };
    expect(encode("anthropic", asked, "openai-responses", "gpt-5.4").tools).toMatchObject([
      { type: "tool_search" },
      { name: "read_sheet", defer_loading: true },
    ]);
    const before = JSON.stringify(encode("anthropic", asked, "openai-responses", "gpt-5.2").tools);
    expect(before).toContain('"read_sheet"');
    expect(before).not.toMatch(/tool_search|defer_loading/);
  });

  it("is nobody's elsewhere: the tools are all shown", () => {
    for (const to of ["openai-chat", "gemini"] as const)
      expect(JSON.stringify(encode("openai-responses", body, to).tools)).toContain("read_sheet");
    const { tools } = encode("openai-responses", { ...body, tools: body.tools.slice(1) }, "anthropic");
    expect(JSON.stringify(tools)).not.toContain("defer_loading");
  });
});

describe("tool_removal", () => {
  const change = (type: string) => ({
    role: "system",
    content: [{ type, tool: { type: "tool_reference", name: "read_sheet" } }],
  });
  const body = (...changes: string[]) => ({
    ...CLAUDE_CODE,
    messages: [{ role: "user", content: "go" }, ...changes.map(change)],
  });
  const declared = (to: Protocol, ...changes: string[]) =>
    JSON.stringify(encode("anthropic", body(...changes), to).tools);

  it.each(PROTOCOLS)(
    "takes a tool away where the message cannot say it, until it is added again (%s)",
    (to) => {
      expect(declared(to, "tool_removal", "tool_addition")).toContain('"read_sheet"');
      if (to === "anthropic") expect(declared(to, "tool_removal")).toContain('"read_sheet"');
      else expect(declared(to, "tool_removal")).not.toContain('"read_sheet"');
      expect(declared(to, "tool_removal")).toContain('"ToolSearch"');
      expect(declared(to, "tool_removal")).not.toContain("removed");
    },
  );
});

describe("tool_addition by value", () => {
  const definition = { name: "late", description: "Comes late", input_schema: SCHEMA };
  const body = {
    ...CLAUDE_CODE,
    messages: [
      { role: "user", content: "go" },
      { role: "system", content: [{ type: "tool_addition", tool: { type: "tool_definition", definition } }] },
    ],
  };

  it.each(PROTOCOLS)("is declared where the message cannot say it (%s)", (to) => {
    const { tools, ...rest } = encode("anthropic", body, to);
    if (to === "anthropic") {
      expect(JSON.stringify(tools)).not.toContain('"late"');
      expect(JSON.stringify(rest)).toContain('"late"');
    } else expect(JSON.stringify(tools)).toContain('"late"');
  });
});
