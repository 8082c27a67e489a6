/** A streamed reply of `/v1/chat/completions`, as the parts that VS Code's chat shows. */
import { t } from "@vscode/l10n";

export type ReplyPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thinking"; readonly text: string }
  | { readonly kind: "call"; readonly id: string; readonly name: string; readonly input: object }
  /** As the provider counted, in OpenAI's shape: so VS Code reads it. */
  | { readonly kind: "usage"; readonly usage: object };

interface Call {
  id: string;
  name: string;
  input: string;
}

/** Told to a person: the reply is not whole, or is an error. */
export class ReplyError extends Error {}

export class ReplyReader {
  readonly #calls = new Map<number, Call>();
  #finish: string | undefined;
  /** Some servers give no reason for the end, but say that it is there. */
  #done = false;
  #said = false;

  /**
   * @param data of one event
   * @throws ReplyError where it is an error, or nothing that can be read
   */
  read(data: string): ReplyPart[] {
    if (data === "[DONE]") {
      this.#done = true;
      return [];
    }
    const chunk = object(parsed(data));
    if (chunk.error !== undefined) throw new ReplyError(messageOf(chunk.error));
    const parts: ReplyPart[] = [];
    const choice = object(Array.isArray(chunk.choices) ? chunk.choices[0] : undefined);
    const delta = object(choice.delta);
    const thought = delta.reasoning_content ?? delta.reasoning;
    if (isText(thought)) parts.push({ kind: "thinking", text: thought });
    for (const text of [delta.content, delta.refusal]) if (isText(text)) parts.push({ kind: "text", text });
    if (Array.isArray(delta.tool_calls)) for (const call of delta.tool_calls) this.#add(object(call));
    if (isText(choice.finish_reason)) this.#finish = choice.finish_reason;
    if (typeof chunk.usage === "object" && chunk.usage !== null)
      parts.push({ kind: "usage", usage: chunk.usage });
    this.#said ||= parts.some(({ kind }) => kind === "text");
    return parts;
  }

  /**
   * The calls, which are whole only now.
   * @throws ReplyError where the reply was cut, or there is none
   */
  end(): ReplyPart[] {
    const calls = [...this.#calls.values()];
    if (this.#finish === undefined && (!this.#done || calls.length > 0)) {
      throw new ReplyError(t("The answer was cut off before its end."));
    }
    if (calls.length > 0 && this.#finish === "length") {
      throw new ReplyError(t("The answer was cut off in the midst of a tool call: it became too long."));
    }
    if (!this.#said && calls.length === 0) {
      if (this.#finish === "length")
        throw new ReplyError(t("The answer was cut off before its first word: it became too long."));
      if (this.#finish === "content_filter")
        throw new ReplyError(t("The provider's content filter held the answer back."));
    }
    return calls.map(({ id, name, input }) => ({ kind: "call", id, name, input: inputOf(name, input) }));
  }

  #add(part: Record<string, unknown>): void {
    const index = typeof part.index === "number" ? part.index : this.#calls.size;
    const { name, arguments: input } = object(part.function);
    const call = this.#calls.get(index) ?? { id: "", name: "", input: "" };
    if (isText(part.id)) call.id = part.id;
    if (isText(name)) call.name = name;
    if (typeof input === "string") call.input += input;
    this.#calls.set(index, call);
  }
}

/** The words of an error's body; a client's protocol has them in `error.message`. */
export function messageOf(error: unknown): string {
  if (isText(error)) return error;
  const { message, error: inner } = object(error);
  if (isText(message)) return message;
  return inner === undefined ? t("The request failed.") : messageOf(inner);
}

function inputOf(name: string, input: string): object {
  const value = input.trim() === "" ? {} : parsed(input);
  if (typeof value === "object" && value !== null) return value;
  throw new ReplyError(t("The model called {0} with something that is no JSON object.", name));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReplyError(t("The answer holds something that is no JSON."));
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
