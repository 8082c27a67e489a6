/** Canonical messages as input items. */

import { compact, type Fields, fieldsOf, textOf } from "../../../common/json.ts";
import type {
  AssistantPart,
  Message,
  ReasoningPart,
  Signature,
  Source,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
  Warn,
} from "../../chat.ts";
import { callAsFunction, type ToolNames } from "../../clientTools.ts";
import { encodeAnnotation } from "../citations.ts";
import { CALL_TYPE, callFields, hasItem, type ItemToolKind } from "../clientCalls.ts";
import { callIdOf, isOwnId, providerItemId } from "../ids.ts";
import { isCarried } from "../signatures.ts";

const PROTOCOL = "openai-responses" as const;
/** Providers whose open models take plain reasoning text back. */
const PLAIN_REASONING = new Set(["lmstudio", "vllm", "ollama"]);

export interface InputOptions {
  provider: string;
  /** The client spoke this protocol. */
  own: boolean;
  /** `store` of the request that is sent. */
  store: boolean | undefined;
  names: ToolNames;
  warn: Warn;
}

function dataUrl(source: Extract<Source, { kind: "base64" }>): string {
  return `data:${source.mediaType};base64,${source.data}`;
}

const isOpenAi = (protocol: string) => protocol === PROTOCOL || protocol === "openai-chat";

/** Writes the items of one request. */
export class InputWriter {
  readonly items: Fields[] = [];
  readonly #options: InputOptions;
  #cacheWarned = false;

  constructor(options: InputOptions) {
    this.#options = options;
  }

  write(message: Message, index: number): void {
    const at = `messages[${index}]`;
    if ("name" in message && message.name) this.#options.warn(`${at}.name`, "names of speakers are not sent");
    switch (message.role) {
      case "system":
      case "developer":
        this.#message(
          message.role,
          message.parts.map((part) => this.#text(part)),
        );
        return;
      case "user":
        this.#user(message.parts, at);
        return;
      case "assistant":
        this.#assistant(message, at);
        return;
      case "tool":
        for (const part of message.parts) this.#result(part, at);
    }
  }

