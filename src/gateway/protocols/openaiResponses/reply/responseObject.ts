/** The response object, which echoes much of the request. */

import { type Fields, fieldsOf, isRecord, textOf } from "../../../common/json.ts";
import type { ChatRequest, FinishReason, Usage } from "../../chat.ts";
import { ownFields } from "../../extra.ts";
import { encodeFormat } from "../request/encode.ts";
import { encodeToolChoice, encodeTools } from "../request/encodeTools.ts";
import { RESPONSE_DEFAULTS } from "../responseDefaults.ts";
import { encodeUsage } from "../usage.ts";

const quiet = () => undefined;

function instructionsOf(request: ChatRequest): string | null {
  const first = request.messages[0];
  return first?.role === "system" ? first.parts.map((part) => part.text).join("\n\n") : null;
}

function conversationOf(value: unknown): Fields | null {
  const id = textOf(value) ?? textOf(fieldsOf(value).id);
  return id === undefined ? null : { id };
}

/** A tool as responses show it: what may be left out of a request is null. */
const shownTool = (tool: Fields): Fields =>
  tool.type === "function" ? { description: null, parameters: null, strict: null, ...tool } : tool;

function shownFormat(request: ChatRequest): Fields {
  const format = encodeFormat(request.responseFormat ?? { type: "text" });
  return format.type === "json_schema" ? { description: null, strict: false, ...format } : format;
}

/** What does not change while a response is made. */
export function responseHead(
  request: ChatRequest,
  given: { id: string; model: string; created: number; serviceTier: string | undefined },
): Fields {
  const extra = ownFields("openai-responses", request);
  const { tools, names } = encodeTools(request.tools, true, { searchesTools: true }, quiet);
  const choice = request.toolChoice && encodeToolChoice(request.toolChoice, request.tools, names);
  const { sampling, reasoning } = request;
  return {
    ...RESPONSE_DEFAULTS,
    id: given.id,
    created_at: given.created,
    frequency_penalty: extra.frequency_penalty ?? sampling.frequencyPenalty ?? 0,
    presence_penalty: extra.presence_penalty ?? sampling.presencePenalty ?? 0,
    ...(extra.conversation === undefined ? {} : { conversation: conversationOf(extra.conversation) }),
    instructions: instructionsOf(request),
    max_output_tokens: request.maxOutputTokens ?? null,
    max_tool_calls: extra.max_tool_calls ?? null,
    model: given.model,
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: extra.previous_response_id ?? null,
    prompt_cache_key: request.cacheKey ?? null,
    prompt_cache_retention: request.cacheRetention ?? null,
    reasoning: {
      effort: reasoning?.effort ?? null,
      summary: reasoning?.summary ?? null,
      ...fieldsOf(extra.reasoning),
    },
    safety_identifier: extra.safety_identifier ?? null,
    service_tier: given.serviceTier ?? request.serviceTier ?? "default",
    store: request.store ?? true,
    temperature: sampling.temperature ?? 1,
    text: {
      format: shownFormat(request),
      ...(request.verbosity === undefined ? {} : { verbosity: request.verbosity }),
      ...fieldsOf(extra.text),
    },
    tool_choice: extra.tool_choice ?? choice ?? "auto",
    tools: tools.map(shownTool),
    top_logprobs: sampling.logprobs?.top ?? 0,
    top_p: sampling.topP ?? 1,
    truncation: extra.truncation ?? "disabled",
    user: request.user ?? null,
    metadata: isRecord(request.metadata) ? request.metadata : {},
  };
}

export type Status = "in_progress" | "completed" | "incomplete" | "failed";

/**
 * How a finish is shown: the status, and why a response is incomplete.
 * @param refused the response holds a refusal, which says it already
 */
export function statusOf(
  reason: FinishReason,
  refused: boolean,
): { status: Status; incomplete: string | null } {
  switch (reason) {
    case "refusal":
      return refused
        ? { status: "completed", incomplete: null }
        : { status: "incomplete", incomplete: "content_filter" };
    case "length":
    case "context-window":
      return { status: "incomplete", incomplete: "max_output_tokens" };
    case "content-filter":
      return { status: "incomplete", incomplete: "content_filter" };
    case "error":
      return { status: "failed", incomplete: null };
    default:
      return { status: "completed", incomplete: null };
  }
}

export function responseObject(
  head: Fields,
  now: {
    status: Status;
    output: readonly Fields[];
    usage?: Usage | undefined;
    incomplete?: string | null;
    /** Unix seconds. */
    time: number;
  },
): Fields {
  return {
    ...head,
    status: now.status,
    completed_at: now.status === "completed" ? now.time : null,
    error: null,
    incomplete_details: now.incomplete ? { reason: now.incomplete } : null,
    output: now.output,
    usage: now.usage === undefined ? null : encodeUsage(now.usage),
  };
}
