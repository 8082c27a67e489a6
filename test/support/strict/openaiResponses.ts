/**
 * Refuses what OpenAI would refuse of a `POST /v1/responses`: unknown fields, wrong types, ids of
 * the wrong kind, calls without outputs, values out of range. After `ResponseCreateParams` of the
 * official SDK. An empty list means accepted.
 */

import { openaiResponsesRefusals } from "./modelRefusals.ts";
import { arraysWithoutItems } from "./schemas.ts";

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

type Kind = "string" | "text" | "number" | "boolean" | "array" | "object" | "any" | "content";
/** A `?` after the name: may be absent or null. */
type Shape = Readonly<Record<string, Kind>>;

const BODY: Shape = {
  model: "text",
  "input?": "any",
  "instructions?": "string",
  "tools?": "array",
  "tool_choice?": "any",
  "parallel_tool_calls?": "boolean",
  "text?": "object",
  "reasoning?": "object",
  "include?": "array",
  "temperature?": "number",
  "top_p?": "number",
  "top_logprobs?": "number",
  "max_output_tokens?": "number",
  "max_tool_calls?": "number",
  "metadata?": "object",
  "user?": "string",
  "safety_identifier?": "string",
  "service_tier?": "string",
  "prompt_cache_key?": "string",
  "prompt_cache_retention?": "string",
  "prompt_cache_options?": "object",
  "store?": "boolean",
  "stream?": "boolean",
  "stream_options?": "object",
  "truncation?": "string",
  "background?": "boolean",
  "conversation?": "any",
  "previous_response_id?": "string",
  "prompt?": "object",
  "context_management?": "array",
  "moderation?": "object",
  "access_programs?": "object",
  "image?": "object",
};

const CALLER = { "caller?": "object" } as const;
const ITEMS: Readonly<Record<string, Shape>> = {
  message: {
    "type?": "text",
    "id?": "text",
    role: "text",
    content: "content",
    "status?": "text",
    "phase?": "text",
  },
  reasoning: {
    type: "text",
    "id?": "text",
    summary: "array",
    "content?": "array",
    "encrypted_content?": "string",
    "status?": "text",
  },
  function_call: {
    type: "text",
    "id?": "text",
    call_id: "text",
    name: "text",
    "namespace?": "text",
    arguments: "string",
    "status?": "text",
    "async?": "boolean",
    ...CALLER,
  },
  custom_tool_call: {
    type: "text",
    "id?": "text",
    call_id: "text",
    name: "text",
    "namespace?": "text",
    input: "string",
    "async?": "boolean",
    ...CALLER,
  },
  function_call_output: {
    type: "text",
    "id?": "text",
    call_id: "text",
    output: "content",
    "status?": "text",
    "name?": "text",
    "namespace?": "text",
    ...CALLER,
  },
  custom_tool_call_output: { type: "text", "id?": "text", call_id: "text", output: "content", ...CALLER },
  local_shell_call: { type: "text", id: "text", call_id: "text", action: "object", status: "text" },
  local_shell_call_output: {
    type: "text",
    id: "text",
    "call_id?": "text",
    output: "string",
    "status?": "text",
  },
  shell_call: {
    type: "text",
    "id?": "text",
    call_id: "text",
    action: "object",
    "environment?": "object",
    "status?": "text",
    ...CALLER,
  },
  shell_call_output: {
    type: "text",
    "id?": "text",
    call_id: "text",
    output: "array",
    "max_output_length?": "number",
    "status?": "text",
    ...CALLER,
  },
  apply_patch_call: {
    type: "text",
    "id?": "text",
    call_id: "text",
    operation: "object",
    status: "text",
    ...CALLER,
  },
  apply_patch_call_output: {
    type: "text",
    "id?": "text",
    call_id: "text",
    status: "text",
    "output?": "string",
    ...CALLER,
  },
  tool_search_call: {
    type: "text",
    "id?": "text",
    "call_id?": "text",
    arguments: "any",
    "execution?": "text",
    "status?": "text",
  },
  tool_search_output: {
    type: "text",
    "id?": "text",
    "call_id?": "text",
    tools: "array",
    "execution?": "text",
    "status?": "text",
  },
  compaction: { type: "text", "id?": "text", encrypted_content: "text" },
  item_reference: { "type?": "text", id: "text" },
};
const PREFIX: Readonly<Record<string, string>> = {
  message: "msg_",
  reasoning: "rs_",
  function_call: "fc_",
  custom_tool_call: "ctc_",
};
const CACHE = { "prompt_cache_breakpoint?": "object" } as const;
const PARTS: Readonly<Record<string, Shape>> = {
  input_text: { type: "text", text: "string", ...CACHE },
  input_image: { type: "text", "detail?": "text", "image_url?": "text", "file_id?": "text", ...CACHE },
  input_file: {
    type: "text",
    "detail?": "text",
    "filename?": "string",
    "file_data?": "text",
    "file_url?": "text",
    "file_id?": "text",
    ...CACHE,
  },
  output_text: { type: "text", text: "string", "annotations?": "array", "logprobs?": "array" },
  refusal: { type: "text", refusal: "string" },
};
const FUNCTION: Shape = {
  type: "text",
  name: "text",
  "description?": "string",
  "parameters?": "object",
  "strict?": "boolean",
  "defer_loading?": "boolean",
  "allowed_callers?": "array",
  "async?": "boolean",
  "output_schema?": "object",
};
const TOOLS: Readonly<Record<string, Shape>> = {
  function: FUNCTION,
  custom: {
    type: "text",
    name: "text",
    "description?": "string",
    "format?": "object",
    "defer_loading?": "boolean",
    "allowed_callers?": "array",
    "async?": "boolean",
  },
  namespace: { type: "text", name: "text", description: "string", tools: "array" },
  local_shell: { type: "text" },
  apply_patch: { type: "text", "allowed_callers?": "array" },
};
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const TOP_KEYWORDS = ["anyOf", "oneOf", "allOf", "enum", "not"];

