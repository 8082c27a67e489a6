import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../src/gateway/common/errors.ts";
import type { ChatRequest, Warning } from "../../../../src/gateway/protocols/chat.ts";
import { toolsAsFunctions } from "../../../../src/gateway/protocols/clientTools.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";
import { carry } from "../../../../src/gateway/protocols/openaiResponses/signatures.ts";
import fc from "../../../support/property.ts";
import { checkRequest } from "../../../support/strict/openaiResponses.ts";
import { encodeContext } from "./helpers.ts";

const decode = (body: unknown): ChatRequest => codec.decodeRequest(body, { model: "m", stream: false });
const roundTrip = (body: unknown, warnings: Warning[] = []) =>
  codec.encodeRequest(decode(body), encodeContext(warnings));

/** What Codex sends in the middle of a conversation. */
const CODEX = {
  model: "gpt-5-codex",
  instructions: "You are a coding agent.",
  input: [
    { type: "message", role: "developer", content: [{ type: "input_text", text: "<permissions>" }] },
    { type: "message", role: "user", content: [{ type: "input_text", text: "Fix it." }] },
    {
      type: "reasoning",
      id: "rs_0a",
      summary: [
        { type: "summary_text", text: "First" },
        { type: "summary_text", text: "Second" },
      ],
      encrypted_content: "gAAAA.x",
    },
    {
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: "Looking." }],
      phase: "commentary",
    },
    { type: "function_call", id: "fc_0b", call_id: "call_1", name: "read", arguments: '{"path":"a"}' },
    {
      type: "custom_tool_call",
      id: "ctc_0c",
      call_id: "call_2",
      name: "apply_patch",
      input: "*** Begin Patch",
    },
    {
      type: "local_shell_call",
      id: "lsh_0d",
      call_id: "call_3",
      status: "completed",
      action: { type: "exec", command: ["ls"], env: {} },
    },
    { type: "function_call", call_id: "call_4", name: "search", namespace: "mcp__github", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output: "text of a" },
    {
      type: "custom_tool_call_output",
      call_id: "call_2",
      output: [
        { type: "input_text", text: "Done" },
        { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
      ],
    },
    { type: "local_shell_call_output", id: "call_3", call_id: "call_3", output: "a b" },
    { type: "function_call_output", call_id: "call_4", output: "" },
    {
      type: "tool_search_call",
      call_id: "call_5",
      execution: "client",
      arguments: { query: "mail" },
      status: "completed",
    },
    {
      type: "tool_search_output",
      call_id: "call_5",
      execution: "client",
      status: "completed",
      tools: [{ type: "function", name: "send_mail", parameters: { type: "object", properties: {} } }],
    },
    { type: "compaction", encrypted_content: "cccc" },
  ],
  tools: [
    {
      type: "function",
      name: "read",
      description: "Reads.",
      strict: false,
      parameters: { type: "object", properties: { path: { type: "string" } } },
    },
    {
      type: "custom",
      name: "apply_patch",
      description: "Patches.",
      format: { type: "grammar", syntax: "lark", definition: "start: /x/" },
    },
    {
      type: "namespace",
      name: "mcp__github",
      description: "GitHub",
      tools: [
        {
          type: "function",
          name: "search",
          description: "Finds.",
          parameters: { type: "object", properties: {} },
          strict: false,
        },
      ],
    },
    { type: "web_search", external_web_access: false },
    { type: "local_shell" },
    {
      type: "tool_search",
      execution: "client",
      description: "Finds tools.",
      parameters: { type: "object", properties: { query: { type: "string" } } },
    },
    { type: "image_generation", output_format: "png" },
    { type: "mcp", server_label: "docs", server_url: "https://example.com/mcp", require_approval: "never" },
    { type: "future_tool", x: 1 },
  ],
  tool_choice: "auto",
  parallel_tool_calls: false,
  reasoning: { effort: "medium", summary: "auto", context: "all_turns" },
  store: false,
  stream: true,
  include: ["reasoning.encrypted_content", "web_search_call.action.sources"],
  prompt_cache_key: "0199-thread",
  text: {
    verbosity: "low",
    format: { type: "json_schema", name: "out", strict: true, schema: { type: "object" } },
  },
  client_metadata: { a: "b" },
};

