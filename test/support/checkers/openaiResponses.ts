/**
 * A strict reader of replies of the Responses API: the order of events, ids, indexes and sequence
 * numbers, and that what was streamed is what the final response holds. After `ResponseStreamEvent`
 * of the official SDK, whose own accumulator is asked as well.
 */
import { isDeepStrictEqual } from "node:util";
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

const PREFIX: Readonly<Record<string, string>> = {
  message: "msg_",
  reasoning: "rs_",
  function_call: "fc_",
  custom_tool_call: "ctc_",
  local_shell_call: "lsh_",
  shell_call: "sh_",
  apply_patch_call: "apc_",
  web_search_call: "ws_",
  image_generation_call: "ig_",
};
/** Fields with their types that an output item must have. */
const ITEM_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  message: { role: "string", content: "array", status: "string" },
  reasoning: { summary: "array" },
  function_call: { call_id: "text", name: "text", arguments: "string", status: "string" },
  custom_tool_call: { call_id: "text", name: "text", input: "string" },
  local_shell_call: { call_id: "text", action: "object", status: "string" },
  shell_call: { call_id: "text", action: "object", status: "string" },
  apply_patch_call: { call_id: "text", operation: "object", status: "string" },
};
const RESPONSE_FIELDS: Readonly<Record<string, string>> = {
  id: "text",
  object: "text",
  created_at: "number",
  model: "string",
  output: "array",
  parallel_tool_calls: "boolean",
  tools: "array",
  text: "object",
};

function typeProblem(value: unknown, type: string): boolean {
  if (type === "array") return !Array.isArray(value);
  if (type === "object") return !isFields(value);
  if (type === "text") return typeof value !== "string" || value === "";
  return typeof value !== type;
}

function fieldProblems(at: string, value: Fields, fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields)
    .filter(([name, type]) => typeProblem(value[name], type))
    .map(([name, type]) => `${at}.${name} is not ${type}`);
}

function checkItem(at: string, item: Fields, done: boolean): string[] {
  const type = String(item.type);
  const problems: string[] = [];
  if (typeof item.id !== "string" || item.id === "") problems.push(`${at}: no id`);
  else if (PREFIX[type] && !item.id.startsWith(PREFIX[type]))
    problems.push(`${at}: id ${item.id} of a ${type}`);
  problems.push(...fieldProblems(at, item, ITEM_FIELDS[type] ?? {}));
  if (!done) return problems;
  if (type === "message") {
    for (const part of Array.isArray(item.content) ? item.content : []) {
      const fields = fieldsOf(part);
      if (fields.type === "output_text") {
        problems.push(...fieldProblems(at, fields, { text: "string", annotations: "array" }));
      } else if (fields.type === "refusal")
        problems.push(...fieldProblems(at, fields, { refusal: "string" }));
      else problems.push(`${at}: content of type ${String(fields.type)}`);
    }
  }
  if (type === "function_call") {
    try {
      if (!isFields(JSON.parse(String(item.arguments))) && item.status === "completed") {
        problems.push(`${at}: arguments are no object`);
      }
    } catch {
      if (item.status === "completed") problems.push(`${at}: arguments are no JSON`);
    }
  }
  return problems;
}

function checkUsage(at: string, usage: unknown): string[] {
  if (usage === null || usage === undefined) return [];
  const counts = fieldsOf(usage);
  const problems = fieldProblems(at, counts, {
    input_tokens: "number",
    output_tokens: "number",
    total_tokens: "number",
    input_tokens_details: "object",
    output_tokens_details: "object",
  });
  if (counts.total_tokens !== Number(counts.input_tokens) + Number(counts.output_tokens)) {
    problems.push(`${at}: total is not the sum`);
  }
  if (Number(fieldsOf(counts.input_tokens_details).cached_tokens) > Number(counts.input_tokens)) {
    problems.push(`${at}: more cached than read`);
  }
  return problems;
}

