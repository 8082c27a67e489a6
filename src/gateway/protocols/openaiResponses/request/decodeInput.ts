/** Input items of a request as canonical messages. */

import { badRequest } from "../../../common/errors.ts";
import { type Fields, fieldsOf, isRecord, listOf, textOf } from "../../../common/json.ts";
import type { AssistantPart, Message, Part, TextPart, Tool, ToolResultPart, UserPart } from "../../chat.ts";
import { sourceOfUrl } from "../../dataUrl.ts";
import { extraOf } from "../../extra.ts";
import { loadedText } from "../../toolSearch.ts";
import { callPart } from "../callItems.ts";
import { shellText, TOOL_OF_CALL } from "../clientCalls.ts";
import { summaryPart } from "../compaction.ts";
import { check, type Item, type ItemType, itemSchemas } from "../schema.ts";
import { uncarry } from "../signatures.ts";
import { SearchPairs } from "../toolSearch.ts";
import { type ContentPart, decodeContent } from "./decodeContent.ts";
import { decodeTool } from "./decodeTools.ts";
import { PROVIDER_ITEMS, providerToolPart } from "./providerItems.ts";

const PROTOCOL = "openai-responses" as const;
const OUTPUT_FIELDS = new Set(["type", "id", "call_id", "output", "status", "name", "execution", "tools"]);
/** Items that stand in the user's turn and that only this protocol understands. */
const USER_ITEMS = new Set([
  "item_reference",
  "additional_tools",
  "configuration_update",
  "compaction_trigger",
  "mcp_approval_response",
]);

/** How many messages back the part of a carried signature is looked for. */
const ATTACH_REACH = 4;

/** Of calls, whoever carries them out, and of what they gave. */
type CallType = Extract<ItemType, `${string}_call`>;
type OutputType = "function_call_output" | "custom_tool_call_output";
type ClientOutputType = Exclude<Extract<ItemType, `${string}_output`>, OutputType>;
interface KnownCall {
  readonly callId: string;
  readonly name: string;
  readonly ofProvider: boolean;
}

type AssistantMessage = Extract<Message, { role: "assistant" }>;

/** Gathers messages; consecutive parts of one turn share a message. */
export class InputReader {
  readonly messages: Message[] = [];
  /** Tools that came with the conversation instead of the request's tool list. */
  readonly loaded: Tool[] = [];
  /** Those that the provider's own search found, which the request mostly declares. */
  readonly found: Tool[] = [];
  readonly #searches = new SearchPairs();
  /** Calls so far, by call id and by item id. */
  readonly #calls = new Map<string, KnownCall>();