  #message(role: string, content: Fields[]): void {
    if (content.length) this.items.push({ type: "message", role, content });
  }

  #cached(cache: TextPart["cache"]): Fields {
    if (cache === undefined) return {};
    if (this.#options.own) {
      const ttl = cache.ttl === "1h" ? "12h" : cache.ttl === "5m" ? "30m" : undefined;
      return { prompt_cache_breakpoint: { mode: "explicit", ...(ttl ? { ttl } : {}) } };
    }
    if (!this.#cacheWarned) this.#options.warn("cache_control", "prompts are cached there without markers");
    this.#cacheWarned = true;
    return {};
  }

  #text(part: TextPart): Fields {
    return { type: "input_text", text: part.text, ...this.#cached(part.cache) };
  }

  #omitted(kind: string, detail: string, at: string): Fields {
    this.#options.warn(at, `${kind} cannot be sent there; a placeholder was`);
    return { type: "input_text", text: `[${kind} omitted: ${detail}]` };
  }

  /** A part of a user's message or of a tool's result. */
  #content(part: UserPart, at: string): Fields | undefined {
    switch (part.type) {
      case "text":
        return this.#text(part);
      case "image": {
        const { source } = part;
        const common = { detail: part.detail ?? "auto", ...this.#cached(part.cache) };
        if (source.kind === "base64") return { type: "input_image", image_url: dataUrl(source), ...common };
        if (source.kind === "url") return { type: "input_image", image_url: source.url, ...common };
        if (source.kind === "file" && isOpenAi(source.protocol)) {
          return { type: "input_image", file_id: source.id, ...common };
        }
        return this.#omitted("image", source.kind === "file" ? source.id : "no data", at);
      }
      case "document": {
        const { source } = part;
        const name = part.name ?? part.title;
        const common = this.#cached(part.cache);
        if (source.kind === "text") {
          const head = name === undefined ? "" : `${name}\n\n`;
          return { type: "input_text", text: `${head}${source.text}`, ...common };
        }
        if (source.kind === "base64") {
          const extension = source.mediaType === "application/pdf" ? "pdf" : "txt";
          const filename = name ?? `document.${extension}`;
          return { type: "input_file", filename, file_data: dataUrl(source), ...common };
        }
        if (source.kind === "url") {
          return { type: "input_file", ...(name ? { filename: name } : {}), file_url: source.url, ...common };
        }
        if (isOpenAi(source.protocol)) return { type: "input_file", file_id: source.id, ...common };
        return this.#omitted("document", name ?? source.id, at);
      }
      case "audio": {
        if (this.#options.own && part.source.kind === "base64") {
          const subtype = part.source.mediaType.split("/")[1] ?? "wav";
          const format = subtype === "mpeg" ? "mp3" : subtype;
          return { type: "input_audio", input_audio: { data: part.source.data, format } };
        }
        return this.#omitted("audio", part.transcript ?? "no transcript", at);
      }
      case "video":
        return this.#omitted("video", part.source.kind === "url" ? part.source.url : "inline data", at);
      case "provider":
        if (part.protocol === PROTOCOL) return fieldsOf(part.raw);
        this.#options.warn(at, "a part that only its own provider understands was left out");
        return undefined;
      case "provider-tool":
        return undefined;
    }
  }

  #user(parts: readonly UserPart[], at: string): void {
    let content: Fields[] = [];
    for (const [index, part] of parts.entries()) {
      const here = `${at}.content[${index}]`;
      const item = this.#ownItem(part, here);
      if (item === undefined) {
        const encoded = this.#content(part, here);
        if (encoded !== undefined) content.push(encoded);
        continue;
      }
      this.#message("user", content);
      content = [];
      if (item !== "dropped") this.items.push(item);
    }
    this.#message("user", content);
  }

  /** A part that stands for a whole item of its own. */
  #ownItem(part: UserPart | AssistantPart, at: string): Fields | "dropped" | undefined {
    if (part.type === "provider-tool") {
      const raw = fieldsOf(part.raw);
      const id = textOf(raw.id);
      if (part.protocol === PROTOCOL && !(id !== undefined && isOwnId(id))) return raw;
      if (part.protocol !== PROTOCOL) {
        this.#options.warn(at, `${part.tool} of another provider was left out`);
      }
      return "dropped";
    }
    if (part.type !== "provider") return undefined;
    const raw = fieldsOf(part.raw);
    const isItem = part.protocol === PROTOCOL && !CONTENT_TYPES.test(String(raw.type ?? "item_reference"));
    return isItem ? raw : undefined;
  }

  #assistant(message: Extract<Message, { role: "assistant" }>, at: string): void {
    let content: Fields[] = [];
    let first = true;
    const flush = () => {
      if (content.length === 0) return;
      const id = first ? providerItemId("message", message.itemId) : undefined;
      const phase =
        message.phase === "commentary" || message.phase === "final_answer" ? message.phase : undefined;
      this.items.push(
        compact({
          type: "message" as const,
          id,
          role: "assistant" as const,
          status: id === undefined ? undefined : ("completed" as const),
          content,
          phase: first ? phase : undefined,
        }),
      );
      first = false;
      content = [];
    };
    for (let index = 0; index < message.parts.length; index++) {
      const part = message.parts[index];
      if (part === undefined) continue;
      const here = `${at}.content[${index}]`;
      if (part.type === "text") {
        content.push({ type: "output_text", text: part.text, annotations: this.#annotations(part, here) });
        continue;
      }
      if (part.type === "refusal") {
        content.push({ type: "refusal", refusal: part.text });
        continue;
      }
      if (part.type === "audio") {
        const text = part.transcript ?? "[audio omitted]";
        content.push({ type: "output_text", text, annotations: [] });
        this.#options.warn(here, "audio was sent as its transcript");
        continue;
      }
      if (part.type === "image" && part.extra?.protocol !== PROTOCOL) {
        content.push({ type: "output_text", text: "[image omitted: made earlier]", annotations: [] });
        this.#options.warn(here, "an image the model made earlier cannot be sent there; a placeholder was");
        continue;
      }
      flush();
      if (part.type === "image") this.#image(part.extra?.fields ?? {});
      else if (part.type === "tool-call") this.#call(part);
      else if (part.type === "reasoning") index = this.#reasoning(message.parts, index, here);
      else {
        const item = this.#ownItem(part, here);
        if (item !== undefined && item !== "dropped") this.items.push(item);
        else if (item === undefined)
          this.#options.warn(here, "a part that only its own provider understands was left out");
      }
    }
    flush();
  }

  #image(item: Fields): void {
    const id = textOf(item.id);
    if (id === undefined || isOwnId(id)) return;
    this.items.push(item);
  }

  #annotations(part: TextPart, at: string): Fields[] {
    if (part.citations === undefined) return [];
    const encoded = part.citations.map(encodeAnnotation);
    if (encoded.includes(undefined))
      this.#options.warn(`${at}.citations`, "some citations have no form there");
    return encoded.filter((entry) => entry !== undefined);
  }

  /** One reasoning item of the parts from `start` on; returns the index of its last part. */
  #reasoning(parts: readonly AssistantPart[], start: number, at: string): number {
    const group: ReasoningPart[] = [];
    let end = start;
    for (; end < parts.length; end++) {
      const part = parts[end];
      if (part?.type !== "reasoning" || (group.length && part.itemId !== group[0]?.itemId)) break;
      group.push(part);
      if (part.proof !== undefined) {
        end++;
        break;
      }
    }
    this.#reasoningItem(group, at);
    return end - 1;
  }

  #reasoningItem(group: readonly ReasoningPart[], at: string): void {
    const { provider, own, store, warn } = this.#options;
    const proof: Signature | undefined = group.at(-1)?.proof;
    const id = providerItemId("reasoning", group[0]?.itemId);
    const mine = proof?.protocol === PROTOCOL && proof.kind === "encrypted" && !isCarried(proof.data);
    const stored = id !== undefined && own && store !== false && proof === undefined;
    const plain = PLAIN_REASONING.has(provider) && (proof === undefined || mine);
    if (!mine && !stored && !plain) {
      warn(at, "reasoning of another model or without its proof was not sent back");
      return;
    }
    const texts = group.filter((part) => part.text !== "");
    const content = texts.filter((part) => part.summary === false || (plain && !part.summary));
    const summary = texts.filter((part) => !content.includes(part));
    this.items.push(
      compact({
        type: "reasoning" as const,
        id,
        summary: summary.map((part) => ({ type: "summary_text", text: part.text })),
        content: content.length
          ? content.map((part) => ({ type: "reasoning_text", text: part.text }))
          : undefined,
        encrypted_content: mine ? proof.data : undefined,
      }),
    );
  }

  #call(part: ToolCallPart): void {
    const callId = callIdOf(part.callId);
    const extra = part.extra?.protocol === PROTOCOL ? part.extra.fields : {};
    if (hasItem(part.clientTool)) {
      this.items.push(clientCallItem(part.clientTool, part, callId, extra));
      return;
    }
    if (part.kind === "custom") {
      const id = providerItemId("custom_tool_call", part.itemId);
      const { name, namespace, input } = part;
      this.items.push(
        compact({ type: "custom_tool_call", id, call_id: callId, name, namespace, input, ...extra }),
      );
      return;
    }
    const call = callAsFunction(part, this.#options.names);
    const id = providerItemId("function_call", part.itemId);
    const { namespace } = part;
    const name = namespace === undefined ? call.name : part.name;
    this.items.push(
      compact({
        type: "function_call",
        id,
        call_id: callId,
        name,
        namespace,
        arguments: call.arguments,
        ...extra,
      }),
    );
  }

  #result(part: ToolResultPart, at: string): void {
    const callId = callIdOf(part.callId);
    const extra = part.extra?.protocol === PROTOCOL ? part.extra.fields : {};
    if (hasItem(part.clientTool)) {
      this.items.push(this.#clientResult(part.clientTool, part, callId, extra));
      return;
    }
    const type = part.kind === "custom" ? "custom_tool_call_output" : "function_call_output";
    const id = providerItemId(type, part.itemId);
    this.items.push(compact({ type, id, call_id: callId, output: this.#output(part, at), ...extra }));
  }

  #output(part: ToolResultPart, at: string): string | Fields[] {
    const content = part.content
      .map((entry, index) => this.#content(entry, `${at}.content[${index}]`))
      .filter((entry) => entry !== undefined);
    if (part.isError) markError(content);
    const only = content.length === 1 ? content[0] : undefined;
    const text =
      only?.type === "input_text" && !("prompt_cache_breakpoint" in only) ? textOf(only.text) : undefined;
    if (text !== undefined) return text;
    return content.length ? content : "";
  }

  #clientResult(kind: ItemToolKind, part: ToolResultPart, callId: string, extra: Fields): Fields {
    const text = part.content
      .filter((entry) => entry.type === "text")
      .map((entry) => entry.text)
      .join("\n");
    const id = part.itemId;
    switch (kind) {
      case "local_shell":
        return { type: "local_shell_call_output", id: id ?? callId, call_id: callId, output: text, ...extra };
      case "shell": {
        const outcome = { type: "exit", exit_code: part.isError ? 1 : 0 };
        const output = [{ stdout: text, stderr: "", outcome }];
        return compact({ type: "shell_call_output", id, call_id: callId, output, ...extra });
      }
      case "apply_patch": {
        const status = part.isError ? "failed" : "completed";
        const output = text || undefined;
        return compact({ type: "apply_patch_call_output", id, call_id: callId, status, output, ...extra });
      }
      case "computer": {
        const shot = part.content.find((entry) => entry.type === "image")?.source;
        const output = {
          type: "computer_screenshot",
          ...(shot?.kind === "base64" ? { image_url: dataUrl(shot) } : {}),
          ...(shot?.kind === "url" ? { image_url: shot.url } : {}),
          ...(shot?.kind === "file" ? { file_id: shot.id } : {}),
        };
        return compact({ type: "computer_call_output", id, call_id: callId, output, ...extra });
      }
      case "tool_search":
        return compact({
          type: "tool_search_output",
          id,
          call_id: callId,
          execution: "client",
          status: "completed",
          tools: [],
          ...extra,
        });
    }
  }
}

/** Raw parts with these types are content; others are items. */
const CONTENT_TYPES = /^(?:input|output)_(?:text|image|file|audio)$|^refusal$/;

function clientCallItem(kind: ItemToolKind, part: ToolCallPart, callId: string, extra: Fields): Fields {
  const type = CALL_TYPE[kind];
  return compact({
    type,
    id: providerItemId(type, part.itemId) ?? (kind === "local_shell" ? callId : undefined),
    call_id: callId,
    ...callFields(kind, part.input),
    status: "completed",
    ...extra,
  });
}

/** The API has no field for a failed result: the text says so, where it does not yet. */
function markError(content: Fields[]): void {
  const first = content[0];
  if (first?.type === "input_text") {
    const text = String(first.text);
    if (!/error|fail|exception|denied|not found/i.test(text.slice(0, 200))) {
      content[0] = { ...first, text: `Error: ${text}` };
    }
  } else content.unshift({ type: "input_text", text: "Error" });
}