describe("decodeRequest", () => {
  it("reads Codex's request", () => {
    const request = decode(CODEX);
    expect(request.messages.map((message) => message.role)).toEqual([
      "system",
      "developer",
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
      "assistant",
    ]);
    const assistant = request.messages[3];
    expect(assistant?.parts.map((part) => part.type)).toEqual([
      "reasoning",
      "reasoning",
      "text",
      "tool-call",
      "tool-call",
      "tool-call",
      "tool-call",
    ]);
    expect(assistant).toMatchObject({ phase: "commentary" });
    expect(assistant?.parts[1]).toMatchObject({
      text: "Second",
      signature: { protocol: "openai-responses", kind: "encrypted", data: "gAAAA.x" },
    });
    expect(assistant?.parts[5]).toMatchObject({
      clientTool: "local_shell",
      input: '{"command":["ls"],"env":{}}',
    });
    expect(assistant?.parts[6]).toMatchObject({ name: "search", namespace: "mcp__github" });
    const results = request.messages[4]?.parts;
    expect(results?.[1]).toMatchObject({
      name: "apply_patch",
      kind: "custom",
      content: [{ type: "text" }, { type: "image" }],
    });
    expect(results?.[2]).toMatchObject({ callId: "call_3", clientTool: "local_shell" });
    expect(request.tools.map((tool) => `${tool.type}:${tool.name}`)).toEqual([
      "function:read",
      "custom:apply_patch",
      "function:search",
      "provider:web_search",
      "client:local_shell",
      "client:tool_search",
      "provider:image_generation",
      "provider:docs",
      "provider:future_tool",
      "function:send_mail",
    ]);
    expect(request.reasoning).toEqual({
      effort: "medium",
      summary: "auto",
      show: true,
      includeEncrypted: true,
    });
    expect(request).toMatchObject({
      store: false,
      cacheKey: "0199-thread",
      verbosity: "low",
      parallelToolCalls: false,
    });
    expect(request.extra?.fields).toEqual({
      include: ["web_search_call.action.sources"],
      reasoning: { context: "all_turns" },
      client_metadata: { a: "b" },
    });
  });

  it("shows a model of another protocol the tools that a search loaded", () => {
    const { tools } = toolsAsFunctions(decode(CODEX).tools, () => undefined);
    expect(tools.filter((tool) => tool.type === "function").map((tool) => tool.name)).toEqual([
      "read",
      "apply_patch",
      "mcp__github__search",
      "local_shell",
      "tool_search",
      "send_mail",
    ]);
  });

  it("reads text input, data URLs, files and audio", () => {
    expect(decode({ model: "m", input: "Hi" }).messages).toEqual([
      { role: "user", parts: [{ type: "text", text: "Hi" }] },
    ]);
    const content = [
      { type: "input_image", image_url: "https://x/y.png", detail: "high" },
      { type: "input_image", file_id: "file-1" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" },
      { type: "input_file", file_url: "https://x/a.pdf" },
      { type: "input_audio", input_audio: { data: "AA", format: "mp3" } },
      { type: "input_hologram", x: 1 },
    ];
    const parts = decode({ model: "m", input: [{ role: "user", content }] }).messages[0]?.parts;
    expect(parts?.map((part) => part.type)).toEqual([
      "image",
      "image",
      "document",
      "document",
      "audio",
      "provider",
    ]);
    expect(parts?.[2]).toMatchObject({
      name: "a.pdf",
      source: { kind: "base64", mediaType: "application/pdf", data: "JVBE" },
    });
  });

  it("keeps every provider's own item", () => {
    const items = [
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "x" } },
      { type: "mcp_approval_request", id: "mcpr_1", name: "n", arguments: "{}", server_label: "s" },
      { type: "mcp_approval_response", approval_request_id: "mcpr_1", approve: true },
      { type: "item_reference", id: "msg_1" },
      { type: "never_seen", id: "ns_1", x: { y: 1 } },
      { type: "tool_search_call", id: "tsc_1", call_id: null, execution: "server", arguments: {} },
      {
        type: "shell_call",
        id: "sh_1",
        call_id: "c",
        action: { commands: ["ls"] },
        environment: { type: "container_reference", container_id: "k" },
      },
      {
        type: "shell_call_output",
        id: "sho_1",
        call_id: "c",
        output: [{ stdout: "a", stderr: "", outcome: { type: "exit", exit_code: 0 } }],
      },
    ];
    expect(roundTrip({ model: "m", input: items }).input).toEqual(items);
  });

  it("names what is wrong and what is allowed", () => {
    const problem = (body: unknown) => {
      try {
        decode(body);
      } catch (error) {
        if (error instanceof PorticoError)
          return { field: error.field, message: error.message, kind: error.kind };
        throw error;
      }
      return undefined;
    };
    expect(
      problem({ model: "m", input: [{ role: "user", content: [{ type: "input_text" }] }] }),
    ).toMatchObject({
      kind: "invalid_request",
      field: "input[0].content[0].text",
    });
    expect(problem({ model: "m", input: [{ role: "king", content: "" }] })).toMatchObject({
      field: "input[0].role",
      message: expect.stringContaining("assistant"),
    });
    expect(
      problem({ model: "m", input: [{ type: "function_call", name: "x", arguments: "{}" }] })?.field,
    ).toBe("input[0].call_id");
    expect(problem({ model: "m", input: 5 })?.field).toBe("input");
    expect(problem({ model: "m", input: "x", temperature: "hot" })?.field).toBe("temperature");
    expect(problem({ model: "m", input: "x", tools: [{ type: "function" }] })?.field).toBe("tools[0].name");
    expect(problem({ model: "m" })?.field).toBe("input");
    expect(problem([])).toMatchObject({ kind: "invalid_request" });
  });

  it("restores another provider's signature to its part", () => {
    const signature = {
      protocol: "anthropic" as const,
      kind: "signature" as const,
      data: "sig.na.ture==",
      model: "claude.4",
    };
    const thought = { protocol: "gemini" as const, kind: "signature" as const, data: "AbC" };
    const request = decode({
      model: "m",
      input: [
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: "Hm" }],
          encrypted_content: carry(signature),
        },
        { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" },
        { type: "reasoning", id: "rs_2", summary: [], encrypted_content: carry(thought, "call:call_1") },
        { type: "function_call_output", call_id: "call_1", output: "x" },
      ],
    });
    expect(request.messages[0]?.parts).toEqual([
      { type: "reasoning", text: "Hm", summary: true, itemId: "rs_1", signature: signature },
      { type: "tool-call", callId: "call_1", name: "f", kind: "function", input: "{}", signature: thought },
    ]);
    const warnings: Warning[] = [];
    const sent = JSON.stringify(codec.encodeRequest(request, encodeContext(warnings)));
    expect(sent).not.toContain("portico.");
    expect(sent).not.toContain("Hm");
    expect(warnings).toHaveLength(1);
  });

  it("throws nothing but PorticoError", () => {
    const item = fc.record(
      {
        type: fc.constantFrom(
          ...["message", "reasoning", "function_call", "function_call_output", "custom_tool_call"],
          ...[
            "local_shell_call",
            "local_shell_call_output",
            "shell_call",
            "shell_call_output",
            "apply_patch_call",
          ],
          ...["computer_call", "computer_call_output", "tool_search_output", "mcp_call", "compaction", "x"],
        ),
        role: fc.constantFrom("user", "assistant", "system"),
        content: fc.jsonValue(),
        call_id: fc.string(),
        name: fc.string(),
        arguments: fc.string(),
        input: fc.string(),
        output: fc.jsonValue(),
        action: fc.jsonValue(),
        operation: fc.jsonValue(),
        summary: fc.jsonValue(),
        encrypted_content: fc.oneof(
          fc.string(),
          fc.constant("portico.1.gemini"),
          fc.constant("portico.1.gemini.signature.%.a.b"),
        ),
        tools: fc.jsonValue(),
        status: fc.string(),
      },
      { requiredKeys: [] },
    );
    const body = fc.record(
      {
        input: fc.oneof(fc.array(item), fc.jsonValue()),
        tools: fc.jsonValue(),
        tool_choice: fc.jsonValue(),
        text: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), body), (value) => {
        let request: ChatRequest;
        try {
          request = decode(value);
        } catch (error) {
          expect(error).toBeInstanceOf(PorticoError);
          return;
        }
        codec.encodeRequest(request, encodeContext());
        codec.encodeRequest({ ...request, extra: { protocol: "gemini", fields: {} } }, encodeContext());
      }),
      { numRuns: 2000 },
    );
  });
});

