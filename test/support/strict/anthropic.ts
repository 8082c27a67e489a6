/**
 * Refuses what Anthropic would refuse of a message request, by the SDK's parameter types and the
 * documented rules. Used as the upstream's judge in tests of translation.
 */
import { claudeRefusals } from "./modelRefusals.ts";
import { refusedKeys } from "./schemas.ts";

type Obj = Record<string, unknown>;
const isObj = (value: unknown): value is Obj =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TOP = new Set(
  (
    "model messages max_tokens system tools tool_choice thinking output_config output_format metadata " +
    "stop_sequences stream temperature top_p top_k service_tier cache_control container " +
    "context_management mcp_servers inference_geo speed diagnostics compaction fallbacks " +
    "fallback_credit_token billing_policy thread"
  ).split(" "),
);

/** Fields of each block beside `type`; the first list is required. */
const BLOCKS: Readonly<Record<string, readonly [string[], string[]]>> = {
  text: [["text"], ["cache_control", "citations"]],
  image: [["source"], ["cache_control", "transformations"]],
  document: [["source"], ["cache_control", "citations", "context", "title"]],
  search_result: [
    ["content", "source", "title"],
    ["cache_control", "citations"],
  ],
  thinking: [["thinking", "signature"], []],
  redacted_thinking: [["data"], []],
  tool_use: [
    ["id", "name", "input"],
    ["cache_control", "caller", "toolset_name"],
  ],
  tool_result: [["tool_use_id"], ["content", "is_error", "cache_control", "toolset_name"]],
  server_tool_use: [
    ["id", "name", "input"],
    ["cache_control", "caller"],
  ],
  mcp_tool_use: [["id", "name", "input", "server_name"], ["cache_control"]],
  container_upload: [["file_id"], ["cache_control"]],
  compaction: [[], ["content", "encrypted_content", "signature", "tool_changes", "cache_control"]],
  tool_reference: [["tool_name"], ["cache_control"]],
};
const USER_ONLY = new Set(["image", "document", "search_result", "tool_result", "container_upload"]);
const ASSISTANT_ONLY = new Set([
  "thinking",
  "redacted_thinking",
  "tool_use",
  "server_tool_use",
  "mcp_tool_use",
]);
const ID = /^[a-zA-Z0-9_-]+$/;
const IMAGE_TYPES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

class Judge {
  readonly problems: string[] = [];
  breakpoints = 0;
  readonly body: Obj;
  readonly counting: boolean;

  constructor(body: Obj, counting: boolean) {
    this.body = body;
    this.counting = counting;
  }

  no(problem: string): void {
    this.problems.push(problem);
  }

  cache(owner: Obj, path: string): void {
    const control = owner.cache_control;
    if (control === undefined || control === null) return;
    this.breakpoints++;
    if (!isObj(control) || control.type !== "ephemeral") {
      this.no(`${path}.cache_control: not ephemeral`);
      return;
    }
    if (control.ttl !== undefined && control.ttl !== "5m" && control.ttl !== "1h") {
      this.no(`${path}.cache_control.ttl: ${String(control.ttl)}`);
    }
    if (owner.defer_loading === true) this.no(`${path}: a deferred tool cannot be cached`);
  }

  fields(value: Obj, required: readonly string[], allowed: readonly string[], path: string): void {
    for (const key of required) if (value[key] === undefined) this.no(`${path}.${key}: missing`);
    for (const key of Object.keys(value)) {
      if (key !== "type" && !required.includes(key) && !allowed.includes(key))
        this.no(`${path}.${key}: unknown`);
    }
  }

  string(value: unknown, path: string): void {
    if (typeof value !== "string") this.no(`${path}: not a string`);
  }

