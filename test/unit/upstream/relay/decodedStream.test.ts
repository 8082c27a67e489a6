import { describe, expect, it } from "vitest";
import type { Protocol } from "../../../../src/control/protocol.ts";
import type { ChatEvent, ChatRequest } from "../../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../../src/gateway/protocols/codecs.ts";
import type { Sink } from "../../../../src/gateway/upstream/flow.ts";
import { DecodedFlow, DOUBT_MS, GRACE_MS } from "../../../../src/gateway/upstream/relay/decodedStream.ts";
import { LINGER_MS } from "../../../../src/gateway/upstream/relay/linger.ts";
import { fakeClock } from "../../../support/clock.ts";
import { STREAMS } from "../../../support/replies.ts";

const REQUEST: ChatRequest = { model: "m", stream: true, messages: [], tools: [], sampling: {} };

/** A stream of `protocol` under the test's hand. */
function open(protocol: Protocol, request: ChatRequest = REQUEST) {
  const time = fakeClock();
  const seen = { events: [] as ChatEvent[], ends: 0, aborted: 0, resumed: 0 };
  let sink: Sink | undefined;
  const flow = new DecodedFlow(
    {
      attach: (given) => {
        sink = given;
      },
      pause() {},
      resume: () => void seen.resumed++,
      abort: () => void seen.aborted++,
    },
    CODECS[protocol].streamDecoder({ request }),
    time.clock,
    { refused: (data) => ({ kind: "upstream", message: data }), broke() {}, delimited: true },
  );
  flow.attach({ event: (event) => void seen.events.push(event), end: () => void seen.ends++ });
  return {
    time,
    seen,
    flow,
    says: (...texts: string[]) => {
      for (const text of texts) sink?.data(Buffer.from(text));
    },
    saysBytes: (...bytes: number[]) => sink?.data(Buffer.from(bytes)),
    ends: () => sink?.end(),
    breaks: () => sink?.error(new Error("reset")),
    types: () => seen.events.map(({ type }) => type),
  };
}

const chunk = (rest: object) => `data: ${JSON.stringify({ id: "c", model: "m", choices: [], ...rest })}\n\n`;
const words = (content: string, finish_reason: string | null = null, index = 0) =>
  chunk({ choices: [{ index, delta: { content }, finish_reason }] });
const USAGE = chunk({ usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });

it("puts together characters that come byte by byte", () => {
  const { saysBytes, ends, seen } = open("openai-chat");
  const text = "Grüße, 中文 und 😀";
  for (const byte of Buffer.from(words(text, "stop"))) saysBytes(byte);
  ends();
  expect(seen.events.flatMap((event) => (event.type === "text-delta" ? [event.text] : [])).join("")).toBe(
    text,
  );
});

describe("behind events that are alike", () => {
  const many = Array.from({ length: 20 }, (_, at) => words(`word ${at} `));
  const spoken = many.map((_, at) => `word ${at} `).join("");

  it.each([
    ["an end", [words("", "stop"), "data: [DONE]\n\n"], "finish"],
    ["an error", [`data: ${JSON.stringify({ error: { message: "overloaded" } })}\n\n`], "error"],
    ["half an event", [words("lost").slice(0, 40)], "error"],
    ["the end of the connection", [], "error"],
  ])("%s is what it always is", (_what, rest, type) => {
    const { says, ends, seen, types } = open("openai-chat");
    says(...many, ...rest);
    ends();
    expect(types().at(-1)).toBe(type);
    expect(seen.events.flatMap((event) => (event.type === "text-delta" ? [event.text] : [])).join("")).toBe(
      spoken,
    );
    expect(seen.ends).toBe(1);
  });

  it("one without its empty line is the last", () => {
    const { says, ends, seen } = open("openai-chat");
    says(...many, words("last", "stop").trimEnd());
    ends();
    const texts = seen.events.flatMap((event) => (event.type === "text-delta" ? [event.text] : []));
    expect(texts.join("")).toBe(`${spoken}last`);
    expect(seen.events.at(-1)).toMatchObject({ type: "finish", reason: "stop" });
  });
});

const said = (text: string, finishReason?: string, thought?: true) =>
  `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text, thought }] }, finishReason }] })}\n\n`;

it("reads a Gemini stream to its end, however early and often it says STOP", () => {
  const { says, time, seen, ends } = open("gemini");
  says(said("", "STOP"));
  time.pass(60_000);
  says(said("hm", "STOP", true));
  time.pass(60_000);
  says(said("one ", "STOP"));
  time.pass(DOUBT_MS - 1);
  says(said("two", "STOP"));
  time.pass(60_000);
  says(said("", "STOP"));
  ends();
  expect(seen.events.flatMap((event) => (event.type === "text-delta" ? [event.text] : []))).toEqual([
    "one ",
    "two",
  ]);
  expect(seen.events.filter(({ type }) => type === "finish")).toHaveLength(1);
});

