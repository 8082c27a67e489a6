/** A streamed chat completion to canonical events, one chunk at a time. */
import { isRecord, listOf, numberOf, parseJson, textOf } from "../../../common/json.ts";
import type { ChatError, ChatEvent } from "../../chat.ts";
import { callRestorer, toolNames } from "../../clientTools.ts";
import type { ProviderReplyContext, StreamDecoder, StreamStage, WireEvent } from "../../codec.ts";
import { decodeError } from "../errors.ts";
import { decodeSources } from "../reply/citations.ts";
import { count, type Json, record } from "../values.ts";
import { wire } from "../wire.ts";
import type { StreamIds } from "./decodeCalls.ts";
import { ChoiceDecoder } from "./decodeChoice.ts";

/** OpenAI's limit of `n`; more choices than that are not a reply. */
const MAX_CHOICES = 128;

class Decoder implements StreamDecoder {
  readonly #context: ProviderReplyContext;
  readonly #choices = new Map<number, ChoiceDecoder>();
  readonly #ids: StreamIds;
  readonly #restore: (events: ChatEvent[]) => ChatEvent[];
  readonly #counts = wire.usage.reader();
  #usages = 0;
  /** Did the last chunk tell what was used, as the last one does? */
  #usageIsLast = false;
  #sources: unknown;
  #started = false;
  #over = false;

  constructor(context: ProviderReplyContext) {
    this.#context = context;
    this.#restore = callRestorer(toolNames(context.request.tools));
    let parts = 0;
    this.#ids = { next: () => `p${parts++}`, replyId: "", calls: 0 };
  }

