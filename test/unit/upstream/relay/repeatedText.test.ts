import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../../src/control/protocol.ts";
import type { ChatEvent, ChatRequest } from "../../../../src/gateway/protocols/chat.ts";
import type { StreamDecoder, StreamStage, WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { CODECS } from "../../../../src/gateway/protocols/codecs.ts";
import { RepeatedText } from "../../../../src/gateway/upstream/relay/repeatedText.ts";
import fc from "../../../support/property.ts";
import { hasRecordings, recordings, wireEvents } from "../../../support/recordings.ts";

const asked = (model: string, more: object = {}): ChatRequest =>
  CODECS["openai-chat"].decodeRequest(
    { model, messages: [{ role: "user", content: "Hello" }], ...more },
    { model, stream: true },
  );

/** All that the decoder makes, how far it sees the stream, and for how many events it was not asked. */
function decoded(decoder: StreamDecoder, events: readonly WireEvent[], shortcut: boolean) {
  const repeated = new RepeatedText();
  const out: (ChatEvent | StreamStage)[] = [];
  let made = 0;
  for (const event of events) {
    const delta = shortcut ? repeated.deltaOf(event) : undefined;
    if (delta !== undefined) {
      out.push(delta, decoder.stage);
      made++;
      continue;
    }
    const pushed = decoder.push(event);
    if (shortcut) repeated.learn(event, pushed, decoder);
    out.push(...pushed, decoder.stage);
  }
  out.push(...decoder.end());
  return { out, made };
}

/** Texts that look like what surrounds them, and that JSON writes otherwise. */
const words = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 6 }) },
  fc.constantFrom(
    '{"a_b":',
    '"a_b"',
    "a_b",
    "",
    " ",
    '"',
    "\\",
    "\n",
    "<think>",
    "</think>",
    "content",
    "text",
    "m",
    "}]}",
    "é",
    "日本",
    "\ud83d\ude00",
  ),
);

const chunk = (choices: object[], more: object = {}): WireEvent => ({
  data: JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", choices, ...more }),
});
/** With a text of its own in place of `@`, as no JSON.stringify writes it. */
const raw = ({ data }: WireEvent, text: string): WireEvent => ({ data: data.replace("@", () => text) });
const USAGE = { prompt_tokens: 3, completion_tokens: 2 };
const call = (args: string) => ({
  tool_calls: [{ index: 0, id: "t", function: { name: "f", arguments: args } }],
});
const of = (weight: number, arbitrary: fc.Arbitrary<WireEvent>) => ({ weight, arbitrary });
const chatEvent: fc.Arbitrary<WireEvent> = fc.oneof(
  of(
    16,
    words.map((content) => chunk([{ index: 0, delta: { content } }])),
  ),
  of(
    4,
    words.map((text) => chunk([{ index: 0, delta: { reasoning_content: text } }])),
  ),
  of(
    2,
    fc
      .tuple(fc.constantFrom("m", "n"), fc.constantFrom("m", "n"))
      .map(([content, model]) => chunk([{ index: 0, delta: { content } }], { model })),
  ),
  of(
    1,
    words.map((content) => chunk([{ index: 1, delta: { content } }])),
  ),
  of(
    2,
    words.map((content) => chunk([{ index: 0, delta: { content }, finish_reason: "stop" }])),
  ),
  of(
    2,
    words.map((content) => chunk([{ index: 0, delta: { content } }], { usage: USAGE })),
  ),
  of(
    8,
    fc
      .tuple(words, words, fc.constantFrom(0, 0, 0, 1), fc.constantFrom(null, null, null, USAGE))
      .map(([content, obfuscation, index, usage]) =>
        chunk([{ delta: { content }, index }], { obfuscation, usage }),
      ),
  ),
  of(
    1,
    words.map((args) => chunk([{ index: 0, delta: call(args) }])),
  ),
  of(
    1,
    words.map((content) => ({ event: "error", ...chunk([{ index: 0, delta: { content } }]) })),
  ),
  of(
    2,
    words.map((content) =>
      chunk([{ index: 0, delta: { content, audio: { id: "x", data: "AAAA", transcript: content } } }]),
    ),
  ),
  of(
    2,
    fc.tuple(words, words).map(([one, other]) => {
      const thinking = [one, other].map((text) => ({ type: "text", text }));
      return chunk([{ index: 0, delta: { content: [{ type: "thinking", thinking }] } }], { x: one + other });
    }),
  ),
  of(
    2,
    fc
      .constantFrom("a", "b", "error")
      .map((object) => raw(chunk([{ index: 0, delta: { content: "@" } }], { object }), "\\u0061")),
  ),
  of(
    1,
    fc
      .constantFrom("\t", '"', "\\u")
      .map((broken) =>
        raw(chunk([{ delta: { content: "b" }, index: 0 }], { obfuscation: "@", usage: null }), broken),
      ),
  ),
  of(1, fc.constantFrom<WireEvent>({ data: "{" }, { data: "[]" }, { data: "", event: "ping" })),
);

