import { describe, expect, it } from "vitest";
import { type ChatMessage, requestBody } from "../../../../src/vscode/chat/requestBody.ts";

const text = (value: string) => ({ value });
const data = (mimeType: string, bytes: string) => ({ mimeType, data: Buffer.from(bytes) });
const PNG = data("image/png", "png");
const user = (...content: unknown[]): ChatMessage => ({ role: 1, content });
const assistant = (...content: unknown[]): ChatMessage => ({ role: 2, content });

const messages = (...all: ChatMessage[]) => requestBody({ model: "m", messages: all }).messages;

describe("a request of VS Code's chat", () => {
  it("is a stream that tells its tokens", () => {
    expect(requestBody({ model: "gpt-5", messages: [user(text("hi"))] })).toEqual({
      model: "gpt-5",
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
    });
  });

  it("has the system's text, which is of a role that the API does not name", () => {
    expect(messages({ role: 3, content: [text("Be "), text("brief.")] }, user(text("hi")))).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "hi" }] },
    ]);
  });

  it("has images, documents and texts that are data, and none of VS Code's own marks", () => {
    const own = [
      data("cache_control", "ephemeral"),
      data("usage", "{}"),
      data("stateful_marker", "x"),
      text(""),
    ];
    expect(
      messages(user(text("see"), PNG, data("application/pdf", "pdf"), data("text/csv", "a;b"), ...own)),
    ).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "see" },
          { type: "image_url", image_url: { url: "data:image/png;base64,cG5n" } },
          { type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,cGRm" } },
          { type: "text", text: "a;b" },
        ],
      },
    ]);
  });

  it("has calls and their results, and shows a result's image behind them", () => {
    const call = (callId: string) => ({ callId, name: "read", input: { path: "a" } });
    const result = (callId: string, ...content: unknown[]) => ({ callId, content });
    const thought = { value: "hm", id: "t1" };
    expect(
      messages(
        user(text("look")),
        assistant(thought, text("I look."), call("c1"), call("c2")),
        user(result("c1", text("one"), { value: { node: 1 } }), result("c2", PNG), text("and?")),
      ),
    ).toEqual([
      { role: "user", content: [{ type: "text", text: "look" }] },
      {
        role: "assistant",
        content: "I look.",
        tool_calls: ["c1", "c2"].map((id) => ({
          id,
          type: "function",
          function: { name: "read", arguments: '{"path":"a"}' },
        })),
      },
      { role: "tool", tool_call_id: "c1", content: 'one{"node":1}' },
      { role: "tool", tool_call_id: "c2", content: "" },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/png;base64,cG5n" } },
          { type: "text", text: "and?" },
        ],
      },
    ]);
  });

  it("leaves out turns that say nothing", () => {
    expect(
      messages({ role: 3, content: [] }, assistant({ value: "hm", id: "t1" }), user(text("hi"))),
    ).toHaveLength(1);
  });

  it("offers tools, and asks for one where the caller does", () => {
    const tools = [{ name: "a", description: "A", inputSchema: { type: "object" } }, { name: "b" }];
    expect(requestBody({ model: "m", messages: [], tools, toolRequired: true })).toMatchObject({
      tool_choice: "required",
      tools: [
        { type: "function", function: { name: "a", description: "A", parameters: { type: "object" } } },
        { type: "function", function: { name: "b", parameters: { type: "object", properties: {} } } },
      ],
    });
    expect(requestBody({ model: "m", messages: [], tools }).tool_choice).toBe("auto");
  });

  it("takes the options that chat completions have, and none of VS Code's own", () => {
    const modelOptions = {
      temperature: 0.1,
      _conversationId: "c",
      stream: false,
      model: "other",
      secret: "x",
    };
    expect(requestBody({ model: "m", messages: [], modelOptions, effort: "low" })).toEqual({
      model: "m",
      stream: true,
      stream_options: { include_usage: true },
      messages: [],
      temperature: 0.1,
      reasoning_effort: "low",
    });
  });
});