  get stage(): StreamStage {
    if (this.#over) return "over";
    // Asked after each event: no list is made of them.
    for (const choice of this.#choices.values()) if (!choice.settled) return "open";
    return this.#choices.size >= (this.#context.request.n ?? 1) ? "ending" : "open";
  }

  get handsOn(): boolean {
    if (this.#usageIsLast || this.#choices.size !== 1) return false;
    for (const choice of this.#choices.values()) return choice.handsOn;
    return false;
  }

  push(event: WireEvent): ChatEvent[] {
    if (this.#over) return [];
    const out: ChatEvent[] = [];
    const data = event.data.trim();
    if (data === "[DONE]") this.#done(out);
    else if (data !== "") this.#data(data, event.event, out);
    return this.#restore(out);
  }

  end(excuse?: () => void, delimited = true): ChatEvent[] {
    if (this.#over) return [];
    const out: ChatEvent[] = [];
    // Finish reasons or the final usage are a proper end even where `[DONE]` is left out.
    const choices = [...this.#choices.values()];
    const ended = choices.every((choice) => choice.settled || (choice.ended && delimited));
    if (choices.length > 0 && (ended || (this.#usageIsLast && !this.#isCut()))) this.#complete(out);
    else if (excuse !== undefined && this.#isExcusable()) {
      excuse();
      this.#complete(out);
    } else this.#fail({ kind: "upstream", message: "The provider's stream broke off before its end." }, out);
    return this.#restore(out);
  }

  /** Does a choice lack its end in the midst of a call? */
  #isCut(): boolean {
    return [...this.#choices.values()].some((choice) => !choice.ended && choice.isCalling);
  }

  #done(out: ChatEvent[]): void {
    if (!this.#isCut()) this.#complete(out);
    else
      this.#fail(
        { kind: "upstream", message: "The provider's stream ended in the midst of a tool call." },
        out,
      );
  }

  #isExcusable(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => !choice.isCalling);
  }

  #data(data: string, event: string | undefined, out: ChatEvent[]): void {
    const chunk = parseJson(data);
    if (isRecord(chunk)) this.#chunk(chunk, event, out);
    else if (Array.isArray(chunk)) {
      for (const one of chunk) if (isRecord(one) && !this.#over) this.#chunk(one, event, out);
    } else if (event === "error") this.#fail({ kind: "upstream", message: data.slice(0, 2000) }, out);
    else if (data.includes("\n")) {
      // Several events that a careless server ran into one.
      for (const line of data.split("\n").map((one) => one.trim())) {
        if (this.#over || line === "") continue;
        if (line === "[DONE]") this.#done(out);
        else this.#data(line, event, out);
      }
    } else if (data.startsWith("{")) {
      // Anything but a chunk is chatter to keep the line open; a broken chunk is lost text.
      this.#fail({ kind: "upstream", message: "The provider sent a chunk that is not JSON." }, out);
    }
  }

  #chunk(chunk: Json, event: string | undefined, out: ChatEvent[]): void {
    const broken = chunk.error != null || event === "error" || !Array.isArray(chunk.choices);
    const error = broken ? decodeError(event === "error" ? 500 : 200, chunk) : undefined;
    if (error !== undefined) {
      this.#fail(error, out);
      return;
    }
    const choices = listOf(chunk.choices);
    this.#begin(chunk, choices.length > 0, out);
    const counts = record(chunk.usage);
    if (counts !== undefined) this.#usages++;
    // Some restate it with every chunk: then it ends nothing.
    this.#usageIsLast = counts !== undefined && (choices.length === 0 || this.#usages === 1);
    this.#counts.add(record(chunk.x_groq)?.usage);
    this.#counts.add(chunk.usage);
    this.#sources = chunk.citations ?? this.#sources;
    for (const choice of choices) {
      if (!isRecord(choice)) continue;
      const failed = choice.error == null ? undefined : decodeError(200, { error: choice.error });
      if (failed !== undefined) {
        this.#fail(failed, out);
        return;
      }
      this.#counts.add(choice.usage);
      this.#choice(count(choice.index) ?? 0)?.push(choice, out);
    }
  }

  /** Azure sends a first chunk without id, model or choices: that is not the beginning yet. */
  #begin(chunk: Json, hasChoices: boolean, out: ChatEvent[]): void {
    const id = textOf(chunk.id);
    if (this.#started || (id === undefined && !hasChoices)) return;
    this.#started = true;
    this.#ids.replyId = id ?? "";
    const model = textOf(chunk.model);
    const created = numberOf(chunk.created);
    const serviceTier = textOf(chunk.service_tier);
    out.push({
      type: "start",
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(created ? { created } : {}),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    });
  }

  #choice(index: number): ChoiceDecoder | undefined {
    const known = this.#choices.get(index);
    if (known !== undefined || index >= MAX_CHOICES) return known;
    const choice = new ChoiceDecoder(index, this.#ids, this.#context);
    this.#choices.set(index, choice);
    return choice;
  }

  #complete(out: ChatEvent[]): void {
    if (this.#choices.size === 0) {
      this.#fail({ kind: "upstream", message: "The provider's stream ended without a reply." }, out);
      return;
    }
    this.#over = true;
    const sources = decodeSources(this.#sources);
    if (sources.length > 0) {
      const id = this.#ids.next();
      this.#choices.get(0)?.closeWords(out);
      out.push({ type: "text-start", id });
      for (const citation of sources) out.push({ type: "citation", id, citation });
      out.push({ type: "text-end", id });
    }
    for (const choice of this.#choices.values()) choice.close(out);
    this.#say(out);
    for (const choice of this.#choices.values()) out.push(choice.finish());
  }

  #say(out: ChatEvent[]): void {
    const { usage } = this.#counts;
    if (usage !== undefined) out.push({ type: "usage", usage });
  }

  #fail(error: ChatError, out: ChatEvent[]): void {
    this.#over = true;
    for (const choice of this.#choices.values()) choice.closeWords(out);
    this.#say(out);
    out.push({ type: "error", error });
  }
}

export function streamDecoder(context: ProviderReplyContext): StreamDecoder {
  return new Decoder(context);
}
