/** The calls that a client of each protocol may run, by what its stream says of them. */
import type { Protocol } from "../../../src/control/protocol.ts";
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";
import { parsed } from "./talk.ts";

type Json = Record<string, unknown>;

export interface FinishedCall {
  readonly name: string;
  readonly args: unknown;
}

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const json = (value: unknown): Json => (isJson(value) ? value : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(json) : []);

/** Calls that a stream said to be whole. A reply that broke off holds none in chat completions: they end with it. */
export function finishedCalls(client: Protocol, events: readonly WireEvent[]): FinishedCall[] {
  const told = events.filter(({ data }) => data.startsWith("{")).map(({ data }) => json(JSON.parse(data)));
  return { "openai-chat": ofChat, "openai-responses": ofResponses, anthropic: ofAnthropic, gemini: ofGemini }[
    client
  ](told);
}

function ofChat(chunks: readonly Json[]): FinishedCall[] {
  const choices = chunks.flatMap(({ choices }) => list(choices));
  const calls = new Map<unknown, { name: string; text: string }>();
  for (const { delta } of choices) {
    for (const call of list(json(delta).tool_calls)) {
      const known = calls.get(call.index) ?? { name: "", text: "" };
      const { name, arguments: args } = json(call.function);
      known.name += String(name ?? "");
      known.text += String(args ?? "");
      calls.set(call.index, known);
    }
  }
  const ended = choices.some(
    ({ finish_reason }) => finish_reason === "tool_calls" || finish_reason === "stop",
  );
  const whole = [...calls.values()].filter(({ text }) => ended || typeof parsed(text) === "object");
  return whole.map(({ name, text }) => ({ name, args: parsed(text) }));
}

function ofResponses(events: readonly Json[]): FinishedCall[] {
  const isCall = ({ type }: Json) => String(type).endsWith("_call");
  const done = events.flatMap(({ type, item }) =>
    type === "response.output_item.done" && isCall(json(item)) ? [json(item)] : [],
  );
  const said = events.filter(({ type }) =>
    /\.(?:function_call_arguments|custom_tool_call_input)\.done$/.test(String(type)),
  );
  const shown = events.flatMap(({ response }) => list(json(response).output)).filter(isCall);
  const unsaid = shown.filter(
    ({ id, status }) => status !== "incomplete" && !done.some((item) => item.id === id),
  );
  const loose = said.filter(({ item_id }) => !done.some(({ id }) => id === item_id));
  return [
    ...[...done, ...unsaid].map(({ name, arguments: args, input, action }) => ({
      name: String(name),
      args: typeof args === "string" ? parsed(args) : (input ?? action),
    })),
    ...loose.map(({ arguments: args, input }) => ({ name: "", args: parsed(String(args ?? input)) })),
  ];
}

function ofAnthropic(events: readonly Json[]): FinishedCall[] {
  const open = new Map<unknown, { name: string; text: string }>();
  const out: FinishedCall[] = [];
  for (const { type, index, content_block, delta } of events) {
    const block = json(content_block);
    if (type === "content_block_start" && block.type === "tool_use")
      open.set(index, { name: String(block.name), text: "" });
    const call = open.get(index);
    if (call === undefined) continue;
    if (type === "content_block_delta") call.text += String(json(delta).partial_json ?? "");
    if (type === "content_block_stop") out.push({ name: call.name, args: parsed(call.text || "{}") });
  }
  return out;
}

function ofGemini(chunks: readonly Json[]): FinishedCall[] {
  return chunks
    .flatMap(({ candidates }) => list(candidates))
    .flatMap(({ content }) => list(json(content).parts))
    .flatMap(({ functionCall }) => (isJson(functionCall) ? [functionCall] : []))
    .map(({ name, args }) => ({ name: String(name), args }));
}
