/** Tokens of a reply whose provider did not say: counted afterwards, from what is still at hand. */
import { createParser } from "eventsource-parser";
import { parseJson } from "../../common/json.ts";
import type { ChatRequest, Usage } from "../../protocols/chat.ts";
import type { StreamDecoder, WireEvent } from "../../protocols/codec.ts";
import { CODECS } from "../../protocols/codecs.ts";
import { WIRES } from "../../protocols/wires.ts";
import { type Countable, countable } from "../../records/tokensRequest.ts";
import type { Done, Sample } from "../../upstream/relay/result.ts";
import { NOTHING_SAID, type Said, wordsIn, wordsOf } from "../../upstream/relay/said.ts";
import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { completed } from "../responseStore.ts";
import { formOf } from "./canonicalForm.ts";

/**
 * What the provider said, where it said all of it; what came, where that is more: the first event of
 * Anthropic's streams tells of one token. `undefined` where nothing can be said. Never rejects.
 */
export function usageOf(
  call: Call,
  { usage, sample }: Done,
  context: GatewayContext,
): Usage | undefined | Promise<Usage | undefined> {
  return sample === undefined ? usage : atLeast(usage, call, sample, context);
}

async function atLeast(
  usage: Usage | undefined,
  call: Call,
  sample: Sample,
  context: GatewayContext,
): Promise<Usage | undefined> {
  const estimate = await estimated(call, sample, context);
  if (usage === undefined || estimate === undefined) return usage ?? estimate;
  const output = estimate.output.total;
  if (output <= usage.output.total) return usage;
  // What was charged until then is not all that will be.
  const { cost: _cost, ...counts } = usage;
  return { ...counts, output: { ...usage.output, total: output }, estimated: true };
}

async function estimated(call: Call, sample: Sample, context: GatewayContext): Promise<Usage | undefined> {
  try {
    const asked = askedBy(call, context);
    if (asked === undefined) return undefined;
    const input = (await context.tokens.count(asked.texts)).tokens + asked.other;
    const said = call.operation === "embeddings" ? NOTHING_SAID : saidIn(call, asked.request, sample);
    const output = await tokensOf(said, context);
    return {
      input: { total: input, uncached: input, cacheRead: 0, cacheWrite: 0 },
      output: { total: output, reasoning: 0 },
      estimated: true,
    };
  } catch {
    // A record without tokens is better than none.
    return undefined;
  }
}

interface Asked extends Countable {
  readonly request: ChatRequest;
}

/** All that the client sent to be read; `undefined` where we cannot tell. */
function askedBy(call: Call, context: GatewayContext): Asked | undefined {
  if (call.operation === "embeddings") {
    const inputs =
      WIRES[call.protocol].embedding?.codec.decodeRequest(call.json, { model: call.model }).inputs ?? [];
    const texts = inputs.filter((input) => typeof input === "string");
    // What is no text is a list of tokens.
    const other = inputs.reduce((sum, input) => sum + (typeof input === "string" ? 0 : input.length), 0);
    return { texts, other, request: NO_REQUEST };
  }
  const form = formOf(call);
  if (form === undefined) return undefined;
  const own = WIRES[call.protocol].keepsReplies;
  const request = form.decode(own ? { ...call, json: completed(call.json, context.responses) } : call);
  return { ...countable(request), request };
}

const NO_REQUEST: ChatRequest = { model: "", messages: [], tools: [], sampling: {}, stream: false };

async function tokensOf({ text, units }: Said, context: GatewayContext): Promise<number> {
  if (text === "") return 0;
  const { tokens } = await context.tokens.count([text]);
  return Math.round(tokens * Math.max(1, units / text.length));
}

function saidIn(call: Call, request: ChatRequest, sample: Sample): Said {
  switch (sample.kind) {
    case "words":
      return sample;
    case "tail": {
      const { text, bytes } = sample;
      const told = call.operation === "chat" ? eventsOf(sample) : undefined;
      const words =
        told === undefined
          ? scraped(text)
          : saidInEvents(CODECS[call.protocol].streamDecoder({ request }), told);
      return { text: words, units: (words.length * bytes) / Math.max(1, Buffer.byteLength(text)) };
    }
    case "body": {
      const { held, bytes } = sample;
      const text = held.toString("utf8");
      const words =
        (call.operation === "chat" ? saidInBody(call, request, text) : undefined) ?? scraped(text);
      return { text: words, units: (words.length * bytes) / Math.max(1, held.length) };
    }
  }
}

/** The events in a part of a stream; `undefined` where they cannot be told apart. */
export function eventsOf({
  framing,
  text,
}: Pick<Extract<Sample, { kind: "tail" }>, "framing" | "text">): WireEvent[] | undefined {
  if (framing === "json-array") {
    const list = parseJson(text) ?? parseJson(`${text}]`);
    return Array.isArray(list) ? list.map((element) => ({ data: JSON.stringify(element) })) : undefined;
  }
  const events: WireEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push(event === undefined ? { data } : { event, data }),
  });
  parser.feed(`${text}\n\n`);
  return events;
}

function saidInEvents(decoder: StreamDecoder, events: readonly WireEvent[]): string {
  return events
    .flatMap((event) => decoder.push(event))
    .map(wordsOf)
    .join("");
}

/** `undefined`: only a part of it is here, or it is no reply that we know. */
function saidInBody({ protocol }: Call, request: ChatRequest, text: string): string | undefined {
  const body = parseJson(text);
  if (body === undefined) return undefined;
  try {
    return wordsIn(CODECS[protocol].decodeReply(body, { request }));
  } catch {
    return undefined;
  }
}

/** The texts in a piece of JSON, the last one also where its end is missing. */
export function scraped(json: string): string {
  const texts = json.matchAll(
    /"(?:text|content|thinking|reasoning_content|arguments)"\s*:\s*("(?:[^"\\]|\\.)*)(?:"|$)/g,
  );
  return Array.from(texts, ([, text = '"']) => String(parseJson(`${text}"`) ?? text.slice(1))).join("");
}
