/** Shared by the tests of the Anthropic codec. */
import { codec } from "../../../../src/gateway/protocols/anthropic/index.ts";
import type { ChatEvent, ChatRequest, Warning } from "../../../../src/gateway/protocols/chat.ts";
import type { EncodeContext, ReplyContext, WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { parseSse } from "../../../support/checkers/anthropic.ts";

export const CLAUDE = "claude-sonnet-4-5";

export const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: CLAUDE,
  messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
  tools: [],
  sampling: {},
  stream: false,
  ...fields,
});

export function encode(
  chat: ChatRequest,
  context: Partial<EncodeContext> = {},
): { body: Record<string, unknown>; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const body = codec.encodeRequest(chat, {
    provider: "anthropic",
    autoCache: false,
    warn: (feature, message) => warnings.push({ feature, message }),
    ...context,
  });
  return { body, warnings };
}

export const decode = (body: unknown): ChatRequest => codec.decodeRequest(body, { model: "", stream: false });

export function replyContext(fields: Partial<ReplyContext> = {}): ReplyContext & { warnings: Warning[] } {
  const warnings: Warning[] = [];
  let ids = 0;
  return {
    model: CLAUDE,
    now: 1_700_000_000_000,
    newId: () => `id${String(++ids).padStart(22, "0")}`,
    request: request(),
    framing: "sse",
    warn: (feature, message) => warnings.push({ feature, message }),
    warnings,
    ...fields,
  };
}

export function decodeStream(events: readonly WireEvent[], chat = request()): ChatEvent[] {
  const decoder = codec.streamDecoder({ request: chat });
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
}

export function encodeStream(events: readonly ChatEvent[], context = replyContext()): WireEvent[] {
  const encoder = codec.streamEncoder(context);
  return parseSse(events.map((event) => encoder.push(event)).join("") + encoder.end());
}

export const wire = (data: Record<string, unknown>): WireEvent => ({
  event: String(data.type),
  data: JSON.stringify(data),
});

export interface Summary {
  text: string;
  reasoning: { text: string; signature: string | undefined }[];
  calls: { id: string; name: string; input: string }[];
  parts: unknown[];
  citations: unknown[];
  finish: string | undefined;
  usage: unknown;
  error: string | undefined;
}

/** What a stream says, whatever its chunks. */
export function summarize(events: readonly ChatEvent[]): Summary {
  const calls = new Map<string, Summary["calls"][number]>();
  const reasoning = new Map<string, Summary["reasoning"][number]>();
  const out: Summary = {
    text: "",
    reasoning: [],
    calls: [],
    parts: [],
    citations: [],
    finish: undefined,
    usage: undefined,
    error: undefined,
  };
  for (const event of events) {
    switch (event.type) {
      case "text-delta":
        out.text += event.text;
        break;
      case "citation":
        out.citations.push(event.citation);
        break;
      case "reasoning-start":
        reasoning.set(event.id, { text: "", signature: undefined });
        break;
      case "reasoning-delta": {
        const entry = reasoning.get(event.id);
        if (entry) entry.text += event.text;
        break;
      }
      case "reasoning-end": {
        const entry = reasoning.get(event.id);
        if (entry) entry.signature = event.signature?.data;
        break;
      }
      case "tool-start":
        calls.set(event.id, { id: event.callId, name: event.name, input: "" });
        break;
      case "tool-delta": {
        const call = calls.get(event.id);
        if (call) call.input += event.delta;
        break;
      }
      case "part":
        out.parts.push(event.part);
        break;
      case "finish":
        out.finish = event.reason;
        break;
      case "usage":
        out.usage = event.usage;
        break;
      case "error":
        out.error = event.error.kind;
        break;
    }
  }
  out.reasoning = [...reasoning.values()].filter(
    (entry) => entry.text !== "" || entry.signature !== undefined,
  );
  out.calls = [...calls.values()].map((call) => ({ ...call, input: call.input === "" ? "{}" : call.input }));
  return out;
}