describe("encodeRequest", () => {
  it("says again what this protocol said, in a fixed order", () => {
    const warnings: Warning[] = [];
    const sent = roundTrip(CODEX, warnings);
    expect(warnings).toEqual([]);
    expect(checkRequest({ ...sent, client_metadata: undefined })).toEqual([
      "unknown parameter body.client_metadata",
    ]);
    expect(decode(sent)).toEqual(decode(CODEX));
    expect(JSON.stringify(roundTrip(sent))).toBe(JSON.stringify(sent));
    expect(sent.tools).toEqual(CODEX.tools);
    expect(Object.keys(sent).slice(0, 4)).toEqual(["model", "instructions", "input", "tools"]);
  });

  const foreign = (request: Partial<ChatRequest>): ChatRequest => ({
    model: "gpt-5",
    messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
    tools: [],
    sampling: {},
    stream: true,
    ...request,
  });
  const send = (request: Partial<ChatRequest>, provider = "openai") => {
    const warnings: Warning[] = [];
    const body = codec.encodeRequest(foreign(request), encodeContext(warnings, provider));
    expect(checkRequest(body)).toEqual([]);
    return { body, warnings: warnings.map((warning) => warning.feature) };
  };

  it("is stateless and asks for encrypted reasoning on behalf of another protocol's client", () => {
    const { body } = send({ reasoning: { budgetTokens: 20_000, show: true } });
    expect(body).toMatchObject({
      store: false,
      include: ["reasoning.encrypted_content"],
      reasoning: { effort: "high", summary: "auto" },
    });
    expect(send({ model: "gpt-4o", reasoning: { effort: "high" } })).toMatchObject({
      warnings: ["reasoning"],
    });
    expect(send({ model: "gpt-4o" }).body).not.toHaveProperty("include");
    expect(send({ model: "o3", reasoning: { effort: "max" } }).body.reasoning).toEqual({ effort: "high" });
  });

  it("warns about what it cannot say, and clamps ranges", () => {
    const { body, warnings } = send({
      model: "gpt-4.1",
      sampling: { temperature: 3, topP: -1, topK: 4, seed: 1, frequencyPenalty: 1 },
      maxOutputTokens: 1,
      stop: ["x"],
      n: 2,
      serviceTier: "standard_only",
      metadata: { a: 1, b: "x".repeat(600) },
      extra: { protocol: "anthropic", fields: { container: "c" } },
    });
    expect(body).toMatchObject({ temperature: 2, top_p: 0, max_output_tokens: 16, metadata: { a: "1" } });
    expect(warnings.sort()).toEqual(
      [
        "container",
        "frequency_penalty",
        "max_output_tokens",
        "metadata",
        "n",
        "seed",
        "service_tier",
        "stop",
        "temperature",
        "top_k",
        "top_p",
      ].sort(),
    );
  });

  it.each([
    ["gpt-6-astra", "none", "low"],
    ["gpt-6.2-sol", "minimal", "low"],
    ["gpt-6-sol", "none", "none"],
    ["gpt-5.6-terra", "max", "max"],
    ["gpt-5.5-2026-04-23", "max", "xhigh"],
    ["gpt-5.2", "minimal", "low"],
    ["gpt-5.1", "xhigh", "high"],
    ["gpt-5-mini", "none", "minimal"],
    ["gpt-5.5-pro", "low", "medium"],
    ["gpt-7-nova", "none", "low"],
  ] as const)("%s, asked for the effort %s, is asked for %s", (model, effort, sent) => {
    const { body, warnings } = send({ model, reasoning: { effort } });
    expect(body.reasoning).toEqual({ effort: sent });
    expect(warnings).toEqual(sent === effort ? [] : ["reasoning.effort"]);
  });

  it("leaves an effort out where the model refuses any, and trusts those that it knows nothing of", () => {
    expect(send({ model: "grok-4", reasoning: { effort: "high" } }, "xai")).toMatchObject({
      warnings: ["reasoning.effort"],
    });
    expect(send({ model: "qwen3:8b", reasoning: { effort: "high" } }, "ollama").body.reasoning).toEqual({
      effort: "high",
    });
    expect(
      send({ model: "deepseek-flash", reasoning: { effort: "none" } }, "deepseek").body.reasoning,
    ).toEqual({
      effort: "none",
    });
  });

  it("keeps sampling for models that do not think unless told, and for none of the newest", () => {
    const sampling = { temperature: 0.2 };
    expect(send({ model: "gpt-5.2", sampling }).body.temperature).toBe(0.2);
    expect(send({ model: "gpt-5.6-sol", sampling, reasoning: { effort: "none" } }).body.temperature).toBe(
      0.2,
    );
    expect(send({ model: "gpt-5.6-sol", sampling })).toMatchObject({ warnings: ["temperature"] });
    expect(send({ model: "gpt-7-nova", sampling })).toMatchObject({ warnings: ["temperature"] });
  });

  it("stops thinking or names no tool where the model wants it so for a forced call", () => {
    const tools = [{ type: "function" as const, name: "f", parameters: { type: "object", properties: {} } }];
    const toolChoice = { type: "tool" as const, name: "f" };
    const deepseek = send(
      { model: "deepseek-flash", tools, toolChoice, reasoning: { effort: "high" } },
      "deepseek",
    );
    expect(deepseek.body.reasoning).toEqual({ effort: "none" });
    const kimi = send({ model: "kimi-k3", tools, toolChoice }, "moonshot");
    expect(kimi).toMatchObject({ body: { tool_choice: "required" }, warnings: ["tool_choice"] });
    const glm = send({ model: "glm-5.3", tools, toolChoice }, "zai");
    expect(glm).toMatchObject({ body: { tool_choice: "auto" }, warnings: ["tool_choice"] });
  });

  it("drops sampling that reasoning models refuse", () => {
    const { body, warnings } = send({ sampling: { temperature: 0.2 } });
    expect(body).not.toHaveProperty("temperature");
    expect(warnings).toEqual(["temperature"]);
  });

  it("repairs calls and results, and maps long ids alike", () => {
    const long = "x".repeat(100);
    const { body, warnings } = send({
      messages: [
        {
          role: "assistant",
          parts: [
            { type: "tool-call", callId: "a", name: "f", kind: "function", input: "" },
            { type: "tool-call", callId: long, name: "f", kind: "function", input: "{}" },
          ],
        },
        {
          role: "tool",
          parts: [
            {
              type: "tool-result",
              callId: long,
              kind: "function",
              content: [{ type: "text", text: "boom" }],
              isError: true,
            },
            {
              type: "tool-result",
              callId: "gone",
              kind: "function",
              content: [{ type: "text", text: "lost" }],
            },
          ],
        },
      ],
    });
    const input = body.input as Record<string, unknown>[];
    expect(input.map((item) => item.type)).toEqual([
      "function_call",
      "function_call_output",
      "function_call",
      "function_call_output",
      "message",
    ]);
    expect(input[0]?.arguments).toBe("{}");
    expect(input[2]?.call_id).toBe(input[3]?.call_id);
    expect(input[3]?.output).toBe("Error: boom");
    expect(warnings).toHaveLength(2);
  });

  it("declares other protocols' tools as functions and accepts their schemas", () => {
    const { body } = send({
      tools: [
        { type: "client", kind: "bash", name: "bash", protocol: "anthropic", raw: { type: "bash_20250124" } },
        {
          type: "function",
          name: "no.dots allowed",
          parameters: {
            anyOf: [
              { type: "object", properties: { a: {} }, required: ["a"] },
              { type: "object", properties: { b: { type: "array" } } },
            ],
          },
        },
        { type: "function", name: "none" },
        {
          type: "provider",
          kind: "web_search",
          name: "web_search",
          protocol: "anthropic",
          raw: { type: "web_search_20250305", allowed_domains: ["x.com"] },
        },
        { type: "provider", kind: "other", name: "odd", protocol: "gemini", raw: {} },
      ],
      toolChoice: { type: "tool", name: "no.dots allowed" },
    });
    expect(body.tools).toMatchObject([
      { type: "function", name: "bash", strict: false },
      {
        type: "function",
        name: "no_dots_allowed",
        parameters: { type: "object", properties: { a: {}, b: { items: {} } }, required: [] },
      },
      { type: "function", name: "none", parameters: { type: "object" } },
      { type: "web_search", filters: { allowed_domains: ["x.com"] } },
    ]);
    expect(body.tool_choice).toEqual({ type: "function", name: "no_dots_allowed" });
  });

  it("names no tool in a choice that is not sent", () => {
    const fetching = {
      type: "provider",
      kind: "web_fetch",
      name: "web_fetch",
      protocol: "anthropic",
      raw: {},
    } as const;
    const tools = [{ type: "function", name: "f" } as const, fetching];
    expect(send({ tools, toolChoice: { type: "tool", name: "web_fetch" } }).body.tool_choice).toBe("auto");
    const some = send({
      tools,
      toolChoice: { type: "allowed", mode: "required", names: ["f", "web_fetch"] },
    });
    expect(some.body.tool_choice).toEqual({
      type: "allowed_tools",
      mode: "required",
      tools: [{ type: "function", name: "f" }],
    });
    expect(some.warnings).toHaveLength(2);
  });

  it("says JSON in a message where only the format asks for it", () => {
    const messages = [{ role: "user" as const, parts: [{ type: "text" as const, text: "hi" }] }];
    const asked = send({ messages, responseFormat: { type: "json" } }).body.input;
    expect(asked).toMatchObject([
      { role: "developer", content: [{ text: "Answer in JSON." }] },
      { role: "user" },
    ]);
    const said = [{ role: "user" as const, parts: [{ type: "text" as const, text: "hi, in JSON" }] }];
    expect(send({ messages: said, responseFormat: { type: "json" } }).body.input).toHaveLength(1);
  });

  it("warns that a last message of the assistant is not continued", () => {
    const messages = [
      { role: "user" as const, parts: [{ type: "text" as const, text: "Count" }] },
      { role: "assistant" as const, parts: [{ type: "text" as const, text: "One," }] },
    ];
    expect(send({ messages }).warnings).toHaveLength(1);
    expect(send({ messages: messages.slice(0, 1) }).warnings).toEqual([]);
  });

  it("shows a placeholder for what cannot be sent", () => {
    const { body, warnings } = send({
      messages: [
        {
          role: "user",
          parts: [
            {
              type: "audio",
              source: { kind: "base64", mediaType: "audio/wav", data: "AA" },
              transcript: "hello",
            },
            { type: "video", source: { kind: "url", url: "https://x/v.mp4" } },
            { type: "image", source: { kind: "file", id: "f", protocol: "anthropic" } },
            {
              type: "document",
              source: { kind: "text", text: "body", mediaType: "text/plain" },
              name: "a.txt",
            },
            { type: "provider", protocol: "anthropic", raw: { type: "container_upload" } },
          ],
        },
      ],
    });
    expect(JSON.stringify(body.input)).toContain("[audio omitted: hello]");
    expect(warnings).toHaveLength(4);
  });

  it("sends plain reasoning only where open models take it", () => {
    const messages: ChatRequest["messages"] = [
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "thought" },
          { type: "text", text: "Hi" },
        ],
      },
      { role: "user", parts: [{ type: "text", text: "Go on" }] },
    ];
    expect(JSON.stringify(send({ messages }, "lmstudio").body.input)).toContain("reasoning_text");
    expect(send({ messages }).warnings).toHaveLength(1);
  });

  it("adds a cache key of a session, shortened", () => {
    const context = { ...encodeContext(), autoCache: true, session: "s".repeat(80) };
    expect(codec.encodeRequest(foreign({}), context).prompt_cache_key).toHaveLength(64);
    expect(codec.encodeRequest(foreign({ cacheKey: "mine" }), context).prompt_cache_key).toBe("mine");
  });
});

