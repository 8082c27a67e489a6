/**
 * What a provider has seen of a conversation it sees again in the next turn, byte for byte, whatever was renamed,
 * hinted or repaired on the way: its prompt cache and, at Claude, the thinking of earlier turns hang on it.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks
 */

import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { ChatRequest, Message } from "../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import fc from "../../support/property.ts";

type Body = Record<string, unknown>;

const TARGETS: Readonly<
  Record<Protocol, { provider: string; model: string; turns: string; fixed: readonly string[] }>
> = {
  anthropic: {
    provider: "anthropic",
    model: "claude-opus-5-5",
    turns: "messages",
    fixed: ["system", "tools"],
  },
  gemini: {
    provider: "gemini",
    model: "gemini-4-argon",
    turns: "contents",
    fixed: ["systemInstruction", "tools"],
  },
  "openai-chat": { provider: "openai", model: "gpt-5.6-sol", turns: "messages", fixed: ["tools"] },
  "openai-responses": {
    provider: "openai",
    model: "gpt-5.6-sol",
    turns: "input",
    fixed: ["instructions", "tools"],
  },
};

/** Markers of the prompt cache move with the conversation's end and are no part of what is said. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key === "cache_control" || key === "prompt_cache_breakpoint") return [];
      if (key === "content" && typeof inner === "string") return [[key, [{ type: "text", text: inner }]]];
      return [[key, plain(inner)]];
    }),
  );
}

/** What the provider is told, and how much of it the next turn has to begin with. */
function sent(target: Protocol, request: ChatRequest): { fixed: string; turns: string[] } {
  const { provider, model, turns, fixed } = TARGETS[target];
  const body = CODECS[target].encodeRequest(
    { ...request, model },
    { provider, autoCache: true, session: "s", warn: () => {} },
  );
  const list = body[turns];
  return {
    fixed: JSON.stringify(fixed.map((field) => plain(body[field]))),
    turns: (Array.isArray(list) ? list : []).map((turn) => JSON.stringify(plain(turn))),
  };
}

function expectGrown(target: Protocol, before: ChatRequest, after: ChatRequest): void {
  const [first, second] = [sent(target, before), sent(target, after)];
  expect(second.fixed).toBe(first.fixed);
  expect(second.turns.slice(0, first.turns.length)).toEqual(first.turns);
  expect(second.turns.length).toBeGreaterThan(first.turns.length);
}

/** Two turns as each client sends them: odd names, a repaired history, asked for JSON in words. */
const CLIENTS: Readonly<Record<Protocol, readonly [Body, Body]>> = {
  "openai-chat": grow({
    head: {
      tools: [
        { type: "function", function: { name: "read.file", parameters: { type: "object" } } },
        { type: "function", function: { name: "read/file", parameters: { type: "object" } } },
        { type: "custom", custom: { name: "patch" } },
      ],
      response_format: { type: "json_object" },
      reasoning_effort: "high",
    },
    turns: "messages",
    first: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Go" },
      {
        role: "assistant",
        tool_calls: [{ id: "c:1", type: "function", function: { name: "read.file", arguments: "{" } }],
      },
      { role: "user", content: "Well?" },
      { role: "developer", content: "Now slower." },
    ],
    next: [
      {
        role: "assistant",
        tool_calls: [{ id: "c:2", type: "function", function: { name: "read/file", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c:2", content: "found" },
    ],
  }),
  "openai-responses": grow({
    head: {
      instructions: "Be brief.",
      tools: [
        {
          type: "namespace",
          name: "fs",
          description: "Files",
          tools: [{ type: "function", name: "read", parameters: { type: "object" } }],
        },
        { type: "function", name: "read", parameters: { type: "object" } },
        { type: "local_shell" },
      ],
      store: false,
    },
    turns: "input",
    first: [
      { role: "user", content: "Go" },
      { type: "function_call", call_id: "c1", name: "read", namespace: "fs", arguments: "{}" },
      { type: "function_call_output", call_id: "lost", output: "orphan" },
      { role: "developer", content: "Now slower." },
    ],
    next: [
      { type: "function_call", call_id: "c2", name: "read", arguments: "{}" },
      { type: "function_call_output", call_id: "c2", output: "found" },
    ],
  }),
  anthropic: grow({
    head: {
      max_tokens: 100,
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
      tools: [
        { name: "read", input_schema: { type: "object" } },
        { type: "bash_20250124", name: "bash" },
      ],
    },
    turns: "messages",
    first: [
      { role: "user", content: "Go" },
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "toolu_1", name: "bash", input: { command: "ls" } }],
      },
      { role: "user", content: [{ type: "text", text: "Well?" }] },
    ],
    next: [
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_2", name: "read", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_2", content: "found" }] },
    ],
  }),
  gemini: grow({
    head: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      tools: [{ functionDeclarations: [{ name: "read:file" }, { name: "read_file" }] }],
      generationConfig: { responseMimeType: "application/json" },
    },
    turns: "contents",
    first: [
      { role: "user", parts: [{ text: "Go" }] },
      { role: "model", parts: [{ functionCall: { name: "read:file", args: {} } }] },
      { role: "user", parts: [{ text: "Well?" }] },
    ],
    next: [
      { role: "model", parts: [{ functionCall: { name: "read_file", args: {} } }] },
      { role: "user", parts: [{ functionResponse: { name: "read_file", response: { output: "found" } } }] },
    ],
  }),
};