  block(block: unknown, path: string, role: string): void {
    if (!isObj(block) || typeof block.type !== "string") {
      this.no(`${path}: no block`);
      return;
    }
    const type = block.type;
    const serverResult = type.endsWith("_tool_result");
    const shape = BLOCKS[type];
    if (shape === undefined && !serverResult) {
      this.no(`${path}.type: ${type} is unknown`);
      return;
    }
    if (shape) this.fields(block, shape[0], shape[1], path);
    if (serverResult && typeof block.tool_use_id !== "string") this.no(`${path}.tool_use_id: missing`);
    if (role === "assistant" && USER_ONLY.has(type)) this.no(`${path}: ${type} in an assistant message`);
    if (role !== "assistant" && ASSISTANT_ONLY.has(type)) this.no(`${path}: ${type} in a ${role} message`);
    this.cache(block, path);
    switch (type) {
      case "text":
        if (typeof block.text !== "string" || block.text.trim() === "") this.no(`${path}.text: blank`);
        break;
      case "thinking":
        this.string(block.thinking, `${path}.thinking`);
        if (typeof block.signature !== "string") this.no(`${path}.signature: missing`);
        else if (
          /claude/.test(String(this.body.model)) &&
          (block.signature === "" || block.signature.includes(":"))
        ) {
          this.no(`${path}.signature: invalid`);
        }
        break;
      case "redacted_thinking":
        if (typeof block.data !== "string" || block.data.includes(":")) this.no(`${path}.data: invalid`);
        break;
      case "image":
        this.source(block.source, `${path}.source`, ["base64", "url", "file"]);
        break;
      case "document":
        this.source(block.source, `${path}.source`, ["base64", "url", "file", "text", "content"]);
        break;
      case "tool_use":
        if (!ID.test(String(block.id))) this.no(`${path}.id: ${String(block.id)}`);
        if (!isObj(block.input)) this.no(`${path}.input: not an object`);
        if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(block.name)))
          this.no(`${path}.name: ${String(block.name)}`);
        break;
      case "tool_result":
        if (!ID.test(String(block.tool_use_id))) this.no(`${path}.tool_use_id: ${String(block.tool_use_id)}`);
        if (block.is_error !== undefined && typeof block.is_error !== "boolean") this.no(`${path}.is_error`);
        if (Array.isArray(block.content)) {
          block.content.forEach((part, i) => {
            this.block(part, `${path}.content[${i}]`, "user");
          });
        } else if (block.content !== undefined && typeof block.content !== "string") {
          this.no(`${path}.content: neither string nor blocks`);
        }
        break;
    }
  }

  source(source: unknown, path: string, kinds: string[]): void {
    if (!isObj(source) || !kinds.includes(String(source.type))) {
      this.no(`${path}.type: not allowed`);
      return;
    }
    if (source.type === "base64") {
      this.fields(source, ["media_type", "data"], [], path);
      const type = String(source.media_type);
      const ok = kinds.includes("text") ? type === "application/pdf" : IMAGE_TYPES.has(type);
      if (!ok) this.no(`${path}.media_type: ${type}`);
    }
    if (source.type === "url") {
      this.fields(source, ["url"], [], path);
      if (!/^https:/i.test(String(source.url))) this.no(`${path}.url: not https`);
    }
    if (source.type === "file") this.fields(source, ["file_id"], [], path);
    if (source.type === "text") {
      this.fields(source, ["media_type", "data"], [], path);
      if (source.media_type !== "text/plain") this.no(`${path}.media_type: ${String(source.media_type)}`);
    }
  }

  messages(): void {
    const { messages } = this.body;
    if (!Array.isArray(messages) || messages.length === 0) {
      this.no("messages: at least one is required");
      return;
    }
    let calls: string[] = [];
    const ids = new Set<string>();
    messages.forEach((message, i) => {
      const path = `messages[${i}]`;
      if (!isObj(message)) {
        this.no(`${path}: no object`);
        return;
      }
      const role = String(message.role);
      const previous = i === 0 ? undefined : (messages[i - 1] as Obj).role;
      if (role === "system") {
        if (previous !== "user") this.no(`${path}: a system message must follow a user message`);
      } else {
        this.fields(message, ["role", "content"], [], path);
        if (role !== "user" && role !== "assistant") this.no(`${path}.role: ${role}`);
        if (previous === role) this.no(`${path}: roles do not alternate`);
      }
      const summed =
        Array.isArray(message.content) && (message.content[0] as Obj | undefined)?.type === "compaction";
      if (i === 0 && role !== "user" && !summed) this.no(`${path}: the first message is not the user's`);
      const blocks: unknown[] = Array.isArray(message.content)
        ? message.content
        : [{ type: "text", text: message.content }];
      if (blocks.length === 0) this.no(`${path}.content: empty`);
      blocks.forEach((block, j) => {
        this.block(block, `${path}.content[${j}]`, role);
      });
      const objects = blocks.filter(isObj);
      this.searches(objects, path);
      const results = objects
        .filter((block) => block.type === "tool_result")
        .map((b) => String(b.tool_use_id));
      if (results.length > 0) {
        const leading = objects.slice(0, results.length).every((block) => block.type === "tool_result");
        if (!leading) this.no(`${path}: tool results are not at the start`);
      }
      for (const id of calls) if (!results.includes(id)) this.no(`${path}: no tool_result for ${id}`);
      for (const id of results) if (!calls.includes(id)) this.no(`${path}: no tool_use for ${id}`);
      if (new Set(results).size < results.length) this.no(`${path}: two results for one call`);
      calls = objects.filter((block) => block.type === "tool_use").map((block) => String(block.id));
      for (const id of calls) {
        if (ids.has(id)) this.no(`${path}: the id ${id} is not unique`);
        ids.add(id);
      }
      const thinking = this.body.thinking;
      const manual = isObj(thinking) && thinking.type === "enabled";
      const first = objects[0]?.type;
      const later = messages.slice(i + 1).some((other) => (other as Obj).role === "assistant");
      if (manual && calls.length > 0 && !later && first !== "thinking" && first !== "redacted_thinking") {
        this.no(`${path}: must begin with a thinking block`);
      }
    });
    if (calls.length > 0) this.no("messages: the last tool calls have no results");
    const last = messages.at(-1) as Obj;
    if (last.role === "assistant") {
      const content = Array.isArray(last.content) ? (last.content.at(-1) as Obj)?.text : last.content;
      if (typeof content === "string" && /\s$/.test(content)) this.no("messages: ends in white space");
    }
  }

  /** A search for tools stands before what it found, and that is declared. */
  searches(blocks: readonly Obj[], path: string): void {
    const open = new Set<unknown>();
    const tools = Array.isArray(this.body.tools) ? this.body.tools.filter(isObj) : [];
    for (const block of blocks) {
      if (block.type === "server_tool_use" && String(block.name).startsWith("tool_search_tool")) {
        if (!/^srvtoolu_[a-zA-Z0-9_]+$/.test(String(block.id))) this.no(`${path}: id ${String(block.id)}`);
        if (!tools.some(({ name }) => name === block.name))
          this.no(`${path}: ${String(block.name)} is not declared`);
        open.add(block.id);
      }
      if (block.type !== "tool_search_tool_result") continue;
      if (!open.delete(block.tool_use_id)) this.no(`${path}: no search for ${String(block.tool_use_id)}`);
      const found = isObj(block.content) ? block.content.tool_references : undefined;
      for (const reference of Array.isArray(found) ? found.filter(isObj) : [])
        if (!tools.some(({ name }) => name === reference.tool_name))
          this.no(`${path}: ${String(reference.tool_name)} is not declared`);
    }
    if (open.size > 0) this.no(`${path}: a search without its result`);
  }

  tools(): void {
    const { tools, tool_choice: choice } = this.body;
    const names = new Set<string>();
    if (tools !== undefined && !Array.isArray(tools)) this.no("tools: not an array");
    for (const [i, tool] of (Array.isArray(tools) ? tools : []).entries()) {
      const path = `tools[${i}]`;
      if (!isObj(tool)) {
        this.no(`${path}: no object`);
        continue;
      }
      this.cache(tool, path);
      if (tool.type === undefined || tool.type === null || tool.type === "custom") {
        this.fields(
          tool,
          ["name", "input_schema"],
          [
            "description",
            "strict",
            "defer_loading",
            "cache_control",
            "allowed_callers",
            "eager_input_streaming",
            "input_examples",
          ],
          path,
        );
        if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name))) this.no(`${path}.name: ${String(tool.name)}`);
        const schema = tool.input_schema;
        for (const key of refusedKeys(schema)) this.no(`${path}.input_schema.properties: key ${key}`);
        if (!isObj(schema) || schema.type !== "object") this.no(`${path}.input_schema.type: not object`);
        else
          for (const key of ["anyOf", "oneOf", "allOf"])
            if (key in schema) this.no(`${path}.input_schema.${key}`);
      }
      if (typeof tool.name === "string") {
        if (names.has(tool.name)) this.no(`${path}.name: declared twice`);
        names.add(tool.name);
      }
    }
    if (choice === undefined) return;
    if (!isObj(choice) || !["auto", "any", "tool", "none"].includes(String(choice.type))) {
      this.no("tool_choice.type");
      return;
    }
    if (!Array.isArray(tools) || tools.length === 0) this.no("tool_choice: without tools");
    if (choice.type === "tool" && !names.has(String(choice.name))) this.no("tool_choice.name: not declared");
    if (choice.type !== "tool" && choice.name !== undefined) this.no("tool_choice.name: not allowed");
    if (choice.type === "none" && choice.disable_parallel_tool_use !== undefined) {
      this.no("tool_choice.disable_parallel_tool_use: not with none");
    }
  }

  context(): void {
    const { context_management: management } = this.body;
    if (management === undefined || management === null) return;
    const edits = isObj(management) ? management.edits : undefined;
    for (const edit of Array.isArray(edits) ? edits.filter(isObj) : []) {
      if (edit.type !== "compact_20260112") continue;
      if (!COMPACTS.test(String(this.body.model))) this.no("context_management: not supported by this model");
      const { trigger } = edit;
      if (trigger === undefined || trigger === null) continue;
      if (!isObj(trigger) || trigger.type !== "input_tokens") this.no("context_management.trigger.type");
      else if (!(Number.isInteger(trigger.value) && Number(trigger.value) >= 50_000))
        this.no("context_management.trigger.value: below 50000");
    }
  }

  limits(): void {
    const { thinking, max_tokens: max } = this.body;
    if (!this.counting && !(typeof max === "number" && Number.isInteger(max) && max >= 0))
      this.no("max_tokens");
    if (this.counting && max !== undefined) this.no("max_tokens: not when counting");
    for (const [key, top] of [
      ["temperature", 1],
      ["top_p", 1],
    ] as const) {
      const value = this.body[key];
      if (value !== undefined && !(typeof value === "number" && value >= 0 && value <= top)) this.no(key);
    }
    const stops = this.body.stop_sequences;
    if (
      stops !== undefined &&
      !(Array.isArray(stops) && stops.every((s) => typeof s === "string" && s.trim() !== ""))
    ) {
      this.no("stop_sequences: blank or no string");
    }
    if (thinking === undefined) return;
    if (!isObj(thinking)) {
      this.no("thinking: no object");
      return;
    }
    const on = thinking.type === "enabled" || thinking.type === "adaptive";
    if (!on && thinking.type !== "disabled" && thinking.type !== "between_tools") this.no("thinking.type");
    if (thinking.type === "enabled") {
      const budget = thinking.budget_tokens;
      if (typeof budget !== "number" || budget < 1024) this.no("thinking.budget_tokens: below 1024");
      else if (!this.counting && typeof max === "number" && budget >= max) {
        this.no("thinking.budget_tokens: not below max_tokens");
      }
    } else if (thinking.budget_tokens !== undefined) this.no("thinking.budget_tokens: not with this type");
    if (on && this.body.temperature !== undefined && this.body.temperature !== 1)
      this.no("temperature with thinking");
    if (on && this.body.top_k !== undefined) this.no("top_k with thinking");
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/compaction */
const COMPACTS = /claude-((opus|sonnet)-4-6|opus-4-[78]|(opus|sonnet|haiku|fable|mythos|saga)-[57])/;
const NEWEST = /claude-(opus-4-[78]|(opus|sonnet|haiku|fable|mythos|saga)-[57])/;
const NO_PREFILL = /claude-((opus|sonnet)-4-6|opus-4-[78]|(opus|sonnet|haiku|fable|mythos|saga)-[57])/;
const WITH_EFFORT = /claude-(opus-4-[5678]|sonnet-4-6|(opus|sonnet|haiku|fable|mythos|saga)-[57])/;

/** What the model's own documentation page refuses. */
function modelProblems(body: Obj): string[] {
  const model = String(body.model);
  if (!model.includes("claude")) return [];
  const out: string[] = [];
  const thinking = isObj(body.thinking) ? body.thinking.type : undefined;
  const output = isObj(body.output_config) ? body.output_config : {};
  const format = isObj(output.format) ? output.format : {};
  for (const key of refusedKeys(format.schema))
    out.push(`output_config.format.schema.properties: key ${key}`);
  const messages = Array.isArray(body.messages) ? body.messages.filter(isObj) : [];
  if (NEWEST.test(model)) {
    if (thinking === "enabled") out.push("thinking.type.enabled: not supported by this model");
    for (const key of ["temperature", "top_p", "top_k"]) {
      if (body[key] !== undefined) out.push(`${key}: deprecated for this model`);
    }
  } else if (messages.some((message) => message.role === "system")) {
    out.push("messages: role system is not supported by this model");
  }
  if (thinking === "adaptive" && !NO_PREFILL.test(model)) out.push("thinking.type.adaptive: not supported");
  out.push(...claudeRefusals(model, body).map(({ message }) => message));
  if (NO_PREFILL.test(model) && messages.at(-1)?.role === "assistant") {
    const content = messages.at(-1)?.content;
    const last: unknown = Array.isArray(content) ? content.at(-1) : undefined;
    if (!(isObj(last) && /^(server|mcp)_tool_use$|_tool_result$/.test(String(last.type)))) {
      out.push("messages: this model does not support prefill");
    }
  }
  if (output.effort !== undefined) {
    if (!WITH_EFFORT.test(model)) out.push("output_config.effort: not supported by this model");
    else if (!["low", "medium", "high", "xhigh", "max"].includes(String(output.effort)))
      out.push("output_config.effort");
    else if (output.effort === "xhigh" && !NEWEST.test(model)) out.push("output_config.effort: no xhigh");
  }
  if (
    body.temperature !== undefined &&
    body.top_p !== undefined &&
    /claude-(opus|sonnet|haiku)-4-[1-6]/.test(model)
  ) {
    out.push("temperature and top_p cannot both be specified for this model");
  }
  return out;
}

/** @returns what Anthropic would refuse; empty where it would accept the request. */
export function checkRequest(
  body: unknown,
  headers: Record<string, string> = {},
  path = "/v1/messages",
): string[] {
  if (!isObj(body)) return ["the body is no object"];
  const counting = path.includes("count_tokens");
  const judge = new Judge(body, counting);
  for (const key of Object.keys(body)) if (!TOP.has(key)) judge.no(`${key}: unknown`);
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() === "anthropic-version" && !/^\d{4}-\d\d-\d\d$/.test(headers[name] ?? "")) {
      judge.no("anthropic-version: not a date");
    }
  }
  if (typeof body.model !== "string" || body.model === "") judge.no("model: missing");
  if (Array.isArray(body.system)) {
    body.system.forEach((block, i) => {
      judge.block(block, `system[${i}]`, "system");
    });
  } else if (body.system !== undefined && typeof body.system !== "string") judge.no("system");
  if (isObj(body.cache_control)) judge.breakpoints++;
  judge.tools();
  judge.messages();
  judge.limits();
  judge.context();
  if (judge.breakpoints > 4) judge.no(`${judge.breakpoints} blocks with cache_control; at most 4`);
  return [...judge.problems, ...modelProblems(body)];
}
