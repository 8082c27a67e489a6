/** Thinking between texts and calls: chat clients bring it back to Claude where it was. */

import { describe, expect, it } from "vitest";
import type { AssistantPart, ChatEvent, ChatRequest } from "../../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../../src/gateway/protocols/codecs.ts";
import { sseEvents } from "../../../support/matrix/rig.ts";
import fc from "../../../support/property.ts";

const REQUEST: ChatRequest = {
  model: "claude-opus-4-6",
  messages: [],
  tools: [],
  sampling: {},
  stream: true,
};
const CHAT = CODECS["openai-chat"];
const context = {
  model: "m",
  now: 0,
  newId: () => "0".repeat(24),
  request: REQUEST,
  framing: "sse" as const,
  warn: () => {},
};
type Json = Record<string, unknown>;

/** What a client of the whole reply has. */
function whole(parts: AssistantPart[]): Json {
  const reply = CHAT.encodeReply({ choices: [{ parts, finish: { reason: "tool-calls" } }] }, context);
  return (reply as { choices: { message: Json }[] }).choices[0]?.message ?? {};
}

/** What a client that gathers the stream has. */
function streamed(parts: AssistantPart[]): Json {
  const encoder = CHAT.streamEncoder(context);
  const events = parts.flatMap((part, i): ChatEvent[] => {
    const id = String(i);
    if (part.type === "reasoning") {
      return [
        { type: "reasoning-start", id },
        { type: "reasoning-delta", id, text: part.text },
        { type: "reasoning-end", id, ...(part.signature ? { signature: part.signature } : {}) },
      ];
    }
    if (part.type === "tool-call") {
      const { callId, name, kind } = part;
      return [
        { type: "tool-start", id, callId, name, kind },
        { type: "tool-delta", id, delta: part.input },
        { type: "tool-end", id },
      ];
    }
    if (part.type !== "text") return [];
    return [
      { type: "text-start", id },
      { type: "text-delta", id, text: part.text },
      { type: "text-end", id },
    ];
  });
  const text = events.map((event) => encoder.push(event)).join("");
  const message = { role: "assistant", content: "", reasoning_content: "" };
  const details: unknown[] = [];
  const calls: { id: string; type: string; function: { name: string; arguments: string } }[] = [];
  for (const { data } of sseEvents(text)) {
    const { choices } = JSON.parse(data) as { choices: { delta: Record<string, never> }[] };
    const delta = choices[0]?.delta as {
      content?: string;
      reasoning_content?: string;
      reasoning_details?: unknown[];
      tool_calls?: { index: number; id?: string; function: { name?: string; arguments?: string } }[];
    };
    message.content += delta.content ?? "";
    message.reasoning_content += delta.reasoning_content ?? "";
    details.push(...(delta.reasoning_details ?? []));
    for (const call of delta.tool_calls ?? []) {
      const known = calls[call.index];
      if (known !== undefined) known.function.arguments += call.function.arguments ?? "";
      else
        calls[call.index] = {
          id: call.id ?? "",
          type: "function",
          function: { name: call.function.name ?? "", arguments: call.function.arguments ?? "" },
        };
    }
  }
  return { ...message, reasoning_details: details, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

/** The blocks that Claude is sent in the next turn. */
function replayed(message: Json): string[] {
  const results = Array.isArray(message.tool_calls) ? (message.tool_calls as { id: string }[]) : [];
  const body = {
    model: "claude-opus-4-6",
    messages: [
      { role: "user", content: "hi" },
      message,
      ...results.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "ok" })),
      { role: "user", content: "go on" },
    ],
    tools: [{ type: "function", function: { name: "read", parameters: { type: "object" } } }],
    reasoning_effort: "high",
  };
  const request = CHAT.decodeRequest(body, { model: "claude-opus-4-6", stream: false });
  const sent = CODECS.anthropic.encodeRequest(request, {
    provider: "anthropic",
    autoCache: false,
    warn: () => {},
  }) as { messages: { role: string; content: Record<string, string>[] }[] };
  const turn = sent.messages.find(({ role }) => role === "assistant");
  return (turn?.content ?? []).map(({ type, thinking, text, id }) => `${type} ${thinking ?? text ?? id}`);
}

const thinking = (text: string): AssistantPart => ({
  type: "reasoning",
  text,
  signature: { protocol: "anthropic", kind: "signature", data: "c2ln", model: "claude-opus-4-6" },
});
const call = (callId: string): AssistantPart => ({
  type: "tool-call",
  callId,
  name: "read",
  kind: "function",
  input: "{}",
});
const text = (words: string): AssistantPart => ({ type: "text", text: words });

const said = (parts: readonly AssistantPart[]): string[] =>
  parts.map((part) =>
    part.type === "reasoning"
      ? `thinking ${part.text}`
      : part.type === "tool-call"
        ? `tool_use ${part.callId}`
        : `text ${part.type === "text" ? part.text : ""}`,
  );

describe.each([
  ["whole", whole],
  ["streamed", streamed],
])("%s", (_name, read) => {
  it("comes back in the order in which it was sent", () => {
    const parts = [
      thinking("first"),
      text("Ünï 🌍 one. "),
      thinking("second"),
      text("two"),
      thinking("third"),
      call("toolu_1"),
      thinking("fourth"),
      call("toolu_2"),
    ];
    expect(replayed(read(parts))).toEqual(said(parts));
  });

  it("in whatever order that is", () => {
    const rounds = fc.array(fc.record({ words: fc.boolean(), calls: fc.nat({ max: 2 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(rounds, (list) => {
        let calls = 0;
        let called = false;
        const parts = list.flatMap(({ words, calls: count }, i): AssistantPart[] => {
          // Claude says nothing behind a call but further calls.
          const spoken = words && !called ? [text(`words ${i}.`)] : [];
          called ||= count > 0;
          return [
            thinking(`thought ${i}.`),
            ...spoken,
            ...Array.from({ length: count }, () => call(`toolu_${calls++}`)),
          ];
        });
        // A turn does not end with thinking.
        while (parts.at(-1)?.type === "reasoning") parts.pop();
        if (parts.length > 0) expect(replayed(read(parts))).toEqual(said(parts));
      }),
      { numRuns: 60 },
    );
  });
});
