/** Tokens of a reply whose provider did not say: counted afterwards, from what is still at hand. */
import { createParser } from "eventsource-parser";
import type { GatewayContext } from "../http/context.ts";
import type { ChatEvent, ChatRequest, Usage } from "../protocols/chat.ts";
import { CODECS } from "../protocols/codecs.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { countable } from "../records/tokensRequest.ts";
import type { Call } from "./call.ts";
import type { Done, Sample } from "./lane.ts";
import { formOf } from "./operations.ts";
import { completed } from "./storedResponses.ts";

/** Characters of a lane-B reply per token. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * What the provider said, where it said all of it; what came, where that is more: the first event of
 * Anthropic's streams tells of one token. `undefined` where nothing can be said. Never rejects.
 */
export async function usageOf(
  call: Call,
  { usage, sample }: Done,
  context: GatewayContext,
): Promise<Usage | undefined> {
  if (sample === undefined) return usage;
  const estimate = await estimated(call, sample, context);
  if (usage === undefined || estimate === undefined) return usage ?? estimate;
  const output = estimate.output.total;
  return output <= usage.output.total
    ? usage
    : { ...usage, output: { ...usage.output, total: output }, estimated: true };
}

async function estimated(call: Call, sample: Sample, context: GatewayContext): Promise<Usage | undefined> {
  try {
    const form = formOf(call);
    if (form === undefined) return undefined;
    const own = call.protocol === "openai-responses";
    const request = form.decode(own ? { ...call, json: completed(call.json, context.responses) } : call);
    const { texts, other } = countable(request);
    const input = (await context.tokens.count(texts)).tokens + other;
    const output = await outputTokens(call.protocol, request, sample, context);
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

async function outputTokens(
  protocol: Protocol,
  request: ChatRequest,
  sample: Sample,
  context: GatewayContext,
): Promise<number> {
  if (sample.kind === "characters") return Math.ceil(sample.count / CHARACTERS_PER_TOKEN);
  const pieces =
    sample.framing === "sse" ? saidInEvents(protocol, request, sample.text) : saidInList(sample.text);
  const { tokens } = await context.tokens.count([pieces.join("")]);
  const seen = Buffer.byteLength(sample.text);
  return Math.round(tokens * Math.max(1, sample.bytes / Math.max(1, seen)));
}

function saidInEvents(protocol: Protocol, request: ChatRequest, text: string): string[] {
  const pieces: string[] = [];
  const decoder = CODECS[protocol].streamDecoder({ request });
  const take = (events: readonly ChatEvent[]) => {
    for (const event of events) {
      if (event.type === "text-delta" || event.type === "reasoning-delta") pieces.push(event.text);
      else if (event.type === "tool-delta") pieces.push(event.delta);
      else if (event.type === "tool-start") pieces.push(event.name);
    }
  };
  const parser = createParser({
    onEvent: ({ event, data }) => take(decoder.push(event === undefined ? { data } : { event, data })),
  });
  parser.feed(`${text}\n\n`);
  return pieces;
}

/** The texts in a part of a list of Gemini's replies. */
function saidInList(json: string): string[] {
  return Array.from(json.matchAll(/"text"\s*:\s*("(?:[^"\\]|\\.)*")/g), ([, text = '""']) =>
    String(JSON.parse(text)),
  );
}