function wrong(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "any":
      return false;
    case "array":
      return !Array.isArray(value);
    case "object":
      return !isFields(value);
    case "content":
      return typeof value !== "string" && !Array.isArray(value);
    case "text":
      return typeof value !== "string" || value === "";
    default:
      return typeof value !== kind;
  }
}

function shapeProblems(at: string, value: Fields, shape: Shape): string[] {
  const problems: string[] = [];
  const known = new Set<string>();
  for (const [key, kind] of Object.entries(shape)) {
    const name = key.replace("?", "");
    known.add(name);
    const given = value[name];
    if ((given === undefined || given === null) && key.endsWith("?")) continue;
    if (given === undefined) problems.push(`${at}.${name} is missing`);
    else if (wrong(given, kind)) problems.push(`${at}.${name} is not ${kind}`);
  }
  for (const name of Object.keys(value))
    if (!known.has(name)) problems.push(`unknown parameter ${at}.${name}`);
  return problems;
}

function contentProblems(at: string, content: unknown, role: string): string[] {
  const problems: string[] = [];
  for (const [index, part] of listOf(content).entries()) {
    const here = `${at}[${index}]`;
    const shape = isFields(part) ? PARTS[String(part.type)] : undefined;
    if (!isFields(part) || shape === undefined) {
      problems.push(`${here} has an unknown type`);
      continue;
    }
    problems.push(...shapeProblems(here, part, shape));
    const ofOutput = part.type === "output_text" || part.type === "refusal";
    if (ofOutput !== (role === "assistant")) problems.push(`${here}: ${String(part.type)} of ${role}`);
    if (part.type === "input_image" && !part.image_url && !part.file_id)
      problems.push(`${here} has no image`);
    if (part.type === "input_file") {
      if (!part.file_data && !part.file_url && !part.file_id) problems.push(`${here} has no file`);
      if (part.file_data && !part.filename) problems.push(`${here}: file_data without filename`);
    }
  }
  return problems;
}

function itemProblems(at: string, item: unknown): string[] {
  if (!isFields(item)) return [`${at} is no object`];
  const type = typeof item.type === "string" ? item.type : item.role ? "message" : "item_reference";
  const shape = ITEMS[type];
  if (shape === undefined)
    return /_call$|_output$|^mcp_|^program/.test(type) ? [] : [`${at}: unknown item ${type}`];
  const problems = shapeProblems(at, item, shape);
  const prefix = PREFIX[type];
  if (prefix && typeof item.id === "string" && !item.id.startsWith(prefix)) {
    problems.push(`${at}.id must begin with ${prefix}`);
  }
  if (typeof item.id === "string" && /^[a-z]+_pt[A-Za-z0-9]{24}$/.test(item.id)) {
    problems.push(`${at}.id was never made by the provider`);
  }
  if (typeof item.call_id === "string" && item.call_id.length > 64)
    problems.push(`${at}.call_id is too long`);
  if (type === "message") {
    const role = String(item.role);
    if (!["user", "assistant", "system", "developer"].includes(role)) problems.push(`${at}.role ${role}`);
    if (Array.isArray(item.content) && item.content.length === 0) problems.push(`${at}.content is empty`);
    problems.push(...contentProblems(`${at}.content`, item.content, role));
  }
  if (type === "tool_search_output") {
    for (const [index, tool] of listOf(item.tools).entries())
      problems.push(...toolProblems(`${at}.tools[${index}]`, tool));
  }
  if (type === "function_call" || type === "custom_tool_call") {
    if (!NAME.test(String(item.name))) problems.push(`${at}.name is not allowed`);
  }
  if (type === "function_call_output" || type === "custom_tool_call_output") {
    problems.push(...contentProblems(`${at}.output`, item.output, "tool"));
  }
  return problems;
}

