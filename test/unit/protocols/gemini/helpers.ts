import type { ChatEvent, ChatRequest, Warning } from "../../../../src/gateway/protocols/chat.ts";
import type {
  EncodeContext,
  Framing,
  ReplyContext,
  StreamEncoder,
  WireEvent,
} from "../../../../src/gateway/protocols/codec.ts";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";

export type Json = Record<string, unknown>;

export function chatRequest(fields: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: "gemini-3-pro-preview",
    messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
    tools: [],
    sampling: {},
    stream: false,
    ...fields,
  };
}

/** Encodes and tells what was warned about. */
export function encode(
  request: ChatRequest,
  provider = "gemini",
): { body: Json; warnings: Warning[]; features: string[] } {
  const warnings: Warning[] = [];
  const context: EncodeContext = {
    provider,
    autoCache: true,
    warn: (feature, message) => warnings.push({ feature, message }),
  };
  const body = codec.encodeRequest(request, context);
  return { body, warnings, features: warnings.map((warning) => warning.feature) };
}

export function decode(body: unknown, model = "gemini-3-pro-preview"): ChatRequest {
  return codec.decodeRequest(body, { model, stream: false });
}

export function replyContext(fields: Partial<ReplyContext> = {}): ReplyContext {
  let ids = 0;
  return {
    model: "my-model",
    now: 0,
    newId: () => String(ids++).padStart(24, "0"),
    request: chatRequest(),
    framing: "sse",
    warn: () => undefined,
    ...fields,
  };
}

/** What a client would parse out of the text of a stream. */
export function parseStream(text: string, framing: Framing): WireEvent[] {
  if (framing === "json-array")
    return (JSON.parse(text) as unknown[]).map((element) => ({ data: JSON.stringify(element) }));
  return text
    .split(/\r\n\r\n|\n\n/)
    .filter((block) => block.startsWith("data: "))
    .map((block) => ({ data: block.slice("data: ".length) }));
}

export function encodeStream(events: readonly ChatEvent[], framing: Framing = "sse"): WireEvent[] {
  return parseStream(streamText(codec.streamEncoder(replyContext({ framing })), events), framing);
}

export function streamText(encoder: StreamEncoder, events: readonly ChatEvent[]): string {
  return events.map((event) => encoder.push(event)).join("") + encoder.end();
}

export function decodeStream(
  chunks: readonly (string | object)[],
  request: ChatRequest = chatRequest(),
): ChatEvent[] {
  const decoder = codec.streamDecoder({ request });
  const events = chunks.flatMap((chunk) =>
    decoder.push({ data: typeof chunk === "string" ? chunk : JSON.stringify(chunk) }),
  );
  return [...events, ...decoder.end()];
}

export interface Summary {
  text: string;
  reasoning: string;
  calls: { name: string; input: unknown }[];
  finish: string[];
  usage: unknown;
  error: string | undefined;
}

/** A stream of canonical events as what a person would compare. */
export function summary(events: readonly ChatEvent[]): Summary {
  const inputs = new Map<string, { name: string; input: string }>();
  const out: Summary = { text: "", reasoning: "", calls: [], finish: [], usage: undefined, error: undefined };
  for (const event of events) {
    if (event.type === "text-delta") out.text += event.text;
    if (event.type === "reasoning-delta") out.reasoning += event.text;
    if (event.type === "tool-start") inputs.set(event.id, { name: event.name, input: "" });
    if (event.type === "tool-delta") {
      const call = inputs.get(event.id);
      if (call !== undefined) call.input += event.delta;
    }
    if (event.type === "tool-end") {
      const call = inputs.get(event.id);
      if (call !== undefined)
        out.calls.push({ name: call.name, input: JSON.parse(call.input || "{}") as unknown });
    }
    if (event.type === "finish") out.finish.push(event.reason);
    if (event.type === "usage") out.usage = event.usage;
    if (event.type === "error") out.error = event.error.kind;
  }
  return out;
}

/** What is wrong with the order of canonical events. */
export function checkEvents(events: readonly ChatEvent[]): string[] {
  const problems: string[] = [];
  const open = new Set<string>();
  const seen = new Set<string>();
  let over = false;
  for (const event of events) {
    if (over) problems.push(`${event.type} after an error`);
    if (event.type === "error") over = true;
    if (event.type.endsWith("-start") && "id" in event && event.id !== undefined) {
      if (seen.has(event.id)) problems.push(`${event.id} started twice`);
      seen.add(event.id);
      open.add(event.id);
    }
    if (
      (event.type.endsWith("-delta") || event.type === "citation") &&
      "id" in event &&
      !open.has(event.id ?? "")
    )
      problems.push(`${event.type} outside of its part`);
    if (event.type.endsWith("-end") && "id" in event && !open.delete(event.id ?? ""))
      problems.push(`${event.type} without start`);
  }
  // A failure cuts calls, and nothing says that they ended.
  if (over) for (const event of events) if (event.type === "tool-start") open.delete(event.id);
  if (open.size > 0) problems.push(`left open: ${[...open].join(", ")}`);
  return problems;
}