describe("valid requests", () => {
  const word = fc.string({ minLength: 1, maxLength: 12 });
  const id = (prefix: string) => fc.stringMatching(/^[0-9a-f]{8}$/).map((hex) => `${prefix}_${hex}`);
  const userPart = fc.oneof(
    fc.record({ type: fc.constant("input_text"), text: word }),
    fc.record({
      type: fc.constant("input_image"),
      image_url: fc.constantFrom("https://x/y.png", "data:image/png;base64,AAAA"),
      detail: fc.constantFrom("auto", "low", "high"),
    }),
    fc.record({
      type: fc.constant("input_file"),
      filename: word,
      file_data: fc.constant("data:application/pdf;base64,JVBE"),
    }),
  );
  const name = fc.stringMatching(/^[a-z_]{1,20}$/);
  const turn = fc.oneof(
    fc
      .record({
        type: fc.constant("message"),
        role: fc.constantFrom("user", "developer", "system"),
        content: fc.array(fc.record({ type: fc.constant("input_text"), text: word }), {
          minLength: 1,
          maxLength: 2,
        }),
      })
      .map((item) => [item]),
    fc
      .record({
        type: fc.constant("message"),
        role: fc.constant("user"),
        content: fc.array(userPart, { minLength: 1, maxLength: 3 }),
      })
      .map((item) => [item]),
    fc
      .record({
        type: fc.constant("message"),
        id: id("msg"),
        role: fc.constant("assistant"),
        status: fc.constant("completed"),
        content: fc.array(
          fc.record({ type: fc.constant("output_text"), text: word, annotations: fc.constant([]) }),
          { minLength: 1, maxLength: 2 },
        ),
      })
      .map((item) => [item]),
    fc
      .record({
        type: fc.constant("reasoning"),
        id: id("rs"),
        summary: fc.array(
          word.map((text) => ({ type: "summary_text", text })),
          { maxLength: 2 },
        ),
        encrypted_content: word.filter((text) => !text.startsWith("portico.")),
      })
      .map((item) => [item]),
    fc.tuple(id("call"), name, word).map(([call_id, tool, output]) => [
      { type: "function_call", call_id, name: tool, arguments: "{}" },
      { type: "function_call_output", call_id, output },
    ]),
    fc
      .tuple(id("call"), name, word, fc.array(userPart, { minLength: 2, maxLength: 3 }))
      .map(([call_id, tool, input, output]) => [
        { type: "custom_tool_call", call_id, name: tool, input },
        { type: "custom_tool_call_output", call_id, output },
      ]),
  );
  const request = fc.record(
    {
      model: fc.constant("gpt-5"),
      input: fc
        .uniqueArray(turn, { maxLength: 8, selector: (items) => JSON.stringify(items[0]) })
        .map((turns) => turns.flat()),
      instructions: word,
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      max_output_tokens: fc.integer({ min: 16, max: 1000 }),
      store: fc.boolean(),
      stream: fc.boolean(),
      tool_choice: fc.constantFrom("auto", "none", "required"),
      reasoning: fc.record(
        { effort: fc.constantFrom("none", "low", "high"), summary: fc.constantFrom("auto", "concise") },
        { requiredKeys: [] },
      ),
      text: fc.record(
        {
          verbosity: fc.constantFrom("low", "high"),
          format: fc.constantFrom({ type: "text" }, { type: "json_object" }),
        },
        { requiredKeys: [] },
      ),
      truncation: fc.constantFrom("auto", "disabled"),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), word, { maxKeys: 3 }),
    },
    { requiredKeys: ["model", "input"] },
  );

  it("decode, encode, decode to the same", () => {
    fc.assert(
      fc.property(request, (body) => {
        const warnings: Warning[] = [];
        const first = decode({
          ...body,
          tools: [
            { type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: true },
          ],
        });
        const sent = codec.encodeRequest(first, encodeContext(warnings));
        expect(warnings).toEqual([]);
        expect(decode(sent)).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });

  it("are accepted by a strict provider after translation from another client", () => {
    fc.assert(
      fc.property(request, (body) => {
        const sent = codec.encodeRequest(
          { ...decode(body), extra: { protocol: "anthropic", fields: {} } },
          encodeContext(),
        );
        expect(checkRequest(sent)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
