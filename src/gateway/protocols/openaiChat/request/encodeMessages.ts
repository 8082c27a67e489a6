/**
 * The conversation as a chat completions target accepts it: results right after their calls,
 * every call answered, roles and parts the target knows.
 */
import { isRecord, parseJson } from "../../../common/json.ts";
import type { AssistantPart, ChatRequest, Message, ToolCallPart, ToolResultPart } from "../../chat.ts";
import { callAsFunction, type ToolNames } from "../../clientTools.ts";
import { shortId } from "../../shortIds.ts";
import { detailText, signatureToExtra, signedId } from "../signatures.ts";
import type { Json } from "../values.ts";
import { asContent, encodeParts, encodeUserPart, type PartContext } from "./encodeParts.ts";

interface Context extends PartContext {
  names: ToolNames;
  model: string;
}

type AssistantMessage = Extract<Message, { role: "assistant" }>;

function nameField(name: string | undefined, feature: string, context: Context): Json {
  if (!name) return {};
  if (!context.dialect.names) {
    context.warn(`${feature}.name`, "this target takes no names of participants");
    return {};
  }
  // OpenAI: ^[^\s<|\\/>]+$, at most 64 characters.
  const clean = name.replace(/[\s<|\\/>]+/g, "_").slice(0, 64);
  return { name: clean };
}

/** Reasoning of earlier turns, in the field where the target reads it. */
function replayReasoning(parts: readonly AssistantPart[], feature: string, context: Context): Json {
  const { dialect, warn } = context;
  const reasoning = parts.filter((part) => part.type === "reasoning");
  const calls = parts.some((part) => part.type === "tool-call");
  const plain = reasoning.map((part) => part.text).join("");
  const fields: Json = {};
  if (plain !== "") {
    if (dialect.replay === "none")
      warn(`${feature}.reasoning`, "this target takes no reasoning of earlier turns");
    else if (dialect.replay !== "thinking") fields[dialect.replay] = plain;
  } else if (dialect.replayRequired && calls) {
    // DeepSeek and Moonshot refuse a call without this field while thinking is on.
    fields.reasoning_content = " ";
  }
  if (dialect.details) {
    const details: Json[] = [];
    for (const part of reasoning) {
      if (part.signature?.protocol !== "openai-chat") continue;
      const entry = parseJson(part.signature.data);
      if (!isRecord(entry)) continue;
      const key = entry.type === "reasoning.summary" ? "summary" : "text";
      details.push(part.text === "" || detailText(entry) !== "" ? entry : { ...entry, [key]: part.text });
    }
    if (details.length > 0) fields.reasoning_details = details;
  }
  return fields;
}

/** Gemini behind an OpenAI-style endpoint wants its signatures back; nobody else knows the field. */
function extraContent(part: { signature?: ToolCallPart["signature"] }, context: Context): Json {
  const { signature } = part;
  if (signature === undefined || signature.protocol !== "gemini" || !context.model.includes("gemini"))
    return {};
  return { extra_content: signatureToExtra(signature) };
}

function encodeCall(part: ToolCallPart, id: string, context: Context): Json {
  if (part.kind === "custom" && context.dialect.customTools && part.namespace === undefined) {
    return { id, type: "custom", custom: { name: part.name, input: part.input } };
  }
  const call = callAsFunction(part, context.names);
  return { id, type: "function", function: call, ...extraContent(part, context) };
}