/** A whole response object. Empty: nothing wrong. */
export function checkReply(body: unknown): string[] {
  if (!isFields(body)) return ["the response is no object"];
  const problems = fieldProblems("response", body, RESPONSE_FIELDS);
  if (body.object !== "response") problems.push("object is not response");
  if (!["completed", "incomplete", "failed"].includes(String(body.status))) {
    problems.push(`status ${String(body.status)}`);
  }
  if (body.status === "incomplete" && !isFields(body.incomplete_details)) {
    problems.push("incomplete without a reason");
  }
  if (body.status === "failed" && !isFields(body.error)) problems.push("failed without an error");
  problems.push(...checkUsage("response.usage", body.usage));
  const ids = new Set<unknown>();
  for (const [index, item] of (Array.isArray(body.output) ? body.output : []).entries()) {
    problems.push(...checkItem(`output[${index}]`, fieldsOf(item), true));
    const id = fieldsOf(item).id;
    if (ids.has(id)) problems.push(`output[${index}]: id twice`);
    ids.add(id);
  }
  return problems;
}

interface OpenItem {
  item: Fields;
  /** Texts and arguments as streamed, by kind and index. */
  texts: Map<string, { text: string; open: boolean }>;
  done?: Fields;
}

const DELTAS: Readonly<Record<string, { field: string; list: string; type: string; own?: true }>> = {
  "response.output_text": { field: "text", list: "content", type: "message" },
  "response.refusal": { field: "refusal", list: "content", type: "message" },
  "response.reasoning_text": { field: "text", list: "content", type: "reasoning" },
  "response.reasoning_summary_text": { field: "text", list: "summary", type: "reasoning" },
  "response.function_call_arguments": { field: "arguments", list: "", type: "function_call", own: true },
  "response.custom_tool_call_input": { field: "input", list: "", type: "custom_tool_call", own: true },
};

class Checker {
  readonly problems: string[] = [];
  readonly #items: OpenItem[] = [];
  #sequence = 0;
  #created: unknown;
  #ended = false;
  #errored = false;

  see(event: WireEvent, position: number): void {
    let data: unknown;
    try {
      data = JSON.parse(event.data);
    } catch {
      this.#say(position, "no JSON");
      return;
    }
    if (!isFields(data) || typeof data.type !== "string") {
      this.#say(position, "no type");
      return;
    }
    if (event.event !== undefined && event.event !== data.type) this.#say(position, "event and type differ");
    if (data.sequence_number !== this.#sequence) {
      this.#say(position, `sequence number ${String(data.sequence_number)}, expected ${this.#sequence}`);
    }
    this.#sequence++;
    if (this.#ended) this.#say(position, `${data.type} after the end`);
    this.#event(data.type, data, position);
  }

  end(): string[] {
    if (!this.#ended) this.problems.push("no terminal event");
    return this.problems;
  }

  #say(position: number, problem: string): void {
    this.problems.push(`event ${position}: ${problem}`);
  }

  #event(type: string, data: Fields, position: number): void {
    if (this.#created === undefined && type !== "response.created" && type !== "error") {
      this.#say(position, `${type} before response.created`);
    }
    switch (type) {
      case "response.created":
        if (this.#created !== undefined) this.#say(position, "created twice");
        this.#created = fieldsOf(data.response).id;
        if (typeof this.#created !== "string" || !this.#created.startsWith("resp_")) {
          this.#say(position, "response id");
        }
        return;
      case "response.in_progress":
        if (fieldsOf(data.response).id !== this.#created) this.#say(position, "response id changed");
        return;
      case "response.output_item.added":
        this.#added(data, position);
        return;
      case "response.output_item.done":
        this.#done(data, position);
        return;
      case "response.content_part.added":
      case "response.reasoning_summary_part.added":
        this.#part(data, position, type.includes("summary") ? "summary" : "content", true);
        return;
      case "response.content_part.done":
      case "response.reasoning_summary_part.done":
        this.#part(data, position, type.includes("summary") ? "summary" : "content", false);
        return;
      case "response.output_text.annotation.added":
        if (!isFields(data.annotation)) this.#say(position, "no annotation");
        this.#itemOf(data, position, "message");
        return;
      case "error":
        this.#errored = true;
        return;
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        this.#terminal(type.replace("response.", ""), fieldsOf(data.response), position);
        return;
    }
    const stem = type.replace(/\.(?:delta|done)$/, "");
    const kind = DELTAS[stem];
    if (kind !== undefined) this.#text(kind, data, position, type.endsWith(".delta"));
    else if (typeof data.item_id === "string") this.#itemOf(data, position);
  }

  #added(data: Fields, position: number): void {
    const item = fieldsOf(data.item);
    if (data.output_index !== this.#items.length) this.#say(position, "output_index is not the next");
    this.problems.push(...checkItem(`event ${position}`, item, false));
    if (this.#items.some((other) => other.item.id === item.id)) this.#say(position, "item id twice");
    const callId = item.call_id;
    if (
      callId &&
      this.#items.some((other) => other.item.call_id === callId && other.item.type === item.type)
    ) {
      this.#say(position, "call id twice");
    }
    this.#items.push({ item, texts: new Map() });
  }

  #itemOf(data: Fields, position: number, type?: string): OpenItem | undefined {
    const entry = this.#items[Number(data.output_index)];
    if (entry === undefined) this.#say(position, "no such output item");
    else if (entry.done) this.#say(position, "the item is done");
    else if (entry.item.id !== data.item_id) this.#say(position, "item_id is not that of the item");
    else if (type !== undefined && entry.item.type !== type) this.#say(position, `the item is no ${type}`);
    return entry;
  }

  #key(data: Fields, list: string): string {
    return `${list}:${String(list === "summary" ? data.summary_index : data.content_index)}`;
  }

  #part(data: Fields, position: number, list: string, added: boolean): void {
    const entry = this.#itemOf(data, position);
    if (entry === undefined) return;
    const key = this.#key(data, list);
    const known = entry.texts.get(key);
    const part = fieldsOf(data.part);
    const text = part.type === "refusal" ? part.refusal : part.text;
    if (added) {
      const next = [...entry.texts.keys()].filter((other) => other.startsWith(`${list}:`)).length;
      if (key !== `${list}:${next}`) this.#say(position, `${list} index is not the next`);
      entry.texts.set(key, { text: "", open: true });
      if (text !== "") this.#say(position, "a part begins with text");
      return;
    }
    if (known === undefined || known.open) this.#say(position, "part done before its text");
    else if (known.text !== text) this.#say(position, "the part is not what was streamed");
  }

