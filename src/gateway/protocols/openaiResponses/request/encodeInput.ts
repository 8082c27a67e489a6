/** Canonical messages as input items. */

import { compact, type Fields, textOf } from "../../../common/json.ts";
import type { AssistantPart, Message, ReasoningPart, TextPart, UserPart, Warn } from "../../chat.ts";
import type { ToolNames } from "../../clientTools.ts";
import { isToolSearch, joinToolSearches } from "../../toolSearch.ts";
import { encodeAnnotation } from "../citations.ts";
import { isOwnId, providerItemId } from "../ids.ts";
import { searchItems } from "../toolSearch.ts";
import { callItem, resultItem } from "./encodeCalls.ts";
import { ContentWriter, foreignText, ownItem } from "./encodeContent.ts";
import { reasoningItem } from "./encodeReasoning.ts";

const PROTOCOL = "openai-responses" as const;

export interface InputOptions {
  provider: string;
  /** The client spoke this protocol. */
  own: boolean;
  /** `store` of the request that is sent. */
  store: boolean | undefined;
  names: ToolNames;
  /** The tools as they are sent, where the provider searches among them. */
  found: readonly Fields[] | undefined;
  /** The model takes `prompt_cache_breakpoint`. */
  breakpoints: boolean;
  warn: Warn;
}

/** Writes the items of one request. */
export class InputWriter {
  readonly items: Fields[] = [];
  readonly #options: InputOptions;
  readonly #content: ContentWriter;

  constructor(options: InputOptions) {
    this.#options = options;
    this.#content = new ContentWriter(options.own, options.breakpoints, options.warn);
  }

  write(message: Message, index: number): void {
    const at = `messages[${index}]`;
    if ("name" in message && message.name) this.#options.warn(`${at}.name`, "names of speakers are not sent");
    switch (message.role) {
      case "system":
      case "developer":
        this.#message(
          message.role,
          message.parts.filter(({ text }) => text !== "").map((part) => this.#content.text(part)),
        );
        return;
      case "user":
        this.#user(message.parts, at);
        return;
      case "assistant":
        this.#assistant(message, at);
        return;
      case "tool":
        for (const part of message.parts) this.items.push(resultItem(part, at, this.#content));
    }
  }

  #message(role: string, content: Fields[]): void {
    if (content.length) this.items.push({ type: "message", role, content });
  }

  #user(parts: readonly UserPart[], at: string): void {
    let content: Fields[] = [];
    for (const [index, part] of parts.entries()) {
      const here = `${at}.content[${index}]`;
      const item = ownItem(part, here, this.#options.warn);
      if (item === undefined) {
        const encoded = this.#content.content(part, here);
        if (encoded !== undefined) content.push(encoded);
        continue;
      }
      this.#message("user", content);
      content = [];
      if (item !== "dropped") this.items.push(item);
    }
    this.#message("user", content);
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
    const parts = joinToolSearches(message.parts, PROTOCOL);
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index];
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
      const search = this.#search(part);
      if (search.length > 0) {
        flush();
        this.items.push(...search);
        continue;
      }
      const foreign = foreignText(part, here, this.#options.warn);
      if (foreign !== undefined) {
        content.push({ type: "output_text", text: foreign, annotations: [] });
        continue;
      }
      flush();
      if (part.type === "image") this.#image(part.extra?.fields ?? {});
      else if (part.type === "tool-call") this.items.push(callItem(part, this.#options.names));
      else if (part.type === "reasoning") index = this.#reasoning(parts, index, here);
      else {
        const item = ownItem(part, here, this.#options.warn);
        if (item !== undefined && item !== "dropped") this.items.push(item);
        else if (item === undefined)
          this.#options.warn(here, "a part that only its own provider understands was left out");
      }
    }
    flush();
  }

  /** A search that another provider ran, where this one can be told of it. */
  #search(part: AssistantPart): Fields[] {
    const { found: tools, names } = this.#options;
    if (tools === undefined || !isToolSearch(part) || part.protocol === PROTOCOL) return [];
    return part.phase === "both" ? searchItems(part, { tools, names }) : [];
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
      if (part.signature !== undefined) {
        end++;
        break;
      }
    }
    const item = reasoningItem(group, at, this.#options);
    if (item !== undefined) this.items.push(item);
    return end - 1;
  }
}