function grow(made: { head: Body; turns: string; first: unknown[]; next: unknown[] }): readonly [Body, Body] {
  return [
    { ...made.head, model: "m", [made.turns]: made.first },
    { ...made.head, model: "m", [made.turns]: [...made.first, ...made.next] },
  ];
}

describe.each(PROTOCOLS)("what %s is told", (target) => {
  it.each(PROTOCOLS)("in a turn is told again in the next one, by a client of %s", (client) => {
    const [before, after] = CLIENTS[client].map((body) =>
      CODECS[client].decodeRequest(body, { model: "m", stream: true }),
    );
    if (before === undefined || after === undefined) throw new Error("two turns");
    expectGrown(target, before, after);
    // The same request is the same bytes.
    expect(sent(target, before)).toEqual(sent(target, structuredClone(before)));
  });

  it("in a turn is told again in the next one, whatever was said", () => {
    const text = fc.constantFrom("a", "b", " ", "json", "é");
    const user = fc.record({
      role: fc.constant("user" as const),
      parts: fc.tuple(text.map((one) => ({ type: "text" as const, text: one }))),
    });
    const system = fc.record({
      role: fc.constant("system" as const),
      parts: fc.tuple(text.map((one) => ({ type: "text" as const, text: `s${one}` }))),
    });
    const round = fc.record({
      words: text,
      calls: fc.uniqueArray(fc.constantFrom("f.1", "f/1", "g"), { maxLength: 2 }),
      answered: fc.boolean(),
      late: fc.option(system, { nil: undefined }),
      behind: user,
    });
    const rounds = fc.array(round, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(user, rounds, fc.constantFrom("none", "json", "schema"), (opening, list, format) => {
        const messages: Message[] = [opening];
        const ends: number[] = [];
        for (const [at, { words, calls, answered, late, behind }] of list.entries()) {
          // Requests are sent where it is the model's turn.
          ends.push(messages.length);
          messages.push({
            role: "assistant",
            parts: [
              { type: "text", text: `x${words}` },
              ...calls.map((name, index) => ({
                type: "tool-call" as const,
                callId: `c${at}.${index}`,
                name,
                kind: "function" as const,
                input: "{}",
              })),
            ],
          });
          if (answered && calls.length > 0) {
            messages.push({
              role: "tool",
              parts: calls.map((_, index) => ({
                type: "tool-result" as const,
                callId: `c${at}.${index}`,
                kind: "function" as const,
                content: [{ type: "text" as const, text: "ok" }],
              })),
            });
          }
          messages.push(
            behind.parts[0].text.trim() === "" ? { ...behind, parts: [{ type: "text", text: "." }] } : behind,
          );
          if (late !== undefined) messages.push(late);
        }
        ends.push(messages.length);
        const request = (end: number): ChatRequest => ({
          model: "m",
          messages: messages.slice(0, end),
          tools: ["f.1", "f/1", "g"].map((name) => ({
            type: "function",
            name,
            parameters: { type: "object", properties: {} },
          })),
          sampling: {},
          stream: true,
          ...(format === "schema"
            ? { responseFormat: { type: "json-schema", schema: { type: "object" } } }
            : {}),
          ...(format === "json" ? { responseFormat: { type: "json" } } : {}),
        });
        for (let index = 1; index < ends.length; index++) {
          expectGrown(target, request(ends[index - 1] ?? 0), request(ends[index] ?? 0));
        }
      }),
      { numRuns: 60 },
    );
  });
});

it("tools that are not allowed for once stay declared where thinking is bound to them", () => {
  const tools = ["f", "g"].map((name) => ({
    type: "function" as const,
    name,
    parameters: { type: "object", properties: {} },
  }));
  const request = (more: Partial<ChatRequest>): ChatRequest => ({
    model: "m",
    messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
    tools,
    sampling: {},
    stream: true,
    ...more,
  });
  const allowed = request({ toolChoice: { type: "allowed", mode: "auto", names: ["f"] } });
  expect(sent("anthropic", allowed).fixed).toBe(sent("anthropic", request({})).fixed);
});