  #text(kind: (typeof DELTAS)[string], data: Fields, position: number, delta: boolean): void {
    const entry = this.#itemOf(data, position, kind.type);
    if (entry === undefined) return;
    const key = kind.own ? "input" : this.#key(data, kind.list);
    if (kind.own && !entry.texts.has(key)) entry.texts.set(key, { text: "", open: true });
    const text = entry.texts.get(key);
    if (text === undefined || !text.open) {
      this.#say(position, "text outside of a part");
      return;
    }
    if (delta) {
      if (typeof data.delta !== "string") this.#say(position, "delta is no text");
      text.text += String(data.delta);
      return;
    }
    text.open = false;
    if (data[kind.field] !== text.text) this.#say(position, "done with other text than was streamed");
  }

  #done(data: Fields, position: number): void {
    const item = fieldsOf(data.item);
    const entry = this.#items[Number(data.output_index)];
    if (entry === undefined) {
      this.#say(position, "no such output item");
      return;
    }
    if (entry.done) this.#say(position, "done twice");
    for (const field of ["id", "type", "call_id", "name"]) {
      if (entry.item[field] !== item[field]) this.#say(position, `${field} changed`);
    }
    for (const [key, text] of entry.texts) if (text.open) this.#say(position, `${key} still open`);
    this.problems.push(...checkItem(`event ${position}`, item, true));
    entry.done = item;
  }

  #terminal(status: string, response: Fields, position: number): void {
    this.#ended = true;
    if (response.id !== this.#created) this.#say(position, "response id changed");
    if (response.status !== status) this.#say(position, "status is not that of the event");
    if (status === "failed" && !this.#errored) this.#say(position, "failed without an error event");
    this.problems.push(...checkReply(response));
    // What was cut in its midst is never done; the response alone says what there is of it.
    const cut = status === "completed" ? [] : list(response.output).filter(isCutCall);
    const streamed = this.#items.map((entry) => entry.done ?? cut.find(({ id }) => id === entry.item.id));
    if (streamed.includes(undefined)) this.#say(position, "an item was never done");
    if (!isDeepStrictEqual(streamed, response.output)) this.#say(position, "output is not what was streamed");
  }
}

const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
const isCutCall = ({ type, status }: Fields): boolean =>
  String(type).endsWith("_call") && status === "incomplete";

/** Problems of a whole stream. Empty: accepted. `[DONE]` is not part of this protocol. */
export function checkStream(events: readonly WireEvent[]): string[] {
  const checker = new Checker();
  for (const [position, event] of events.entries()) checker.see(event, position);
  return checker.end();
}
