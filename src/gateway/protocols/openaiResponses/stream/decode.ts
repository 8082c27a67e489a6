/** A provider's stream of response events as canonical events. */

import {
  type Fields,
  fieldsOf,
  isRecord,
  listOf,
  numberOf,
  parseJson,
  textOf,
} from "../../../common/json.ts";
import type { ChatError, ChatEvent, ChatRequest } from "../../chat.ts";
import { callRestorer, toolNames } from "../../clientTools.ts";
import type { StreamDecoder, StreamStage, WireEvent } from "../../codec.ts";
import { usageIn } from "../../wire.ts";
import { decodeError } from "../errors.ts";
import { failureOf, finishOf } from "../reply/decode.ts";
import { keepTool } from "../request/encodeTools.ts";
import { wire } from "../wire.ts";
import { OpenItems } from "./openItems.ts";

class Decoder implements StreamDecoder {
  readonly #restore: (events: ChatEvent[]) => ChatEvent[];
  readonly #items: OpenItems;
  #out: ChatEvent[] = [];
  #started = false;
  #ended = false;

  constructor(request: ChatRequest) {
    const names = toolNames(request.tools, keepTool);
    this.#restore = callRestorer(names);
    this.#items = new OpenItems({
      names,
      emit: (event) => this.#emit(event),
      begin: () => this.#start({}),
    });
  }

  get stage(): StreamStage {
    return this.#ended ? "over" : "open";
  }

  push(event: WireEvent): ChatEvent[] {
    if (this.#ended || event.data === "[DONE]" || event.data === "") return [];
    // Some servers lose the last brace of an event.
    const data = parseJson(event.data) ?? parseJson(`${event.data}}`);
    if (isRecord(data)) this.#event(textOf(data.type) ?? event.event ?? "", data);
    return this.#take();
  }

  end(excuse?: () => void): ChatEvent[] {
    if (this.#ended) return [];
    if (excuse !== undefined && this.#items.anything && !this.#items.hasOpenCall) {
      excuse();
      this.#finish({}, "response.completed");
      return this.#take();
    }
    this.#fail({
      kind: "upstream",
      message: "The provider's stream ended before the response was complete.",
    });
    return this.#take();
  }

  #take(): ChatEvent[] {
    const events = this.#restore(this.#out);
    this.#out = [];
    return events;
  }

  #emit(event: ChatEvent): void {
    this.#out.push(event);
  }

  #event(type: string, data: Fields): void {
    switch (type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        this.#start(fieldsOf(data.response));
        return;
      case "response.output_item.added":
        this.#items.added(data);
        return;
      case "response.output_item.done":
        this.#items.done(data);
        return;
      case "response.content_part.added": {
        const part = fieldsOf(data.part);
        if (part.type === "reasoning_text") this.#items.part(data, "content", "reasoning", false);
        else if (part.type === "refusal") this.#items.part(data, "content", "text", true);
        else this.#items.part(data, "content", "text", false);
        return;
      }
      case "response.output_text.delta":
        this.#items.text(data, data.delta, false, true);
        return;
      case "response.output_text.done":
        this.#items.text(data, data.text, false, false);
        return;
      case "response.refusal.delta":
        this.#items.text(data, data.delta, true, true);
        return;
      case "response.refusal.done":
        this.#items.text(data, data.refusal, true, false);
        return;
      case "response.content_part.done":
        this.#items.close(data, "content");
        return;
      case "response.output_text.annotation.added":
        this.#items.annotation(data);
        return;
      case "response.reasoning_summary_part.added":
        this.#items.part(data, "summary", "reasoning", true);
        return;
      case "response.reasoning_summary_text.delta":
        this.#items.think(data, data.delta, "summary", true);
        return;
      case "response.reasoning_summary_text.done":
        this.#items.think(data, data.text, "summary", false);
        return;
      case "response.reasoning_summary_part.done":
        this.#items.close(data, "summary");
        return;
      case "response.reasoning_text.delta":
        this.#items.think(data, data.delta, "content", true);
        return;
      case "response.reasoning_text.done":
        this.#items.think(data, data.text, "content", false);
        return;
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        this.#items.callInput(data, data.delta, true);
        return;
      case "response.function_call_arguments.done":
        this.#items.callInput(data, data.arguments, false);
        return;
      case "response.custom_tool_call_input.done":
        this.#items.callInput(data, data.input, false);
        return;
      case "response.completed":
      case "response.incomplete":
        this.#finish(fieldsOf(data.response), type);
        return;
      case "response.done":
        this.#done(fieldsOf(data.response));
        return;
      case "response.failed":
      case "response.cancelled":
        this.#say(fieldsOf(data.response));
        this.#fail(failureOf(fieldsOf(data.response)));
        return;
      case "error":
        this.#fail(
          decodeError(numberOf(data.status) ?? 500, data) ?? {
            kind: "upstream",
            message: "The provider reported an error without words.",
          },
        );
        return;
      default:
        // Progress of tools the provider runs comes again, whole, with the item's end.
        if (type === "" && data.error !== undefined) this.#fail(decodeError(500, data) ?? failureOf({}));
    }
  }

  /** Some relays end every response so, whatever became of it. */
  #done(response: Fields): void {
    const status = textOf(response.status);
    if (status === "failed" || status === "cancelled") this.#fail(failureOf(response));
    else this.#finish(response, "response.completed");
  }

  #start(response: Fields): void {
    if (this.#started) return;
    this.#started = true;
    const id = textOf(response.id);
    const model = textOf(response.model);
    const created = numberOf(response.created_at);
    const serviceTier = textOf(response.service_tier);
    this.#emit({
      type: "start",
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(created === undefined ? {} : { created }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    });
  }

  #finish(response: Fields, type: string): void {
    this.#start(response);
    const status = textOf(response.status) ?? type.replace("response.", "");
    this.#items.closeAll(status === "incomplete");
    if (!this.#items.anything)
      for (const item of listOf(response.output).filter(isRecord)) this.#items.whole(item);
    this.#say(response);
    const finish = finishOf(
      { ...response, status },
      { calls: this.#items.calls, refusal: this.#items.refusal },
    );
    this.#emit({ type: "finish", ...finish });
    this.#ended = true;
  }

  #say(response: Fields): void {
    const usage = usageIn(wire.usage, response.usage);
    if (usage !== undefined) this.#emit({ type: "usage", usage });
  }

  #fail(error: ChatError): void {
    this.#items.closeWords();
    this.#emit({ type: "error", error });
    this.#ended = true;
  }
}

export function streamDecoder(context: { request: ChatRequest }): StreamDecoder {
  return new Decoder(context.request);
}
