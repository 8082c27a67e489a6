/** A request of the Responses API as a canonical one. */

import { badRequest } from "../../../common/errors.ts";
import { compact, type Fields, fieldsOf, leftover } from "../../../common/json.ts";
import { type ChatRequest, EFFORTS, type Reasoning, type ResponseFormat, type Tool } from "../../chat.ts";
import type { DecodeContext } from "../../codec.ts";
import { decodeContextManagement } from "../compaction.ts";
import { check, jsonSchemaFormat, requestSchema, type WireRequest } from "../schema.ts";
import { InputReader } from "./decodeInput.ts";
import { decodeTool, decodeToolChoice } from "./decodeTools.ts";

const PROTOCOL = "openai-responses" as const;
const KNOWN = new Set([
  ...["model", "input", "instructions", "stream", "store", "parallel_tool_calls", "temperature", "top_p"],
  ...["top_logprobs", "max_output_tokens", "metadata", "user", "service_tier", "prompt_cache_key"],
  ...["prompt_cache_retention", "include", "tools", "tool_choice", "reasoning", "text"],
  "context_management",
]);
const ENCRYPTED = "reasoning.encrypted_content";
const LOGPROBS = "message.output_text.logprobs";
const SUMMARIES = ["auto", "concise", "detailed"] as const;
const VERBOSITIES = ["low", "medium", "high"] as const;

interface Split<T> {
  value?: T;
  rest?: Fields;
}

function decodeReasoning(wire: WireRequest["reasoning"], encrypted: boolean): Split<Reasoning> {
  const given = wire ?? {};
  const effort = EFFORTS.find((name) => name === given.effort);
  const summary = SUMMARIES.find((name) => name === (given.summary ?? given.generate_summary));
  const known = new Set(["generate_summary"]);
  if (effort !== undefined) known.add("effort");
  if (summary !== undefined) known.add("summary");
  const rest = leftover(given, known);
  const value: Reasoning = compact({
    effort,
    summary,
    show: summary === undefined ? undefined : true,
    includeEncrypted: encrypted || undefined,
  });
  return { ...(Object.keys(value).length ? { value } : {}), ...(rest ? { rest } : {}) };
}

function decodeFormat(wire: WireRequest["text"]): Split<ResponseFormat> {
  const format = wire?.format;
  if (!format) return {};
  if (format.type === "text") return { value: { type: "text" } };
  if (format.type === "json_object") return { value: { type: "json" } };
  if (format.type !== "json_schema") return { rest: format };
  const schema = check(jsonSchemaFormat, format, "text.format");
  return {
    value: {
      type: "json-schema",
      schema: schema.schema,
      ...(schema.name ? { name: schema.name } : {}),
      ...(schema.description ? { description: schema.description } : {}),
      ...(typeof schema.strict === "boolean" ? { strict: schema.strict } : {}),
    },
  };
}

/** "Compacts the current context. Must be the final input item." */
function asksToCompact(input: WireRequest["input"]): boolean {
  return Array.isArray(input) && fieldsOf(input.at(-1)).type === "compaction_trigger";
}

function decodeInput(wire: WireRequest): Pick<InputReader, "messages" | "loaded" | "found"> {
  const reader = new InputReader();
  if (wire.instructions) {
    reader.messages.push({ role: "system", parts: [{ type: "text", text: wire.instructions }] });
  }
  const { input } = wire;
  if (typeof input === "string") {
    reader.messages.push({ role: "user", parts: [{ type: "text", text: input }] });
  } else if (input) {
    for (const [index, item] of input.entries()) reader.read(item, `input[${index}]`);
  } else if (!wire.previous_response_id && !wire.conversation && !wire.prompt) {
    throw badRequest(
      "'input': one of input, previous_response_id, conversation or prompt must be given.",
      "input",
    );
  }
  return reader;
}

const isSame = (one: Tool, other: Tool) =>
  one.name === other.name && Reflect.get(one, "namespace") === Reflect.get(other, "namespace");

/** Fields without a canonical place; `reasoning` and `text` keep what is left of them. */
function extraFields(wire: WireRequest, parts: Record<string, unknown>): Fields {
  const fields: Record<string, unknown> = { ...leftover(wire, KNOWN) };
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) fields[name] = value;
  return fields;
}

/** @throws PorticoError `invalid_request` naming the field. */
export function decodeRequest(body: unknown, context: DecodeContext): ChatRequest {
  const wire = check(requestSchema, body, "");
  const include = wire.include ?? [];
  const otherIncludes = include.filter((name) => name !== ENCRYPTED && name !== LOGPROBS);
  const reasoning = decodeReasoning(wire.reasoning, include.includes(ENCRYPTED));
  const format = decodeFormat(wire.text);
  const verbosity = VERBOSITIES.find((name) => name === wire.text?.verbosity);
  const choice = decodeToolChoice(wire.tool_choice);
  const { messages, loaded, found } = decodeInput(wire);
  const management = decodeContextManagement(wire.context_management);
  const tools = (wire.tools ?? []).flatMap((tool, index) => decodeTool(tool, `tools[${index}]`));
  const wantsLogprobs = include.includes(LOGPROBS) || Boolean(wire.top_logprobs);
  const textRest = {
    ...leftover(wire.text ?? {}, new Set(["format", ...(verbosity === undefined ? [] : ["verbosity"])])),
    ...(format.rest ? { format: format.rest } : {}),
  };

  return compact({
    model: wire.model ?? context.model,
    messages,
    tools: [...tools, ...loaded, ...found.filter((tool) => !tools.some((other) => isSame(tool, other)))],
    toolChoice: choice.choice,
    parallelToolCalls: wire.parallel_tool_calls ?? undefined,
    responseFormat: format.value,
    reasoning: reasoning.value,
    sampling: compact({
      temperature: wire.temperature ?? undefined,
      topP: wire.top_p ?? undefined,
      logprobs: wantsLogprobs ? { top: wire.top_logprobs ?? 0 } : undefined,
    }),
    verbosity,
    maxOutputTokens: wire.max_output_tokens ?? undefined,
    stream: wire.stream ?? context.stream,
    user: wire.user ?? undefined,
    metadata: wire.metadata ?? undefined,
    serviceTier: wire.service_tier ?? undefined,
    cacheKey: wire.prompt_cache_key ?? undefined,
    cacheRetention: wire.prompt_cache_retention ?? undefined,
    store: wire.store ?? undefined,
    compact: asksToCompact(wire.input) ? {} : undefined,
    autoCompact: management.autoCompact,
    extra: {
      protocol: PROTOCOL,
      fields: extraFields(wire, {
        include: otherIncludes.length ? otherIncludes : undefined,
        reasoning: reasoning.rest,
        text: Object.keys(textRest).length ? textRest : undefined,
        tool_choice: choice.raw,
        context_management: management.rest,
      }),
    },
  });
}
