import { describe, expect, it } from "vitest";
import { messageOf, ReplyReader } from "../../../../src/vscode/chat/replyReader.ts";

const chunk = (delta: object, finish: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] });
const call = (index: number, fields: object) => ({ tool_calls: [{ index, ...fields }] });

function read(...chunks: string[]): unknown[] {
  const reader = new ReplyReader();
  return [...chunks.flatMap((each) => reader.read(each)), ...reader.end()];
}

describe("a reply for VS Code's chat", () => {
  it("is what was thought and said, and what it cost", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    expect(
      read(
        chunk({ role: "assistant", content: "" }),
        chunk({ reasoning_content: "hm" }),
        chunk({ content: "Hi" }),
        chunk({}, "stop"),
        JSON.stringify({ choices: [], usage }),
        "[DONE]",
      ),
    ).toEqual([
      { kind: "thinking", text: "hm" },
      { kind: "text", text: "Hi" },
      { kind: "usage", usage },
    ]);
  });

  it("hands calls over when they are whole", () => {
    expect(
      read(
        chunk(call(0, { id: "a", function: { name: "read", arguments: '{"pa' } })),
        chunk(call(1, { id: "b", function: { name: "list", arguments: "" } })),
        chunk(call(0, { function: { arguments: 'th":1}' } })),
        chunk({}, "tool_calls"),
      ),
    ).toEqual([
      { kind: "call", id: "a", name: "read", input: { path: 1 } },
      { kind: "call", id: "b", name: "list", input: {} },
    ]);
  });

  it("has an end where its server says so without a reason, but for a call", () => {
    expect(read(chunk({ content: "Hi" }), "[DONE]")).toEqual([{ kind: "text", text: "Hi" }]);
    const cut = chunk(call(0, { id: "a", function: { name: "r", arguments: "{}" } }));
    expect(() => read(cut, "[DONE]")).toThrow("cut off before its end");
  });

  it.each([
    ["ends without a reason", [chunk({ content: "Hi" })], "cut off before its end"],
    [
      "is an error",
      [JSON.stringify({ error: { message: "All accounts are used up until 14:05." } })],
      "used up until 14:05",
    ],
    ["is no JSON", ["{"], "no JSON"],
    [
      "is cut in a call",
      [chunk(call(0, { id: "a", function: { name: "r", arguments: "{" } })), chunk({}, "length")],
      "midst of a tool call",
    ],
    [
      "calls with no object",
      [chunk(call(0, { id: "a", function: { name: "r", arguments: "7" } })), chunk({}, "tool_calls")],
      "no JSON object",
    ],
    ["is too long before its first word", [chunk({}, "length")], "before its first word"],
    ["is held back", [chunk({}, "content_filter")], "content filter"],
  ])("that %s is told as that", (_name, chunks, words) => {
    expect(() => read(...chunks)).toThrow(words);
  });

  it("has its errors in the words of whoever said them", () => {
    expect(messageOf({ error: { message: "No." } })).toBe("No.");
    expect(messageOf({ error: "No." })).toBe("No.");
    expect(messageOf(null)).toBe("The request failed.");
  });
});