function toolProblems(at: string, tool: unknown): string[] {
  if (!isFields(tool) || typeof tool.type !== "string") return [`${at} has no type`];
  const shape = TOOLS[tool.type];
  const problems = shape === undefined ? [] : shapeProblems(at, tool, shape);
  if (shape?.name !== undefined && !NAME.test(String(tool.name))) problems.push(`${at}.name is not allowed`);
  if (tool.type === "namespace") {
    for (const [index, inner] of listOf(tool.tools).entries()) {
      problems.push(...toolProblems(`${at}.tools[${index}]`, inner));
    }
  }
  if (tool.type === "function" && isFields(tool.parameters)) {
    const schema = tool.parameters;
    if (schema.type !== "object") problems.push(`${at}.parameters must be of type object`);
    if (arraysWithoutItems(schema)) problems.push(`${at}.parameters: array schema missing items`);
    for (const word of TOP_KEYWORDS)
      if (word in schema) problems.push(`${at}.parameters: ${word} at the top`);
  }
  return problems;
}

function callProblems(input: readonly unknown[]): string[] {
  const problems: string[] = [];
  const calls = new Map<string, string>();
  const outputs = new Map<string, string>();
  for (const item of input.filter(isFields)) {
    const type = String(item.type);
    const id = item.call_id ?? (type === "local_shell_call_output" ? item.id : undefined);
    if (typeof id !== "string") continue;
    if (type.endsWith("_call")) {
      if (calls.has(id)) problems.push(`call ${id} twice`);
      calls.set(id, type);
    } else if (type.endsWith("_output")) {
      if (!calls.has(id)) problems.push(`no tool call found for output ${id}`);
      outputs.set(id, type);
    }
  }
  for (const [id, type] of calls) {
    const clientRun = type !== "shell_call" && type !== "mcp_call" && type !== "tool_search_call";
    if (clientRun && !outputs.has(id)) problems.push(`no tool output found for call ${id}`);
  }
  return problems;
}

function rangeProblems(body: Fields): string[] {
  const problems: string[] = [];
  const range = (name: string, low: number, high: number) => {
    const value = body[name];
    if (typeof value === "number" && (value < low || value > high)) problems.push(`${name} is out of range`);
  };
  range("temperature", 0, 2);
  range("top_p", 0, 1);
  range("top_logprobs", 0, 20);
  range("max_output_tokens", 16, Number.MAX_SAFE_INTEGER);
  if (typeof body.prompt_cache_key === "string" && body.prompt_cache_key.length > 64) {
    problems.push("prompt_cache_key is too long");
  }
  const metadata = isFields(body.metadata) ? Object.entries(body.metadata) : [];
  if (metadata.length > 16) problems.push("metadata has too many pairs");
  for (const [key, value] of metadata) {
    if (typeof value !== "string" || key.length > 64 || value.length > 512) problems.push(`metadata.${key}`);
  }
  return problems;
}

/** A choice names tools that are there. */
function choiceProblems({ tool_choice: choice, tools }: Fields): string[] {
  if (!isFields(choice)) return [];
  const list = listOf(tools).filter(isFields);
  const named = choice.type === "allowed_tools" ? listOf(choice.tools).filter(isFields) : [choice];
  const missing = named.filter(({ type, name }) => {
    if (typeof name !== "string")
      return !list.some(
        (tool) => String(tool.type).replace(/_preview.*/, "") === String(type).replace(/_preview.*/, ""),
      );
    return !list.some(
      (tool) =>
        tool.name === name || listOf(tool.tools).some((inner) => isFields(inner) && inner.name === name),
    );
  });
  return missing.map((one) => `tool_choice: ${String(one.name ?? one.type)} is not among the tools`);
}

/** The format `json_object` wants the word in a message; instructions do not count. */
function formatProblems({ text, input }: Fields): string[] {
  const format = isFields(text) && isFields(text.format) ? text.format.type : undefined;
  if (format !== "json_object" || /json/i.test(JSON.stringify(input))) return [];
  return ["input must contain the word json"];
}

/** Problems a strict provider would refuse the request for. Empty: accepted. */
export function checkRequest(body: unknown): string[] {
  if (!isFields(body)) return ["the body is no object"];
  const problems = [
    ...shapeProblems("body", body, BODY),
    ...rangeProblems(body),
    ...choiceProblems(body),
    ...formatProblems(body),
    ...openaiResponsesRefusals(String(body.model), body).map(({ message }) => message),
  ];
  const stateful = body.previous_response_id || body.conversation || body.prompt;
  if (typeof body.input !== "string" && !Array.isArray(body.input) && !stateful) problems.push("no input");
  const input = listOf(body.input);
  for (const [index, item] of input.entries()) problems.push(...itemProblems(`input[${index}]`, item));
  if (!stateful) problems.push(...callProblems(input));
  for (const item of input.filter(isFields)) {
    if (item.type !== "reasoning") continue;
    if (typeof item.encrypted_content === "string" && item.encrypted_content.startsWith("portico.")) {
      problems.push("encrypted content could not be verified");
    }
    if (body.store === false && !item.encrypted_content && item.id) {
      problems.push(`item ${String(item.id)} not found: items are not persisted when store is false`);
    }
  }
  const names = new Set<unknown>();
  for (const [index, tool] of listOf(body.tools).entries()) {
    problems.push(...toolProblems(`tools[${index}]`, tool));
    const name = isFields(tool) && tool.type !== "namespace" ? tool.name : undefined;
    if (name !== undefined && names.has(name)) problems.push(`tools[${index}]: ${String(name)} twice`);
    names.add(name);
  }
  return problems;
}
