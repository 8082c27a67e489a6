import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../../src/control/protocol.ts";
import { firstHeader, sessionKey } from "../../../../src/gateway/accounts/schedule/session.ts";
import fc from "../../../support/property.ts";

const BODIES = {
  "openai-chat": (system: string, user: string) => ({
    messages: [
      { role: "system", content: system },
      { role: "user", content: [{ type: "text", text: user }] },
    ],
  }),
  "openai-responses": (system: string, user: string) => ({
    instructions: system,
    input: [{ role: "user", content: [{ type: "input_text", text: user }] }],
  }),
  anthropic: (system: string, user: string) => ({
    system: [{ type: "text", text: system }],
    messages: [{ role: "user", content: user }],
  }),
  gemini: (system: string, user: string) => ({
    systemInstruction: { parts: [{ text: system }] },
    contents: [{ parts: [{ text: user }] }],
  }),
} as const;

describe("sessionKey", () => {
  /** The surest first, as each names a conversation. */
  const named: [string, string[], object][] = [
    ["x-claude-code-session-id", ["X-Claude-Code-Session-Id", "s"], {}],
    ["session-id", ["session-id", "s"], {}],
    ["session_id", ["other", "x", "Session_Id", "s"], {}],
    ["thread-id", ["Thread-Id", "s"], {}],
    ["x-session-id", ["x-session-id", "s"], {}],
    ["prompt_cache_key", [], { prompt_cache_key: "s" }],
    ["metadata.user_id", [], { metadata: { user_id: "s" } }],
    ["x-portico-session", ["x-portico-session", "s"], {}],
  ];

  it.each(named)("goes by %s, whatever is said", (_name, headers, body) => {
    const first = sessionKey("anthropic", headers, { ...body, ...BODIES.anthropic("a", "b") });
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionKey("anthropic", headers, { ...body, ...BODIES.anthropic("c", "d") })).toBe(first);
    expect(sessionKey("openai-chat", ["x-session-id", "s"], {})).toBe(first);
  });

  it("prefers what is surer", () => {
    for (let at = 1; at < named.length; at++) {
      const [, sure, sureBody] = named[at - 1] ?? ["", [], {}];
      const [, less, lessBody] = named[at] ?? ["", [], {}];
      const change = (body: object) => JSON.parse(JSON.stringify(body).replace('"s"', '"other"')) as object;
      const key = sessionKey("anthropic", [...less.map((x) => (x === "s" ? "other" : x)), ...sure], {
        ...change(lessBody),
        ...sureBody,
      });
      expect(key).toBe(sessionKey("anthropic", ["x-session-id", "s"], {}));
    }
  });

  it.each(PROTOCOLS)("else by system text and first user text (%s)", (protocol) => {
    const body = BODIES[protocol]("You help.", "Fix the bug");
    const key = sessionKey(protocol, [], body);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionKey(protocol, [], BODIES[protocol]("You help.", "Fix it"))).not.toBe(key);
    expect(sessionKey(protocol, [], BODIES[protocol]("You.", "Fix the bug"))).not.toBe(key);
    // Later turns are of the same conversation.
    const longer: unknown = JSON.parse(
      JSON.stringify(body, (name, value: unknown) =>
        ["messages", "input", "contents"].includes(name) && Array.isArray(value)
          ? [
              ...value,
              { role: protocol === "gemini" ? "model" : "assistant", content: "ok", parts: [{ text: "ok" }] },
              { role: "user", content: "more", parts: [{ text: "more" }] },
            ]
          : value,
      ),
    );
    expect(sessionKey(protocol, [], longer)).toBe(key);
  });

  it("takes nobody who has many conversations for one of them", () => {
    const of = (body: object, user: string) =>
      sessionKey("openai-chat", [], { ...BODIES["openai-chat"]("You help.", user), ...body });
    for (const body of [{ user: "u" }, { metadata: { user_id: "u" } }]) {
      expect(of(body, "Fix the bug")).toBe(of({}, "Fix the bug"));
      expect(of(body, "Fix the bug")).not.toBe(of(body, "Fix it"));
    }
  });

  it("is a short digest that tells nothing, however long the text is", () => {
    const long = BODIES.anthropic("be kind", "x".repeat(1_000_000));
    expect(sessionKey("anthropic", [], long)).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionKey("anthropic", ["x-session-id", "person@example.com"], long)).toMatch(/^[0-9a-f]{32}$/);
  });

  it("says nothing where nothing tells", () => {
    expect(sessionKey("openai-chat", [], undefined)).toBeUndefined();
    expect(sessionKey("openai-chat", ["session-id", " "], { messages: [] })).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROTOCOLS),
        fc.array(fc.string()),
        fc.anything(),
        (protocol, headers, body) => {
          const key = sessionKey(protocol, headers, {
            messages: body,
            system: body,
            input: body,
            contents: body,
          });
          if (key !== undefined) expect(key).toHaveLength(32);
        },
      ),
    );
  });
});

describe("firstHeader", () => {
  it("goes by the order of the names, not of the headers", () => {
    expect(firstHeader(["B", "2", "a", "1"], ["a", "b"])).toBe("1");
    expect(firstHeader(["c", "3"], ["a", "b"])).toBeUndefined();
  });
});