/** Text, refusal and audio of an assistant's message; null where it only calls tools. */
function assistantContent(parts: readonly AssistantPart[], feature: string, context: Context) {
  const { dialect, warn } = context;
  const content: Json[] = [];
  const fields: Json = {};
  let thought: { type: "text"; text: string } | undefined;
  for (const [i, part] of parts.entries()) {
    const where = `${feature}.content[${i}]`;
    switch (part.type) {
      case "text": {
        const encoded = encodeUserPart(part, where, context);
        if (encoded !== undefined) content.push(encoded);
        Object.assign(fields, extraContent(part, context));
        break;
      }
      case "refusal":
        content.push(
          dialect.refusal ? { type: "refusal", refusal: part.text } : { type: "text", text: part.text },
        );
        break;
      case "reasoning":
        if (dialect.replay === "thinking" && part.text !== "") {
          // Clients bring one thought in the pieces that it came in.
          if (parts[i - 1]?.type === "reasoning" && thought !== undefined) thought.text += part.text;
          else {
            thought = { type: "text", text: part.text };
            content.push({ type: "thinking", thinking: [thought] });
          }
        }
        break;
      case "audio":
        if (
          dialect.audio &&
          part.id !== undefined &&
          part.source.kind === "file" &&
          part.source.protocol === "openai-chat"
        ) {
          fields.audio = { id: part.id };
          break;
        }
        warn(where, "a target takes no audio in replies of earlier turns; words were sent in its place");
        content.push({ type: "text", text: part.transcript ?? "[audio omitted]" });
        break;
      case "image":
        warn(where, "a target takes no images in replies of earlier turns; a note was sent in its place");
        content.push({ type: "text", text: "[image omitted: generated in an earlier turn]" });
        break;
      case "provider-tool":
      case "provider": {
        const encoded = encodeUserPart(part, where, context);
        if (encoded !== undefined) content.push(encoded);
        break;
      }
      case "tool-call":
        break;
    }
  }
  return { content, fields };
}

function encodeResult(
  part: ToolResultPart,
  id: string,
  feature: string,
  context: Context,
): { message: Json; media: Json[] } {
  const texts: Json[] = [];
  const media: Json[] = [];
  for (const [i, content] of part.content.entries()) {
    const encoded = encodeUserPart(content, `${feature}.content[${i}]`, context);
    if (encoded === undefined) continue;
    (encoded.type === "text" ? texts : media).push(encoded);
  }
  if (part.isError) texts.unshift({ type: "text", text: "The tool failed." });
  if (media.length > 0) {
    texts.push({ type: "text", text: "[what this tool returned follows in the next user message]" });
  }
  return { message: { role: "tool", tool_call_id: id, content: asContent(texts, context.dialect) }, media };
}

/** The results that answer `calls`, taken out of the messages before the next assistant message. */
function takeResults(
  calls: readonly ToolCallPart[],
  messages: readonly Message[],
  from: number,
  taken: Set<ToolResultPart>,
): (ToolResultPart | undefined)[] {
  const waiting = new Map<string, ToolResultPart[]>();
  for (let i = from; i < messages.length; i++) {
    const message = messages[i];
    if (message === undefined || message.role === "assistant") break;
    if (message.role !== "tool") continue;
    for (const part of message.parts) {
      const queue = waiting.get(part.callId);
      if (queue === undefined) waiting.set(part.callId, [part]);
      else queue.push(part);
    }
  }
  return calls.map((call) => {
    const result = waiting.get(call.callId)?.shift();
    if (result !== undefined) taken.add(result);
    return result;
  });
}

/** Ids of one turn's calls: accepted by the target, and each once. */
function idsOf(calls: readonly ToolCallPart[], context: Context): string[] {
  const used = new Set<string>();
  return calls.map((call) => {
    let id = signedId(call) ?? shortId(call.callId, context.dialect.callId);
    for (let n = 2; used.has(id); n++) id = shortId(`${call.callId}#${n} `, context.dialect.callId);
    used.add(id);
    return id;
  });
}

class Writer {
  readonly out: Json[] = [];
  readonly #context: Context;
  readonly #taken = new Set<ToolResultPart>();

  constructor(context: Context) {
    this.#context = context;
  }

