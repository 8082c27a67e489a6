/** Keys and ids that are too long for a target: shortened in one way, and whole again where it matters. */
import { describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { shortId, shortKey } from "../../../src/gateway/protocols/shortIds.ts";
import { SignatureStore } from "../../../src/gateway/state/signatureStore.ts";
import fc from "../../support/property.ts";

const SIGNED = `call_8fd1__thought__${"QUJD".repeat(200)}`;
const REPLY = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gemini-4-neon",
  choices: [
    {
      index: 0,
      finish_reason: "tool_calls",
      message: {
        role: "assistant",
        content: null,
        tool_calls: [{ id: SIGNED, type: "function", function: { name: "read", arguments: "{}" } }],
      },
    },
  ],
};
const encode = (protocol: Protocol, body: unknown, to: Protocol) =>
  CODECS[to].encodeRequest(CODECS[protocol].decodeRequest(body, { model: "gemini-4-neon", stream: false }), {
    provider: "custom",
    autoCache: false,
    warn: () => {},
  });
const replyContext = (request: ReturnType<(typeof CODECS)["anthropic"]["decodeRequest"]>) => ({
  model: "m",
  now: 0,
  newId: () => "A".repeat(24),
  request,
  framing: "sse" as const,
  warn: () => {},
});

describe("short ids", () => {
  it("are what the rule allows, the same each time, and another for another id", () => {
    const rule = { allowed: /^[\s\S]{1,64}$/, length: 24, prefix: "call_" };
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (one, other) => {
        for (const id of [one, other]) {
          expect(rule.allowed.test(shortId(id, rule))).toBe(true);
          expect(shortId(shortId(id, rule), rule)).toBe(shortId(id, rule));
          expect(shortKey(id).length).toBeLessThanOrEqual(64);
          expect(shortKey(id, 128).length).toBeLessThanOrEqual(128);
          if (id.length <= 64) expect(shortKey(id)).toBe(id);
        }
        if (one !== other) expect(shortKey(one)).not.toBe(shortKey(other));
      }),
    );
  });

  it.each(["openai-chat", "openai-responses"] as const)("call and result have the same one (%s)", (to) => {
    const id = `toolu_${"x".repeat(90)}`;
    const body = JSON.stringify(
      encode(
        "anthropic",
        {
          model: "m",
          max_tokens: 10,
          messages: [
            { role: "user", content: "hi" },
            { role: "assistant", content: [{ type: "tool_use", id, name: "read", input: {} }] },
            { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] },
          ],
        },
        to,
      ),
    );
    expect(body).not.toContain(id);
    const ids = [...body.matchAll(/"call_[A-Za-z0-9]{24}"/g)].map(([found]) => found);
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe("an id that carries a signature comes back whole to its provider", () => {
  it("by an Anthropic client, whose ids are short", () => {
    const ask = { model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }] };
    const request = CODECS.anthropic.decodeRequest(ask, { model: "m", stream: false });
    const reply = CODECS["openai-chat"].decodeReply(REPLY, { request });
    const store = new SignatureStore();
    const scope = { session: "s", model: "gemini-4-neon" };
    for (const part of reply.choices[0]?.parts ?? [])
      if (part.type === "tool-call") store.keep(scope, part, []);
    const shown = CODECS.anthropic.encodeReply(reply, replyContext(request)) as { content: { id: string }[] };
    const id = shown.content[0]?.id ?? "";
    expect(id.length).toBeLessThanOrEqual(128);
    const next = CODECS.anthropic.decodeRequest(
      {
        ...ask,
        messages: [
          ...ask.messages,
          { role: "assistant", content: shown.content },
          { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "ok" }] },
        ],
      },
      { model: "m", stream: false },
    );
    const sent = CODECS["openai-chat"].encodeRequest(store.restore(scope, next), {
      provider: "custom",
      autoCache: false,
      warn: () => {},
    });
    expect(sent.messages).toMatchObject([
      { role: "user" },
      { role: "assistant", tool_calls: [{ id: SIGNED }] },
      { role: "tool", tool_call_id: SIGNED, content: "ok" },
    ]);
  });

  it("by a client of the Responses API, and by a stream", () => {
    const request = CODECS["openai-responses"].decodeRequest({ input: "hi" }, { model: "m", stream: true });
    const decoder = CODECS["openai-chat"].streamDecoder({ request });
    const chunk = (delta: object, finish: string | null = null) => ({
      data: JSON.stringify({ id: "c", choices: [{ index: 0, delta, finish_reason: finish }] }),
    });
    const call = { index: 0, id: SIGNED, type: "function", function: { name: "read", arguments: "{}" } };
    const events = [
      ...decoder.push(chunk({ role: "assistant", tool_calls: [call] })),
      ...decoder.push(chunk({}, "tool_calls")),
      ...decoder.push({ data: "[DONE]" }),
      ...decoder.end(),
    ];
    const encoder = CODECS["openai-responses"].streamEncoder(replyContext(request));
    const text = events.map((event) => encoder.push(event)).join("") + encoder.end();
    const done = [...text.matchAll(/^data: (.*)$/gm)]
      .map(
        ([, data = ""]) =>
          JSON.parse(data) as { type: string; response?: { output: { call_id?: string }[] } },
      )
      .find(({ type }) => type === "response.completed");
    const output = done?.response?.output ?? [];
    const id = output.find((item) => item.call_id !== undefined)?.call_id;
    const sent = encode(
      "openai-responses",
      {
        input: [
          { role: "user", content: "hi" },
          ...output,
          { type: "function_call_output", call_id: id, output: "ok" },
        ],
      },
      "openai-chat",
    );
    expect(JSON.stringify(sent.messages)).toContain(`"tool_call_id":"${SIGNED}"`);
    expect(JSON.stringify(sent.messages)).toContain(`"id":"${SIGNED}"`);
  });
});