  #assistant(): AssistantMessage {
    const last = this.messages.at(-1);
    if (last?.role === "assistant") return last;
    const message: AssistantMessage = { role: "assistant", parts: [] };
    this.messages.push(message);
    return message;
  }

  #say(part: AssistantPart): void {
    this.#assistant().parts.push(part);
  }

  #result(part: ToolResultPart): void {
    const last = this.messages.at(-1);
    if (last?.role === "tool") last.parts.push(part);
    else this.messages.push({ role: "tool", parts: [part] });
  }

  #user(part: UserPart): void {
    this.messages.push({ role: "user", parts: [part] });
  }

  /** @throws PorticoError `invalid_request` naming the field. */
  read(value: unknown, path: string): void {
    if (!isRecord(value)) throw badRequest(`'${path}': expected an object.`, path);
    const type = value.type ?? (value.role !== undefined ? "message" : "item_reference");
    if (typeof type !== "string") throw badRequest(`'${path}.type': expected a text.`, `${path}.type`);
    switch (type) {
      case "message":
        this.#message(check(itemSchemas.message, value, path), path);
        return;
      case "reasoning":
        this.#reasoning(check(itemSchemas.reasoning, value, path));
        return;
      case "function_call_output":
      case "custom_tool_call_output":
        this.#output(value, type, path);
        return;
      case "function_call":
      case "custom_tool_call":
      case "local_shell_call":
      case "shell_call":
      case "apply_patch_call":
      case "computer_call":
      case "tool_search_call":
        this.#call(value, type, path);
        return;
      case "local_shell_call_output":
      case "shell_call_output":
      case "apply_patch_call_output":
      case "computer_call_output":
      case "tool_search_output":
        this.#clientOutput(value, type, path);
        return;
      case "additional_tools":
        this.#load(check(itemSchemas.additional_tools, value, path).tools, path, this.loaded);
        this.#user({ type: "provider", protocol: PROTOCOL, raw: value });
        return;
      default:
        this.#other(value, type);
        return;
    }
  }

  #message(item: Item<"message">, path: string): void {
    const parts = decodeContent(item.content, `${path}.content`);
    switch (item.role) {
      case "assistant":
        this.#assistantMessage(item, parts);
        return;
      case "user":
        this.messages.push({ role: "user", parts: parts.map(asUserPart) });
        return;
      case "system":
      case "developer": {
        const text = parts.filter((part): part is TextPart => part.type === "text");
        const rest = parts.filter((part) => part.type !== "text").map(asUserPart);
        if (text.length || rest.length === 0) this.messages.push({ role: item.role, parts: text });
        if (rest.length) this.messages.push({ role: "user", parts: rest });
      }
    }
  }

  #assistantMessage(item: Item<"message">, parts: ContentPart[]): void {
    const last = this.messages.at(-1);
    const said =
      last?.role === "assistant" &&
      (last.itemId !== undefined ||
        last.parts.some((part) => part.type === "text" || part.type === "refusal"));
    const message: AssistantMessage =
      last?.role === "assistant" && !said ? last : { role: "assistant", parts: [] };
    if (message !== last) this.messages.push(message);
    if (item.id) message.itemId = item.id;
    if (item.phase) message.phase = item.phase;
    message.parts.push(...parts.map(asAssistantPart));
  }

  #reasoning(item: Item<"reasoning">): void {
    const carried = item.encrypted_content ? uncarry(item.encrypted_content) : undefined;
    if (carried?.target !== undefined) {
      this.#attach(carried.target, carried.signature);
      return;
    }
    const texts = [
      ...(item.summary ?? []).map((part) => ({ text: part.text, summary: true })),
      ...(item.content ?? []).map((part) => ({ text: part.text, summary: false })),
    ];
    if (texts.length === 0) texts.push({ text: "", summary: true });
    for (const [index, part] of texts.entries()) {
      this.#say({
        type: "reasoning",
        ...part,
        ...(item.id ? { itemId: item.id } : {}),
        ...(carried !== undefined && index === texts.length - 1 ? { signature: carried.signature } : {}),
      });
    }
  }

  /** A signature that belongs to a call or text shortly before it. */
  #attach(target: string, signature: NonNullable<TextPart["signature"]>): void {
    for (const message of this.messages.slice(-ATTACH_REACH).reverse()) {
      if (message.role !== "assistant") continue;
      const index = message.parts.findLastIndex((part) =>
        part.type === "tool-call"
          ? target === `call:${part.callId}`
          : part.type === "text" && target === "text",
      );
      const part = message.parts[index];
      if (part === undefined) continue;
      message.parts[index] = { ...part, signature } as AssistantPart;
      return;
    }
  }

  #call(value: Fields, type: CallType, path: string): void {
    const { call_id, id } = check(itemSchemas[type], value, path);
    const call = callPart(value, false);
    const callId = call?.callId ?? textOf(call_id) ?? textOf(id) ?? "";
    const known = { callId, name: call?.name ?? type, ofProvider: call === undefined };
    this.#calls.set(callId, known);
    if (call?.itemId !== undefined) this.#calls.set(call.itemId, known);
    this.#say(call ?? this.#searches.pair(providerToolPart(value)));
  }

  #output(value: Fields, type: OutputType, path: string): void {
    const item = check(itemSchemas[type], value, path);
    const callId = item.call_id ?? textOf(value.name);
    if (callId === undefined) {
      throw badRequest(`'${path}.call_id': expected the id of the call it answers.`, `${path}.call_id`);
    }
    const name = this.#calls.get(callId)?.name ?? textOf(value.name);
    this.#result({
      type: "tool-result",
      callId,
      ...(name === undefined ? {} : { name }),
      kind: type === "custom_tool_call_output" ? "custom" : "function",
      content: decodeContent(item.output, `${path}.output`).map(asUserPart),
      ...(item.id ? { itemId: item.id } : {}),
      ...extraOf(PROTOCOL, value, OUTPUT_FIELDS),
    });
  }

  #clientOutput(value: Fields, type: ClientOutputType, path: string): void {
    const item = check(itemSchemas[type], value, path);
    const given = item.call_id ?? item.id ?? "";
    const call = this.#calls.get(given);
    const ofProvider =
      type === "tool_search_output" ? value.execution !== "client" : call?.ofProvider === true;
    if (type === "tool_search_output")
      this.#load((item as Item<"tool_search_output">).tools, path, ofProvider ? this.found : this.loaded);
    if (ofProvider) {
      this.#say(this.#searches.pair(providerToolPart(value)));
      return;
    }
    const kind = TOOL_OF_CALL[type.replace(/_output$/, "").replace(/^tool_search$/, "tool_search_call")];
    if (kind === undefined) return;
    const { content, keep } = this.#clientContent(value, type);
    const known = new Set([...OUTPUT_FIELDS].filter((key) => key !== keep));
    this.#result({
      type: "tool-result",
      callId: call?.callId ?? given,
      name: kind,
      kind: "function",
      content,
      ...(value.status === "failed" && type === "apply_patch_call_output" ? { isError: true } : {}),
      ...(item.call_id && item.id ? { itemId: item.id } : {}),
      clientTool: kind,
      ...extraOf(PROTOCOL, value, known),
    });
  }

  /** What a model of another protocol reads, and the field to keep for this one. */
  #clientContent(value: Fields, type: string): { content: ToolResultPart["content"]; keep?: string } {
    const text = (given: string): ToolResultPart["content"] => (given ? [{ type: "text", text: given }] : []);
    if (type === "shell_call_output" && Array.isArray(value.output)) {
      return { content: text(shellText(value.output)), keep: "output" };
    }
    if (type === "tool_search_output" && Array.isArray(value.tools)) {
      const names = value.tools.filter(isRecord).map((tool) => textOf(tool.name) ?? String(tool.type));
      return { content: text(loadedText(names)), keep: "tools" };
    }
    if (type === "computer_call_output") {
      const shot = fieldsOf(value.output);
      const url = textOf(shot.image_url);
      const id = textOf(shot.file_id);
      if (url !== undefined) return { content: [{ type: "image", source: sourceOfUrl(url) }] };
      if (id !== undefined) {
        return { content: [{ type: "image", source: { kind: "file", id, protocol: PROTOCOL } }] };
      }
    }
    return { content: text(typeof value.output === "string" ? value.output : "") };
  }

  #load(tools: readonly Fields[], path: string, into: Tool[]): void {
    for (const [index, raw] of tools.entries()) {
      for (const tool of decodeTool(raw, `${path}.tools[${index}]`)) {
        if (tool.type === "function" || tool.type === "custom") into.push(asLoaded(tool));
      }
    }
  }

  #other(value: Fields, type: string): void {
    if (type === "image_generation_call" && textOf(value.result) !== undefined) {
      this.#say(generatedImage(value));
      return;
    }
    if (type === "agent_message") {
      this.#user(agentMessage(value));
      return;
    }
    const summary = summaryPart(value);
    if (summary !== undefined) {
      this.#say(summary);
      return;
    }
    const part: Part = PROVIDER_ITEMS.has(type)
      ? providerToolPart(value)
      : { type: "provider", protocol: PROTOCOL, raw: value };
    if (USER_ITEMS.has(type)) this.#user(part);
    else this.#say(part);
  }
}