  #user(content: string | Json[], name: Json = {}): void {
    if (this.#context.dialect.assistantAfterTool && this.out.at(-1)?.role === "tool") {
      // Mistral refuses a user message right after tool results.
      this.out.push({ role: "assistant", content: "Noted." });
    }
    this.out.push({ role: "user", content, ...name });
  }

  system(message: Extract<Message, { role: "system" | "developer" }>, feature: string): void {
    const { dialect, warn } = this.#context;
    const parts = encodeParts(message.parts, feature, this.#context);
    if (parts.length === 0) return;
    const role = message.role === "developer" && dialect.developer ? "developer" : "system";
    const last = this.out.at(-1);
    if (dialect.system === "anywhere" || last === undefined) {
      this.out.push({
        role,
        content: asContent(parts, dialect),
        ...nameField(message.name, feature, this.#context),
      });
    } else if (this.out.length === 1 && last.role === "system") {
      last.content = `${String(last.content)}\n\n${String(asContent(parts, dialect))}`;
    } else {
      warn(feature, "system text within the conversation was sent as the user's");
      this.#user(asContent(parts, dialect));
    }
  }

  user(message: Extract<Message, { role: "user" }>, feature: string): void {
    const parts = encodeParts(message.parts, feature, this.#context);
    if (parts.length === 0 && message.parts.some((part) => part.type !== "text")) return;
    this.#user(asContent(parts, this.#context.dialect), nameField(message.name, feature, this.#context));
  }

  /** With the results of its calls, which are looked for in `messages` behind `index`. */
  assistant(message: AssistantMessage, messages: readonly Message[], index: number, feature: string): void {
    const { dialect, warn } = this.#context;
    const calls = message.parts.filter((part) => part.type === "tool-call");
    const ids = idsOf(calls, this.#context);
    const { content, fields } = assistantContent(message.parts, feature, this.#context);
    if (content.length === 0 && calls.length === 0 && fields.audio === undefined) {
      if (message.parts.some((part) => part.type !== "text"))
        warn(feature, "nothing was left of this message");
      return;
    }
    this.out.push({
      role: "assistant",
      content: content.length === 0 ? null : asContent(content, dialect),
      ...replayReasoning(message.parts, feature, this.#context),
      ...fields,
      ...(calls.length === 0
        ? {}
        : { tool_calls: calls.map((call, i) => encodeCall(call, ids[i] ?? call.callId, this.#context)) }),
      ...nameField(message.name, feature, this.#context),
    });
    const media: Json[] = [];
    for (const [i, result] of takeResults(calls, messages, index + 1, this.#taken).entries()) {
      const id = ids[i] ?? "";
      if (result === undefined) {
        warn(`${feature}.tool_calls[${i}]`, "its result was missing; an empty one was sent");
        this.out.push({ role: "tool", tool_call_id: id, content: "[no result was recorded]" });
        continue;
      }
      const encoded = encodeResult(result, id, feature, this.#context);
      this.out.push(encoded.message);
      media.push(...encoded.media);
    }
    if (media.length > 0) this.#user(media);
  }

  /** Results whose call is not in the turn before them. */
  orphans(message: Extract<Message, { role: "tool" }>, feature: string): void {
    for (const part of message.parts) {
      if (this.#taken.has(part)) continue;
      this.#context.warn(
        feature,
        `a tool result without its call (${part.callId}) was sent as the user's words`,
      );
      const parts = encodeParts(part.content, feature, this.#context);
      const head = { type: "text", text: `Result of ${part.name ?? "a tool"}:` };
      this.#user(asContent([head, ...parts], this.#context.dialect));
    }
  }

  /** An assistant's message at the end is one to continue, where the target has a mark for that. */
  finish(): Json[] {
    const last = this.out.at(-1);
    if (last?.role === "assistant" && last.tool_calls === undefined) {
      const { prefill } = this.#context.dialect;
      if (prefill === undefined)
        this.#context.warn("messages", "this target may not continue the last assistant message");
      else last[prefill] = true;
    }
    return this.out;
  }
}

/** `messages`. */
export function encodeMessages(request: ChatRequest, names: ToolNames, context: PartContext): Json[] {
  const writer = new Writer({ ...context, names, model: request.model.toLowerCase() });
  for (const [i, message] of request.messages.entries()) {
    const feature = `messages[${i}]`;
    switch (message.role) {
      case "system":
      case "developer":
        writer.system(message, feature);
        break;
      case "user":
        writer.user(message, feature);
        break;
      case "assistant":
        writer.assistant(message, request.messages, i, feature);
        break;
      case "tool":
        writer.orphans(message, feature);
        break;
    }
  }
  return writer.finish();
}
