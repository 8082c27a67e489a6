/** A strict reader of what an Anthropic client is sent, by the SDK's types of replies and events. */
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";

type Obj = Record<string, unknown>;
const isObj = (value: unknown): value is Obj =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const STOP_REASONS = new Set([
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "tool_use",
  "pause_turn",
  "compaction",
  "refusal",
  "model_context_window_exceeded",
]);

/** Which deltas a block takes. */
const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  tool_use: ["input_json_delta"],
  server_tool_use: ["input_json_delta"],
  mcp_tool_use: ["input_json_delta"],
  compaction: ["compaction_delta"],
};
const DELTA_FIELD: Readonly<Record<string, string>> = {
  text_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "signature",
  input_json_delta: "partial_json",
};

function usageProblems(usage: unknown, path: string): string[] {
  if (!isObj(usage)) return [`${path}: missing`];
  const out: string[] = [];
  for (const key of ["input_tokens", "output_tokens"]) {
    if (!Number.isInteger(usage[key])) out.push(`${path}.${key}: no integer`);
  }
  for (const key of ["cache_creation_input_tokens", "cache_read_input_tokens"]) {
    if (usage[key] !== undefined && usage[key] !== null && !Number.isInteger(usage[key]))
      out.push(`${path}.${key}`);
  }
  return out;
}

function messageProblems(message: unknown, started: boolean): string[] {
  if (!isObj(message)) return ["message: no object"];
  const out: string[] = [];
  if (typeof message.id !== "string" || !message.id.startsWith("msg_"))
    out.push("message.id: no msg_ prefix");
  if (message.type !== "message") out.push("message.type");
  if (message.role !== "assistant") out.push("message.role");
  if (typeof message.model !== "string") out.push("message.model");
  if (!Array.isArray(message.content)) out.push("message.content");
  else if (started && message.content.length > 0) out.push("message.content: not empty at the start");
  if (started ? message.stop_reason !== null : !STOP_REASONS.has(String(message.stop_reason))) {
    out.push(`message.stop_reason: ${String(message.stop_reason)}`);
  }
  if (message.stop_sequence !== null && typeof message.stop_sequence !== "string")
    out.push("message.stop_sequence");
  return [...out, ...usageProblems(message.usage, "message.usage")];
}

function blockProblems(block: unknown, path: string): string[] {
  if (!isObj(block) || typeof block.type !== "string") return [`${path}: no block`];
  const need = (key: string, type: string) =>
    (type === "object" ? isObj(block[key]) : typeof block[key] === type)
      ? []
      : [`${path}.${key}: no ${type}`];
  switch (block.type) {
    case "text":
      return need("text", "string");
    case "thinking":
      return [...need("thinking", "string"), ...need("signature", "string")];
    case "redacted_thinking":
      return need("data", "string");
    case "tool_use":
      return [
        ...need("id", "string"),
        ...need("name", "string"),
        ...need("input", "object"),
        ...(/^[a-zA-Z0-9_-]+$/.test(String(block.id)) ? [] : [`${path}.id: ${String(block.id)}`]),
      ];
    case "server_tool_use":
    case "mcp_tool_use":
      return [...need("id", "string"), ...need("name", "string"), ...need("input", "object")];
    default:
      return block.type.endsWith("_tool_result") ? need("tool_use_id", "string") : [];
  }
}

/** @returns what is wrong with a whole reply. */
export function checkReply(body: unknown): string[] {
  const out = messageProblems(body, false);
  if (!isObj(body) || !Array.isArray(body.content)) return out;
  body.content.forEach((block, i) => {
    out.push(...blockProblems(block, `content[${i}]`));
  });
  const calls = body.content.some((block) => isObj(block) && block.type === "tool_use");
  if (body.stop_reason === "tool_use" && !calls) out.push("stop_reason: tool_use without a call");
  return out;
}

/** @returns what is wrong with the order and shape of a stream. An `error` event may end it anywhere. */
export function checkStream(events: readonly WireEvent[]): string[] {
  const out: string[] = [];
  let state: "before" | "content" | "delta" | "stopped" | "error" = "before";
  let open: { index: number; type: string; json: string } | undefined;
  let next = 0;
  for (const [i, wire] of events.entries()) {
    const at = `event ${i}`;
    let data: unknown;
    try {
      data = JSON.parse(wire.data);
    } catch {
      out.push(`${at}: data is no JSON`);
      continue;
    }
    if (!isObj(data) || data.type !== wire.event) {
      out.push(`${at}: event and data.type differ`);
      continue;
    }
    if (data.type === "ping") continue;
    if (state === "stopped" || state === "error") out.push(`${at}: ${String(data.type)} after the end`);
    switch (data.type) {
      case "message_start":
        if (state !== "before") out.push(`${at}: a second message_start`);
        state = "content";
        out.push(...messageProblems(data.message, true));
        break;
      case "content_block_start": {
        if (state !== "content" || open) out.push(`${at}: a block out of order`);
        if (data.index !== next) out.push(`${at}: index ${String(data.index)}, not ${next}`);
        out.push(...blockProblems(data.content_block, `${at}.content_block`));
        open = {
          index: Number(data.index),
          type: isObj(data.content_block) ? String(data.content_block.type) : "",
          json: "",
        };
        break;
      }
      case "content_block_delta": {
        const delta = isObj(data.delta) ? data.delta : {};
        const type = String(delta.type);
        if (!open || open.index !== data.index) out.push(`${at}: a delta of no open block`);
        else {
          if (!(DELTAS[open.type] ?? []).includes(type)) out.push(`${at}: ${type} in a ${open.type} block`);
          if (type === "input_json_delta") open.json += String(delta.partial_json);
        }
        const field = DELTA_FIELD[type];
        if (field !== undefined && typeof delta[field] !== "string")
          out.push(`${at}: delta.${field} no string`);
        break;
      }
      case "content_block_stop":
        if (!open || open.index !== data.index) out.push(`${at}: a stop of no open block`);
        open = undefined;
        next++;
        break;
      case "message_delta": {
        const delta = isObj(data.delta) ? data.delta : {};
        // A call that was cut by the limit has no stop.
        const cut = open?.type === "tool_use" && delta.stop_reason === "max_tokens";
        if (state !== "content" || (open && !cut)) out.push(`${at}: message_delta out of order`);
        state = "delta";
        if (!STOP_REASONS.has(String(delta.stop_reason))) out.push(`${at}: ${String(delta.stop_reason)}`);
        if (delta.stop_sequence !== null && typeof delta.stop_sequence !== "string")
          out.push(`${at}.stop_sequence`);
        out.push(...usageProblems(data.usage, `${at}.usage`));
        break;
      }
      case "message_stop":
        if (state !== "delta") out.push(`${at}: message_stop without message_delta`);
        state = "stopped";
        break;
      case "error": {
        const error = isObj(data.error) ? data.error : {};
        if (typeof error.type !== "string" || typeof error.message !== "string")
          out.push(`${at}: error shape`);
        state = "error";
        break;
      }
      default:
        out.push(`${at}: ${String(data.type)} is unknown`);
    }
  }
  if (state !== "stopped" && state !== "error") out.push("the stream has no end");
  return out;
}

/** SSE text as events. */
export function parseSse(text: string): WireEvent[] {
  const blocks = text.split("\n\n").filter((block) => block !== "");
  return blocks.map((block) => {
    const lines = block.split("\n");
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const event = field("event");
    return { data: field("data") ?? "", ...(event === undefined ? {} : { event }) };
  });
}