it.each(["MISSING_THOUGHT_SIGNATURE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])(
  "takes the end %s of a Gemini stream for a failure, not for an empty turn",
  (reason) => {
    const { says, seen, ends } = open("gemini");
    says(said("", reason));
    ends();
    expect(seen.events.at(-1)).toMatchObject({
      type: "error",
      error: { message: expect.stringContaining(reason) },
    });
    expect(seen.events.map(({ type }) => type)).not.toContain("finish");
  },
);

it.each([
  ["completed", "stop"],
  ["incomplete", "length"],
])("ends at response.done of a Responses stream that is %s", (status, reason) => {
  const { says, seen } = open("openai-responses");
  const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  says(
    event({ type: "response.created", response: { id: "resp_1" } }),
    event({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "hi" }),
    event({
      type: "response.done",
      response: { id: "resp_1", status, usage: { input_tokens: 1, output_tokens: 1 } },
    }),
  );
  expect(seen.ends).toBe(1);
  expect(seen.events.at(-1)).toMatchObject({ type: "finish", reason });
});

describe("the end of a provider's stream", () => {
  it.each(["openai-chat", "openai-responses", "anthropic"] as const)(
    "is its protocol's last event, not that of the connection: %s",
    (protocol) => {
      const { says, seen, time, types } = open(protocol);
      says(...STREAMS[protocol].slice(0, -1));
      expect(seen.ends).toBe(0);
      says(...STREAMS[protocol].slice(-1));
      expect(seen.ends).toBe(1);
      expect(types()).toContain("usage");
      expect(types()).toContain("finish");
      expect(types()).not.toContain("error");
      // The connection is let go only where it does not end by itself.
      expect(seen.aborted).toBe(0);
      says("data: more\n\n", ...STREAMS[protocol]);
      const before = seen.events.length;
      time.pass(LINGER_MS);
      expect(seen).toMatchObject({ aborted: 1, ends: 1 });
      expect(seen.events).toHaveLength(before);
    },
  );

  it.each([
    ["openai-chat", [words("hi", "stop"), USAGE], GRACE_MS],
    ["openai-chat", [words("hi", "stop")], GRACE_MS],
    ["gemini", [said("hi"), said("", "STOP")], GRACE_MS],
    // A relay may say so with every chunk.
    ["gemini", STREAMS.gemini, DOUBT_MS],
    ["anthropic", STREAMS.anthropic.slice(0, -1), GRACE_MS],
  ] as const)("comes after a grace where there is no last event: %s", (protocol, texts, grace) => {
    const { says, seen, time, types } = open(protocol);
    says(...texts);
    time.pass(grace - 1);
    expect(seen.ends).toBe(0);
    time.pass(1);
    expect(seen.ends).toBe(1);
    expect(types().at(-1)).not.toBe("error");
    expect(types()).toContain("finish");
    time.pass(LINGER_MS);
    expect(seen.aborted).toBe(1);
    expect(time.timers.size).toBe(0);
  });

  it("waits for usage that comes late, and starts its grace anew with each event", () => {
    const { says, seen, time, types } = open("openai-chat");
    says(words("hi"), words("", "stop"));
    time.pass(GRACE_MS - 1);
    says(chunk({}));
    time.pass(GRACE_MS - 1);
    says(USAGE);
    expect(seen.ends).toBe(0);
    says("data: [DONE]\n\n");
    expect(seen.ends).toBe(1);
    expect(types()).toContain("usage");
  });

  it("does not come while another choice goes on, or after a finish reason that was none", () => {
    const two = open("openai-chat", { ...REQUEST, n: 2 });
    two.says(words("a", "stop"));
    two.time.pass(10 * GRACE_MS);
    expect(two.seen.ends).toBe(0);
    two.says(words("b", "stop", 1));
    two.time.pass(GRACE_MS);
    expect(two.seen.ends).toBe(1);

    const hasty = open("openai-chat");
    hasty.says(words("a", "stop"), words("b", "stop"));
    hasty.time.pass(10 * GRACE_MS);
    expect(hasty.seen.ends).toBe(0);
    hasty.ends();
    expect(hasty.seen.ends).toBe(1);
  });

  it("leaves a connection that ends or breaks by itself alone", () => {
    for (const over of ["ends", "breaks"] as const) {
      const stream = open("anthropic");
      stream.says(...STREAMS.anthropic);
      stream[over]();
      stream.time.pass(10 * LINGER_MS);
      expect(stream.seen).toMatchObject({ ends: 1, aborted: 0 });
      expect(stream.types()).not.toContain("error");
      expect(stream.time.timers.size).toBe(0);
    }
  });

  it("lets what is left come in where its client reads slowly", () => {
    const { says, seen, time, flow } = open("openai-chat");
    says(words("hi", "stop"));
    flow.pause();
    time.pass(10 * GRACE_MS);
    expect(seen.ends).toBe(0);
    flow.resume();
    says(USAGE, "data: [DONE]\n\n");
    expect(seen.ends).toBe(1);
    const paused = open("anthropic");
    paused.flow.pause();
    paused.says(...STREAMS.anthropic);
    expect(paused.seen).toMatchObject({ ends: 1, resumed: 1 });
  });

  it("leaves no timer behind when it is given up", () => {
    const { says, seen, time, flow } = open("gemini");
    says(...STREAMS.gemini);
    expect(time.timers.size).toBe(1);
    flow.abort();
    expect(time.timers.size).toBe(0);
    expect(seen).toMatchObject({ ends: 0, aborted: 1 });
  });
});
