import { describe, expect, it } from "vitest";
import { codec as anthropic } from "../../../src/gateway/protocols/anthropic/index.ts";
import type { ChatRequest } from "../../../src/gateway/protocols/chat.ts";
import { codec as chat } from "../../../src/gateway/protocols/openaiChat/index.ts";
import { sessionOf } from "../../../src/gateway/requests/session.ts";

const at = { model: "m", stream: false };
const asked = (text: string, more: object = {}): ChatRequest =>
  chat.decodeRequest(
    {
      model: "m",
      messages: [
        { role: "system", content: "be kind" },
        { role: "user", content: text },
      ],
      ...more,
    },
    at,
  );

describe("sessionOf", () => {
  it.each(["x-claude-code-session-id", "Session-Id", "session_id", "x-session-id", "thread-id"])(
    "goes by the header %s",
    (name) => {
      expect(sessionOf([name, "one"], asked("a"))).toBe(sessionOf(["other", "x", name, "one"], asked("b")));
      expect(sessionOf([name, "one"], asked("a"))).not.toBe(sessionOf([name, "two"], asked("a")));
      expect(sessionOf([name, ""], asked("a"))).toBe(sessionOf([], asked("a")));
    },
  );

  it("goes by prompt_cache_key", () => {
    expect(sessionOf([], asked("a", { prompt_cache_key: "k" }))).toBe(
      sessionOf([], asked("b", { prompt_cache_key: "k" })),
    );
  });

  it("goes by Anthropic's metadata.user_id, and not by OpenAI's user, who has many sessions", () => {
    const message = (text: string) =>
      anthropic.decodeRequest(
        {
          model: "m",
          max_tokens: 1,
          metadata: { user_id: "u" },
          messages: [{ role: "user", content: text }],
        },
        at,
      );
    expect(sessionOf([], message("a"))).toBe(sessionOf([], message("b")));
    expect(sessionOf([], asked("a", { user: "u" }))).not.toBe(sessionOf([], asked("b", { user: "u" })));
  });

  it("goes by how the conversation began, whatever came later", () => {
    const later = asked("a");
    later.messages.push(
      { role: "assistant", parts: [{ type: "text", text: "x" }] },
      { role: "user", parts: [{ type: "text", text: "y" }] },
    );
    expect(sessionOf([], later)).toBe(sessionOf([], asked("a")));
    expect(sessionOf([], asked("a"))).not.toBe(sessionOf([], asked("b")));
  });

  it("is a short digest that tells nothing", () => {
    const session = sessionOf(["x-session-id", "person@example.com"], asked("x".repeat(1_000_000)));
    expect(session).toMatch(/^[0-9a-f]{32}$/);
  });
});
