/** Scenes as Anthropic streams and returns them. */
import { argumentsOf, fragments, type Scene, type Wire } from "./scene.ts";

const STOP = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  refusal: "refusal",
} as const;

type Event = Record<string, unknown> & { type: string };

export function writeAnthropic(scene: Scene): Wire {
  const { usage } = scene;
  const input = {
    input_tokens: usage.input - usage.cacheRead - usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation_input_tokens: usage.cacheWrite,
  };
  const output = { output_tokens: usage.output, output_tokens_details: { thinking_tokens: usage.reasoning } };
  const message = {
    id: "msg_up1",
    type: "message",
    role: "assistant",
    model: "up-model",
    content: [] as Event[],
    stop_reason: null as string | null,
    stop_sequence: null,
    usage: { ...input, output_tokens: 1 } as object,
  };
  const events: Event[] = [{ type: "message_start", message: { ...message, content: [] } }, { type: "ping" }];
  const block = (start: Event, deltas: readonly object[], whole: Event) => {
    const index = message.content.length;
    events.push({ type: "content_block_start", index, content_block: start });
    for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
    message.content.push(whole);
  };
  if (scene.summary !== undefined) {
    const { signature, ...seal } = scene.summarySeal ?? {};
    const words = { content: scene.summary, ...seal };
    block(
      { type: "compaction", content: null },
      [
        { type: "compaction_delta", ...words },
        ...(signature === undefined ? [] : [{ type: "signature_delta", signature }]),
      ],
      { type: "compaction", ...words, ...(signature === undefined ? {} : { signature }) },
    );
  }
  if (scene.reasoning !== undefined || scene.signature !== undefined) {
    const thinking = scene.reasoning ?? "";
    const signature = scene.signature ?? "";
    block(
      { type: "thinking", thinking: "", signature: "" },
      [
        ...fragments(thinking).map((text) => ({ type: "thinking_delta", thinking: text })),
        ...(signature === "" ? [] : [{ type: "signature_delta", signature }]),
      ],
      { type: "thinking", thinking, signature },
    );
  }
  if (scene.redacted !== undefined) {
    const whole = { type: "redacted_thinking", data: scene.redacted };
    block(whole, [], whole);
  }
  if (scene.search !== undefined) {
    const { query, found } = scene.search;
    const call = { type: "server_tool_use", id: "srvtoolu_01up", name: "tool_search_tool_bm25" };
    block(
      { ...call, input: {} },
      fragments(JSON.stringify({ query })).map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      })),
      { ...call, input: { query } },
    );
    const result = {
      type: "tool_search_tool_result",
      tool_use_id: call.id,
      content: {
        type: "tool_search_tool_search_result",
        tool_references: found.map((tool_name) => ({ type: "tool_reference", tool_name })),
      },
    };
    block(result, [], result);
  }
  if (scene.text !== undefined) {
    block(
      { type: "text", text: "" },
      fragments(scene.text).map((text) => ({ type: "text_delta", text })),
      { type: "text", text: scene.text },
    );
  }
  for (const call of scene.calls ?? []) {
    const json = argumentsOf(call);
    block(
      { type: "tool_use", id: call.id, name: call.name, input: {} },
      ["", ...(json === "" ? [] : fragments(json))].map((partial_json) => ({
        type: "input_json_delta",
        partial_json,
      })),
      { type: "tool_use", id: call.id, name: call.name, input: call.args ?? {} },
    );
  }
  const stop_reason = STOP[scene.finish];
  events.push({
    type: "message_delta",
    delta: { stop_reason, stop_sequence: null },
    usage: { ...input, ...output },
  });
  events.push({ type: "message_stop" });
  return {
    events: events.map((event) => ({ event: event.type, data: JSON.stringify(event) })),
    whole: { ...message, stop_reason, usage: { ...input, ...output } },
  };
}
