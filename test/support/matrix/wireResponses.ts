/** Scenes as the Responses API streams and returns them. */
import { argumentsOf, fragments, type Scene, type Wire } from "./scene.ts";

type Item = Record<string, unknown> & { id: string; type: string };
type Event = Record<string, unknown> & { type: string };

export function writeResponses(scene: Scene): Wire {
  const { usage } = scene;
  const events: Event[] = [];
  const output: Item[] = [];
  const response = (status: string, done: boolean) => ({
    id: "resp_up0001",
    object: "response",
    created_at: 1_700_000_000,
    model: "up-model",
    status,
    error: null,
    incomplete_details:
      status !== "incomplete"
        ? null
        : { reason: scene.finish === "length" ? "max_output_tokens" : "content_filter" },
    output: done ? output : [],
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    usage: done
      ? {
          input_tokens: usage.input,
          input_tokens_details: { cached_tokens: usage.cacheRead },
          output_tokens: usage.output,
          output_tokens_details: { reasoning_tokens: usage.reasoning },
          total_tokens: usage.input + usage.output,
        }
      : null,
  });
  events.push({ type: "response.created", response: response("in_progress", false) });
  events.push({ type: "response.in_progress", response: response("in_progress", false) });

  if (scene.reasoning !== undefined || scene.signature !== undefined) {
    const at = { item_id: "rs_up1", output_index: output.length };
    const part = { type: "summary_text", text: scene.reasoning ?? "" };
    const summary = scene.reasoning === undefined ? [] : [part];
    const item: Item = {
      id: "rs_up1",
      type: "reasoning",
      summary,
      ...(scene.signature === undefined ? {} : { encrypted_content: scene.signature }),
    };
    events.push({
      type: "response.output_item.added",
      output_index: at.output_index,
      item: { id: item.id, type: "reasoning", summary: [] },
    });
    if (scene.reasoning !== undefined) {
      events.push({
        type: "response.reasoning_summary_part.added",
        ...at,
        summary_index: 0,
        part: { ...part, text: "" },
      });
      for (const delta of fragments(scene.reasoning))
        events.push({ type: "response.reasoning_summary_text.delta", ...at, summary_index: 0, delta });
      events.push({
        type: "response.reasoning_summary_text.done",
        ...at,
        summary_index: 0,
        text: scene.reasoning,
      });
      events.push({ type: "response.reasoning_summary_part.done", ...at, summary_index: 0, part });
    }
    output.push(item);
    events.push({ type: "response.output_item.done", output_index: at.output_index, item });
  }
  if (scene.search !== undefined) {
    const hosted = { call_id: null, execution: "server" };
    const tools = scene.search.found.map((name) => ({
      type: "function",
      name,
      parameters: { type: "object" },
      strict: false,
      defer_loading: true,
    }));
    const call = {
      id: "tsc_up1",
      type: "tool_search_call",
      ...hosted,
      arguments: { paths: scene.search.found },
    };
    for (const item of [call, { id: "tso_up1", type: "tool_search_output", ...hosted, tools }]) {
      const output_index = output.length;
      const running = { ...item, status: "in_progress", ...("tools" in item ? {} : { arguments: {} }) };
      events.push({ type: "response.output_item.added", output_index, item: running });
      const whole = { ...item, status: "completed" };
      output.push(whole);
      events.push({ type: "response.output_item.done", output_index, item: whole });
    }
  }
  if (scene.text !== undefined) {
    const at = { item_id: "msg_up1", output_index: output.length, content_index: 0 };
    const refused = scene.finish === "refusal";
    const logprobs =
      scene.logprob === undefined
        ? []
        : [{ token: scene.text, logprob: scene.logprob, bytes: [], top_logprobs: [] }];
    const part = (text: string, done: boolean) =>
      refused
        ? { type: "refusal", refusal: text }
        : { type: "output_text", text, annotations: [], logprobs: done ? logprobs : [] };
    const item: Item = {
      id: "msg_up1",
      type: "message",
      role: "assistant",
      status: "completed",
      content: [part(scene.text, true)],
    };
    events.push({
      type: "response.output_item.added",
      output_index: at.output_index,
      item: { ...item, status: "in_progress", content: [] },
    });
    events.push({ type: "response.content_part.added", ...at, part: part("", false) });
    const kind = refused ? "response.refusal" : "response.output_text";
    for (const delta of logprobs.length > 0 ? [scene.text] : fragments(scene.text)) {
      events.push({ type: `${kind}.delta`, ...at, delta, ...(refused ? {} : { logprobs }) });
    }
    events.push({
      type: `${kind}.done`,
      ...at,
      ...(refused ? { refusal: scene.text } : { text: scene.text, logprobs }),
    });
    events.push({ type: "response.content_part.done", ...at, part: part(scene.text, true) });
    output.push(item);
    events.push({ type: "response.output_item.done", output_index: at.output_index, item });
  }
  // All calls are open at once and their fragments come in turn.
  const calls = (scene.calls ?? []).map((call, index) => {
    const custom = call.input !== undefined;
    const text = argumentsOf(call) || "{}";
    const item = {
      id: `${custom ? "ctc" : "fc"}_up${index}`,
      type: custom ? "custom_tool_call" : "function_call",
      call_id: call.id,
      name: call.name,
      ...(custom ? {} : { status: "completed" }),
    };
    return {
      custom,
      text,
      item,
      at: { item_id: item.id, output_index: output.length + index },
      pieces: fragments(text),
    };
  });
  for (const { custom, item, at } of calls) {
    const empty = custom ? { input: "" } : { arguments: "" };
    events.push({
      type: "response.output_item.added",
      output_index: at.output_index,
      item: { ...item, ...(custom ? {} : { status: "in_progress" }), ...empty },
    });
  }
  for (let round = 0; calls.some(({ pieces }) => pieces.length > round); round++) {
    for (const { custom, at, pieces } of calls) {
      const type = custom
        ? "response.custom_tool_call_input.delta"
        : "response.function_call_arguments.delta";
      if (pieces[round] !== undefined) events.push({ type, ...at, delta: pieces[round] });
    }
  }
  for (const { custom, text, item, at } of calls) {
    const whole = { ...item, ...(custom ? { input: text } : { arguments: text }) };
    events.push(
      custom
        ? { type: "response.custom_tool_call_input.done", ...at, input: text }
        : { type: "response.function_call_arguments.done", ...at, name: item.name, arguments: text },
    );
    output.push(whole);
    events.push({ type: "response.output_item.done", output_index: at.output_index, item: whole });
  }
  const status = scene.finish === "length" || scene.finish === "content-filter" ? "incomplete" : "completed";
  events.push({ type: `response.${status}`, response: response(status, true) });
  return {
    events: events.map((event, sequence_number) => ({
      event: event.type,
      data: JSON.stringify({ ...event, sequence_number }),
    })),
    whole: response(status, true),
  };
}