const block = (event: string, more: object): WireEvent => ({
  event,
  data: JSON.stringify({ type: event, ...more }),
});
const index = fc.constantFrom(0, 0, 0, 1);
const delta = (at: number, inner: object) => block("content_block_delta", { index: at, delta: inner });
const anthropicEvent: fc.Arbitrary<WireEvent> = fc.oneof(
  of(
    16,
    fc.tuple(index, words).map(([at, text]) => delta(at, { type: "text_delta", text })),
  ),
  of(
    4,
    fc.tuple(index, words).map(([at, thinking]) => delta(at, { type: "thinking_delta", thinking })),
  ),
  of(
    1,
    fc
      .tuple(index, fc.constantFrom("text", "thinking"))
      .map(([at, type]) => block("content_block_start", { index: at, content_block: { type } })),
  ),
  of(
    1,
    index.map((at) => block("content_block_stop", { index: at })),
  ),
  of(1, fc.constant(block("ping", {}))),
  of(1, fc.constant(block("message_delta", { delta: { stop_reason: "end_turn" } }))),
);

describe("an event that is the one before with another text", () => {
  const schema = { type: "object", properties: { "a b": { type: "string" } } };
  const kinds: { name: string; events: fc.Arbitrary<WireEvent>; decoder: () => StreamDecoder }[] = [
    {
      name: "chat completions",
      events: chatEvent,
      decoder: () => CODECS["openai-chat"].streamDecoder({ request: asked("m") }),
    },
    {
      name: "chat completions that may begin with thinking",
      events: chatEvent,
      decoder: () => CODECS["openai-chat"].streamDecoder({ request: asked("m"), thinkTags: true }),
    },
    {
      name: "chat completions of which two were asked for",
      events: chatEvent,
      decoder: () => CODECS["openai-chat"].streamDecoder({ request: asked("m", { n: 2 }) }),
    },
    {
      name: "chat completions of a model that speaks",
      events: chatEvent,
      decoder: () => CODECS["openai-chat"].streamDecoder({ request: asked("gpt-4o-audio-preview") }),
    },
    {
      name: "Anthropic's messages",
      events: anthropicEvent,
      decoder: () => CODECS.anthropic.streamDecoder({ request: asked("m") }),
    },
    {
      name: "Anthropic's messages with names that it does not take",
      events: anthropicEvent,
      decoder: () =>
        CODECS.anthropic.streamDecoder({
          request: asked("m", {
            response_format: { type: "json_schema", json_schema: { name: "s", schema, strict: true } },
          }),
        }),
    },
  ];

  it.each(kinds)("is what the decoder would have made of it: $name", ({ events, decoder }) => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 40 }), (list) => {
        expect(decoded(decoder(), list, true).out).toEqual(decoded(decoder(), list, false).out);
      }),
      { numRuns: 1000 },
    );
  });

  it.skipIf(!hasRecordings)(
    "is what the decoder would have made of it in each recorded stream (skipped without ../shared/recordings)",
    () => {
      const streams = PROTOCOLS.flatMap(recordings).filter(({ kind }) => kind === "stream");
      let made = 0;
      for (const stream of streams) {
        const events = wireEvents(stream);
        const decoder = () => CODECS[stream.protocol].streamDecoder({ request: asked("m") });
        const seen = decoded(decoder(), events, true);
        expect(seen.out, stream.name).toEqual(decoded(decoder(), events, false).out);
        made += seen.made;
      }
      expect(made).toBeGreaterThan(500);
    },
  );

  const said = (texts: readonly string[]) =>
    texts.map((content) => chunk([{ index: 0, delta: { content } }]));

  it("is made without the decoder", () => {
    const texts = Array.from({ length: 100 }, (_, at) => `word ${at} `);
    const chat = CODECS["openai-chat"].streamDecoder({ request: asked("m") });
    expect(decoded(chat, said(texts), true).made).toBe(98);
    const deltas = texts.map((text) => delta(0, { type: "text_delta", text }));
    const start = block("message_start", { message: { id: "msg", model: "m" } });
    const anthropic = CODECS.anthropic.streamDecoder({ request: asked("m") });
    expect(decoded(anthropic, [start, ...deltas], true).made).toBe(98);
  });

  const named = (content: string, more: object) => chunk([{ index: 0, delta: { content } }], more);
  const ended = (content: string, at = 0) =>
    chunk([{ index: at, delta: { content }, finish_reason: "stop" }]);
  const heard = (content: string) =>
    chunk([{ index: 0, delta: { content, audio: { id: "x", data: "AAAA" } } }]);
  const thought = (x: string) => {
    const thinking = [...x].map((text) => ({ type: "text", text }));
    return chunk([{ index: 0, delta: { content: [{ type: "thinking", thinking }] } }], { x });
  };
  it.each<[string, readonly WireEvent[], number?]>([
    ["its text stands twice", ["q", "n"].map((text) => chunk([{ text, index: 0, delta: { content: "q" } }]))],
    [
      "its text is escaped, and stands elsewhere",
      ["a", "b"].map((text) => raw(chunk([{ text, index: 0, delta: { content: "@" } }]), "\\u0061")),
    ],
    ["its text is put together, and stands elsewhere", [thought("ab"), thought("ab"), { ...thought("zz") }]],
    [
      "its text is put together of what stays",
      ["ab", "zz"].map((x) => ({ data: thought("ab").data.replace('"x":"ab"', `"x":"${x}"`) })),
    ],
    ["each says that it is the last", ["a", "b", "c", "d"].map((text) => ended(text))],
    [
      "each says that it is the last, of one of two",
      [...said(["a"]), ended("b"), ended("c"), ended("", 1)],
      2,
    ],
    ["sounds are in it", ["a", "b", "c"].map(heard)],
    ["tokens are in it", ["a", "b"].map((text) => named(text, { usage: USAGE }))],
  ])("is not made where %s", (_case, events, n = 1) => {
    const chat = () => CODECS["openai-chat"].streamDecoder({ request: asked("m", { n }) });
    const list = [...said(["a", "\n"]), ...events, ...events];
    expect(decoded(chat(), list, true).out).toEqual(decoded(chat(), list, false).out);
    expect(decoded(chat(), events, true).out).toEqual(decoded(chat(), events, false).out);
  });

  it("is looked for no longer where events differ in more", () => {
    const numbered = (id: string) => chunk([{ index: 0, delta: { content: `word ${id} ` } }], { id });
    const differing = Array.from({ length: 20 }, (_, at) => numbered(`c${at}`));
    const alike = Array.from({ length: 20 }, () => numbered("c"));
    const chat = CODECS["openai-chat"].streamDecoder({ request: asked("m") });
    expect(decoded(chat, [...differing.slice(0, 6), ...alike], true).made).toBe(19);
    expect(decoded(chat, [...differing, ...alike], true).made).toBe(0);
  });

  it("is made where a text of chance is in each, as OpenAI sends it", () => {
    const padded = Array.from({ length: 100 }, (_, at) =>
      chunk([{ index: 0, delta: { content: `word ${at} ` } }], { obfuscation: "abcdefghij".slice(at % 10) }),
    );
    const chat = CODECS["openai-chat"].streamDecoder({ request: asked("m") });
    expect(decoded(chat, padded, true).made).toBe(98);
  });

  it("is made behind texts that have to be read", () => {
    const lines = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? `word ${at} ` : "\n"));
    const chat = CODECS["openai-chat"].streamDecoder({ request: asked("m") });
    expect(decoded(chat, said(lines), true).made).toBe(48);
  });

  it("is left to a decoder that looks into texts, or keeps them", () => {
    const texts = Array.from({ length: 100 }, (_, at) => `word ${at} `);
    const thinking = CODECS["openai-chat"].streamDecoder({ request: asked("m"), thinkTags: true });
    const thought = decoded(thinking, said(["<think>", ...texts, "</think>", ...texts]), true);
    expect(thought.made).toBe(98);
    const speaking = CODECS["openai-chat"].streamDecoder({ request: asked("gpt-4o-audio-preview") });
    expect(decoded(speaking, said(texts), true).made).toBe(0);
  });
});