/** A tool that a search brought is there to be called, however it was declared before. */
function asLoaded(tool: Extract<Tool, { type: "function" | "custom" }>): Tool {
  if (tool.type === "custom") return { ...tool, loaded: true };
  const { deferLoading: _hidden, ...shown } = tool;
  return { ...shown, loaded: true };
}

/** What agents wrote to each other (Codex): what is encrypted is never sent as text. */
function agentMessage(item: Fields): UserPart {
  const texts = listOf(item.content)
    .filter(isRecord)
    .flatMap(({ type, text }) =>
      (type === "input_text" || type === "output_text" || type === "text") && typeof text === "string"
        ? [text]
        : [],
    );
  const from = textOf(item.author) ?? textOf(item.sender);
  const text = [from === undefined ? [] : [`[message of ${from}]`], texts].flat().join("\n");
  return { type: "provider", protocol: PROTOCOL, raw: item, ...(texts.length > 0 ? { text } : {}) };
}

/** An image that the provider made. */
export function generatedImage(item: Fields): Extract<AssistantPart, { type: "image" }> {
  const format = textOf(item.output_format) ?? "png";
  const mediaType = format === "svg" ? "image/svg+xml" : `image/${format}`;
  const data = textOf(item.result) ?? "";
  return {
    type: "image",
    source: { kind: "base64", mediaType, data },
    extra: { protocol: PROTOCOL, fields: item },
  };
}

/** Only the model's own messages hold refusals. */
function asUserPart(part: ContentPart): Exclude<ContentPart, { type: "refusal" }> {
  return part.type === "refusal" ? { type: "text", text: part.text } : part;
}

function asAssistantPart(part: ContentPart): AssistantPart {
  if (part.type !== "document") return part;
  return { type: "text", text: `[document omitted: ${part.name ?? "file"}]` };
}
