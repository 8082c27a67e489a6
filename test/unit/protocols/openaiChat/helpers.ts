/** Contexts and small tools shared by the tests of this folder. */
import type { ChatEvent, ChatRequest, Usage } from "../../../../src/gateway/protocols/chat.ts";
import type { EncodeContext, ReplyContext, WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";

export const DECODE = { model: "", stream: false };

export function chatRequest(over: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: "gpt-4.1",
    messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
    tools: [],
    sampling: {},
    stream: true,
    ...over,
  };
}

export interface Warned extends EncodeContext {
  warnings: string[];
}

export function encodeContext(provider = "openai", over: Partial<EncodeContext> = {}): Warned {
  const warnings: string[] = [];
  return { provider, autoCache: false, warn: (feature) => warnings.push(feature), ...over, warnings };
}

export function replyContext(over: Partial<ChatRequest> = {}): ReplyContext & { warnings: string[] } {
  const warnings: string[] = [];
  let n = 0;
  return {
    model: "asked-for",
    now: 1_700_000_000_000,
    newId: () => String(n++).padStart(24, "A"),
    request: chatRequest(over),
    framing: "sse",
    warn: (feature) => warnings.push(feature),
    warnings,
  };
}

/** The text of a stream as its events. */
export function wireEvents(text: string): WireEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => ({ data: block.replace(/^data: /, "") }));
}

export function encodeStream(events: readonly ChatEvent[], context = replyContext()): WireEvent[] {
  const encoder = codec.streamEncoder(context);
  return wireEvents(events.map((event) => encoder.push(event)).join("") + encoder.end());
}

export function decodeStream(events: readonly WireEvent[], request = chatRequest()): ChatEvent[] {
  const decoder = codec.streamDecoder({ request });
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
}

export const chunkOf = (choice: object, rest: object = {}): WireEvent => ({
  data: JSON.stringify({
    id: "x",
    object: "chat.completion.chunk",
    created: 5,
    model: "m",
    choices: [choice],
    ...rest,
  }),
});
export const deltaOf = (delta: object, rest: object = {}): WireEvent => chunkOf({ index: 0, delta, ...rest });
export const DONE: WireEvent = { data: "[DONE]" };

/** What a reader has after the last event of a stream. */
export interface Told {
  texts: Record<number, string>;
  refusals: Record<number, string>;
  reasoning: Record<number, string>;
  calls: { choice: number; callId: string; name: string; kind: string; input: string }[];
  finish: Record<number, string>;
  usage?: Usage;
  error?: { kind: string; message: string };
}

export function told(events: readonly ChatEvent[]): Told {
  const out: Told = { texts: {}, refusals: {}, reasoning: {}, calls: [], finish: {} };
  const open = new Map<string, (text: string) => void>();
  for (const event of events) {
    switch (event.type) {
      case "text-start":
      case "reasoning-start": {
        const where =
          event.type === "reasoning-start" ? out.reasoning : event.refusal ? out.refusals : out.texts;
        const choice = event.choice ?? 0;
        open.set(event.id, (text) => {
          where[choice] = (where[choice] ?? "") + text;
        });
        break;
      }
      case "tool-start": {
        const call = {
          choice: event.choice ?? 0,
          callId: event.callId,
          name: event.name,
          kind: event.kind,
          input: "",
        };
        out.calls.push(call);
        open.set(event.id, (text) => {
          call.input += text;
        });
        break;
      }
      case "text-delta":
      case "reasoning-delta":
        if (event.text !== "") open.get(event.id)?.(event.text);
        break;
      case "tool-delta":
        open.get(event.id)?.(event.delta);
        break;
      case "finish":
        out.finish[event.choice ?? 0] = event.reason;
        break;
      case "usage":
        out.usage = event.usage;
        break;
      case "error":
        out.error = { kind: event.error.kind, message: event.error.message };
        break;
    }
  }
  for (const call of out.calls) if (call.kind === "function" && call.input === "") call.input = "{}";
  return out;
}

/** Breaches of the contract of `ChatEvent`: what is opened is closed, in order, and nothing follows the end. */
export function contractProblems(events: readonly ChatEvent[]): string[] {
  const problems: string[] = [];
  const open = new Set<string>();
  const known = new Set<string>();
  let over = false;
  for (const [i, event] of events.entries()) {
    if (over) problems.push(`${i}: ${event.type} follows the error`);
    if (event.type.endsWith("-start") && "id" in event && event.id !== undefined) {
      if (known.has(event.id)) problems.push(`${i}: id ${event.id} again`);
      known.add(event.id);
      open.add(event.id);
    } else if (event.type.endsWith("-end") && "id" in event && event.id !== undefined) {
      if (!open.delete(event.id)) problems.push(`${i}: ${event.type} of what is not open`);
    } else if (event.type.endsWith("-delta") || event.type === "citation") {
      if ("id" in event && event.id !== undefined && !open.has(event.id))
        problems.push(`${i}: ${event.type} of what is not open`);
    }
    if (event.type === "start" && i > 0) problems.push(`${i}: start is not the first`);
    if (event.type === "error") over = true;
  }
  // A failure cuts calls, and nothing says that they ended.
  if (over) for (const event of events) if (event.type === "tool-start") open.delete(event.id);
  if (open.size > 0) problems.push(`left open: ${[...open].join(", ")}`);
  return problems;
}
