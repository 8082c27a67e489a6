/** Canonical parts as content of input messages and of tools' results. */

import { type Fields, fieldsOf, textOf } from "../../../common/json.ts";
import type { AssistantPart, TextPart, UserPart, Warn } from "../../chat.ts";
import { dataUrl } from "../../dataUrl.ts";
import { documentText } from "../../documentText.ts";
import { providerToolText } from "../../webSearch.ts";
import { isOwnId } from "../ids.ts";

const PROTOCOL = "openai-responses" as const;
/** Raw parts with these types are content; others are items. */
const CONTENT_TYPES = /^(?:input|output)_(?:text|image|file|audio)$|^refusal$/;

const isOpenAi = (protocol: string) => protocol === PROTOCOL || protocol === "openai-chat";

/** What is read in the place of a part that only another provider understands; `undefined`: there is nothing. */
export function foreignText(part: UserPart | AssistantPart, at: string, warn: Warn): string | undefined {
  if ((part.type !== "provider" && part.type !== "provider-tool") || part.protocol === PROTOCOL)
    return undefined;
  if (part.type === "provider") return part.text;
  const text = providerToolText(part);
  if (text !== undefined) warn(at, `what ${part.tool} of another provider found is shown as text`);
  return text;
}

/** A part that stands for a whole item of its own; `undefined` for one that is content. */
export function ownItem(
  part: UserPart | AssistantPart,
  at: string,
  warn: Warn,
): Fields | "dropped" | undefined {
  if (part.type === "provider-tool") {
    const raw = fieldsOf(part.raw);
    const id = textOf(raw.id);
    if (part.protocol === PROTOCOL && !(id !== undefined && isOwnId(id))) return raw;
    if (part.protocol !== PROTOCOL) {
      warn(at, `${part.tool} of another provider was left out`);
    }
    return "dropped";
  }
  if (part.type !== "provider") return undefined;
  const raw = fieldsOf(part.raw);
  const isItem = part.protocol === PROTOCOL && !CONTENT_TYPES.test(String(raw.type ?? "item_reference"));
  return isItem ? raw : undefined;
}

/** Writes the content of one request. */
export class ContentWriter {
  /** The client spoke this protocol. */
  readonly #own: boolean;
  /** The model takes `prompt_cache_breakpoint`. */
  readonly #breakpoints: boolean;
  readonly #warn: Warn;
  #cacheWarned = false;

  constructor(own: boolean, breakpoints: boolean, warn: Warn) {
    this.#own = own;
    this.#breakpoints = breakpoints;
    this.#warn = warn;
  }

  #cached(cache: TextPart["cache"]): Fields {
    if (cache === undefined) return {};
    if (this.#own) {
      const ttl = cache.ttl === "1h" ? "12h" : cache.ttl === "5m" ? "30m" : undefined;
      return { prompt_cache_breakpoint: { mode: "explicit", ...(ttl ? { ttl } : {}) } };
    }
    // Without a lifetime: the shortest is 30 minutes, and more than 5 are no loss.
    if (this.#breakpoints) return { prompt_cache_breakpoint: { mode: "explicit" } };
    if (!this.#cacheWarned) this.#warn("cache_control", "prompts are cached there without markers");
    this.#cacheWarned = true;
    return {};
  }

  text(part: TextPart): Fields {
    return { type: "input_text", text: part.text, ...this.#cached(part.cache) };
  }

  #omitted(kind: string, detail: string, at: string): Fields {
    this.#warn(at, `${kind} cannot be sent there; a placeholder was`);
    return { type: "input_text", text: `[${kind} omitted: ${detail}]` };
  }

  /** A part of a user's message or of a tool's result. */
  content(part: UserPart, at: string): Fields | undefined {
    switch (part.type) {
      case "text":
        return this.text(part);
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
          return { type: "input_text", text: documentText(part, source.text), ...common };
        }
        if (part.context !== undefined)
          this.#warn(`${at}.context`, "files have no such field there; left out");
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
        if (this.#own && part.source.kind === "base64") {
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
        if (part.text !== undefined) return { type: "input_text", text: part.text };
        this.#warn(at, "a part that only its own provider understands was left out");
        return undefined;
      case "provider-tool":
        return undefined;
    }
  }
}
