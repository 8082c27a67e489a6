import { existsSync, readdirSync, readFileSync } from "node:fs";
import type {
  ChatEvent,
  ChatRequest,
  TokenLogprob,
  Warning,
} from "../../../../src/gateway/protocols/chat.ts";
import type { EncodeContext, ReplyContext, WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";

/** Recorded replies lie beside the checkout; without them their tests say that they were skipped. */
export const RECORDINGS = new URL("../../../../../shared/recordings/openaiResponses/", import.meta.url);
export const hasRecordings = existsSync(RECORDINGS);

export function recordings(ending: string): string[] {
  return hasRecordings ? readdirSync(RECORDINGS).filter((name) => name.endsWith(ending)) : [];
}

export function recordedReply(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, RECORDINGS), "utf8"));
}

/** The streams of a recording; some hold several responses, one after the other. */
export function recordedStreams(name: string): WireEvent[][] {
  const streams: WireEvent[][] = [];
  for (const line of readFileSync(new URL(name, RECORDINGS), "utf8").split("\n")) {
    if (line.trim() === "") continue;
    if (line.includes('"type":"response.created"')) streams.push([]);
    streams.at(-1)?.push({ data: line });
  }
  return streams;
}

export const EMPTY: ChatRequest = {
  model: "m",
  messages: [],
  tools: [],
  sampling: {},
  stream: true,
  extra: { protocol: "openai-responses", fields: {} },
};

/** Ids in sequence, 24 characters each. */
export function ids(): () => string {
  let count = 0;
  return () => `${++count}`.padStart(24, "0");
}

export function replyContext(request: ChatRequest = EMPTY, warnings: Warning[] = []): ReplyContext {
  return {
    model: "shown-model",
    now: 1_700_000_000_000,
    newId: ids(),
    request,
    framing: "sse",
    warn: (feature, message) => warnings.push({ feature, message }),
  };
}

export function encodeContext(warnings: Warning[] = [], provider = "openai"): EncodeContext {
  return { provider, autoCache: false, warn: (feature, message) => warnings.push({ feature, message }) };
}

/** Server-sent events of a text. */
export function parseSse(text: string): WireEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? "";
      return event === undefined ? { data } : { event, data };
    });
}

export function encodeEvents(events: readonly ChatEvent[], context = replyContext()): WireEvent[] {
  const encoder = codec.streamEncoder(context);
  let text = "";
  for (const event of events) text += encoder.push(event);
  return parseSse(text + encoder.end());
}

export function decodeEvents(events: readonly WireEvent[], request = EMPTY): ChatEvent[] {
  const decoder = codec.streamDecoder({ request });
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
}

export interface Summary {
  text: string;
  refusal: string;
  reasoning: string;
  calls: { name: string; kind: string; callId: string; input: string; clientTool?: string }[];
  finish: string | undefined;
  usage: unknown;
  error: string | undefined;
  logprobs: TokenLogprob[];
}

/** What a stream said. */
export function summarize(events: readonly ChatEvent[]): Summary {
  const out: Summary = {
    text: "",
    refusal: "",
    reasoning: "",
    calls: [],
    finish: undefined,
    usage: undefined,
    error: undefined,
    logprobs: [],
  };
  const refusals = new Set<string>();
  const calls = new Map<string, Summary["calls"][number]>();
  for (const event of events) {
    if (event.type === "text-start" && event.refusal) refusals.add(event.id);
    else if (event.type === "text-delta") {
      if (refusals.has(event.id)) out.refusal += event.text;
      else out.text += event.text;
      out.logprobs.push(...(event.logprobs ?? []));
    } else if (event.type === "reasoning-delta") out.reasoning += event.text;
    else if (event.type === "tool-start") {
      const call = {
        name: event.name,
        kind: event.kind,
        callId: event.callId,
        input: "",
        ...(event.clientTool ? { clientTool: event.clientTool } : {}),
      };
      calls.set(event.id, call);
      out.calls.push(call);
    } else if (event.type === "tool-delta") {
      const call = calls.get(event.id);
      if (call) call.input += event.delta;
    } else if (event.type === "finish") out.finish = event.reason;
    else if (event.type === "usage") out.usage = event.usage;
    else if (event.type === "error") out.error = event.error.kind;
  }
  return out;
}

/** What is wrong with the order of canonical events. */
export function eventProblems(events: readonly ChatEvent[]): string[] {
  const problems: string[] = [];
  const open = new Set<string>();
  const seen = new Set<string>();
  let over = false;
  if (events[0]?.type !== "start" && events[0]?.type !== "error") problems.push("no start");
  for (const event of events) {
    if (over) problems.push(`${event.type} after the end`);
    if (event.type.endsWith("-start") && "id" in event && event.id !== undefined) {
      if (seen.has(event.id)) problems.push(`${event.id} twice`);
      seen.add(event.id);
      open.add(event.id);
    } else if (event.type.endsWith("-end") && "id" in event && event.id !== undefined) {
      if (!open.delete(event.id)) problems.push(`${event.id} ends without a start`);
    } else if ((event.type.endsWith("-delta") || event.type === "citation") && "id" in event) {
      if (!open.has(event.id ?? "")) problems.push(`${event.type} outside of a part`);
    }
    if (event.type === "finish" && open.size) problems.push("finish with open parts");
    if (event.type === "error") over = true;
  }
  // A failure cuts calls, and nothing says that they ended.
  if (over) for (const event of events) if (event.type === "tool-start") open.delete(event.id);
  if (open.size) problems.push("open at the end");
  return problems;
}
