/**
 * Canonical messages as `contents`, by Gemini's rules: user and model alternate, a turn of calls
 * is followed at once by exactly one response for each of them, and the conversation begins with
 * the user.
 */
import { isRecord } from "../../../common/json.ts";
import type { Message, ToolCallPart, ToolResultPart } from "../../chat.ts";
import { SKIP_SIGNATURE } from "../signature.ts";
import type { Json } from "../values.ts";
import { modelWire, type PartContext, resultWire, userWire } from "./encodeParts.ts";

export interface WireContents {
  systemInstruction: Json | undefined;
  contents: Json[];
}

type Content = {
  role: "user" | "model";
  parts: Json[];
};

export function encodeContents(
  messages: readonly Message[],
  words: readonly string[],
  context: PartContext,
): WireContents {
  const turns = new Turns(context);
  const system: Json[] = [];
  const talk = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  for (const [index, message] of messages.entries()) {
    if ("name" in message && message.name)
      context.warn(`messages[${index}].name`, "Gemini has no names of speakers; left out");
    switch (message.role) {
      case "system":
      case "developer": {
        const parts = message.parts.flatMap((part) => userWire(part, context));
        if (talk < 0 || index < talk) {
          system.push(...parts);
        } else {
          context.warn("messages", "a system message in mid-conversation was sent as the user's");
          turns.user(parts);
        }
        break;
      }
      case "user":
        turns.user(message.parts.flatMap((part) => userWire(part, context)));
        break;
      case "assistant":
        turns.model(message.parts);
        break;
      case "tool":
        turns.results(message.parts);
        break;
    }
  }
  system.push(...words.map((text) => ({ text })));
  const contents = turns.end();
  if (contents.length > 0)
    return { systemInstruction: system.length > 0 ? { parts: system } : undefined, contents };
  // A conversation of system text alone: the model has to be asked something.
  context.warn("messages", "there is no user message; the system text was sent as the user's");
  const parts = system.length > 0 ? system : [{ text: "(empty)" }];
  return { systemInstruction: undefined, contents: [{ role: "user", parts }] };
}

/** One model turn and the user turn after it, at a time. */
class Turns {
  readonly #context: PartContext;
  readonly #out: Content[] = [];
  #model: Json[] = [];
  #calls: { part: ToolCallPart; wireId: string }[] = [];
  #user: Json[] = [];
  #results: ToolResultPart[] = [];

  constructor(context: PartContext) {
    this.#context = context;
  }

  user(parts: readonly Json[]): void {
    this.#user.push(...parts);
  }

  results(parts: readonly ToolResultPart[]): void {
    this.#results.push(...parts);
  }

  model(parts: Extract<Message, { role: "assistant" }>["parts"]): void {
    if (this.#user.length > 0 || this.#results.length > 0) this.#close();
    for (const part of parts) {
      if (part.type !== "tool-call") {
        this.#model.push(...modelWire(part, this.#context));
        continue;
      }
      const call = { part, wireId: this.#wireId(part.callId) };
      this.#calls.push(call);
      this.#model.push(...modelWire({ ...part, callId: call.wireId }, this.#context));
    }
  }

  /** Ids are unique within a turn, so that each response finds its call. */
  #wireId(callId: string): string {
    let wireId = callId;
    for (let copy = 2; this.#calls.some((call) => call.wireId === wireId); copy++)
      wireId = `${callId}_${copy}`;
    return wireId;
  }

  end(): Content[] {
    this.#close();
    return this.#out;
  }

  #close(): void {
    if (this.#model.length > 0) {
      this.#sign();
      if (this.#out.length === 0) {
        this.#context.warn(
          "messages",
          "the conversation began with the model; a user turn was put before it",
        );
        this.#push("user", [{ text: "(start)" }]);
      }
      this.#push("model", this.#model);
    }
    this.#push("user", [...this.#answers(), ...this.#user]);
    this.#model = [];
    this.#calls = [];
    this.#user = [];
    this.#results = [];
  }

  #push(role: Content["role"], parts: Json[]): void {
    if (parts.length === 0) return;
    const last = this.#out.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.#out.push({ role, parts: [...parts] });
  }

  /** The first call of a turn carries the signature for all of them. */
  #sign(): void {
    // From Gemini 3 on, the first function call of each model turn must be signed.
    if (!this.#context.traits.signedCalls) return;
    const at = this.#model.findIndex((part) => isRecord(part.functionCall));
    const first = this.#model[at];
    if (first === undefined || first.thoughtSignature !== undefined) return;
    this.#model[at] = { ...first, thoughtSignature: SKIP_SIGNATURE };
    this.#context.warn(
      "reasoning",
      "a function call without Gemini's signature was sent with Google's placeholder",
    );
  }

  /** One response per call, in the calls' order; then what belongs beside them. */
  #answers(): Json[] {
    const { warn, names } = this.#context;
    const open = [...this.#results];
    const responses: Json[] = [];
    const beside: Json[] = [];
    for (const { part: call, wireId } of this.#calls) {
      const name = names.flat(call.name, call.namespace);
      const at = open.findIndex((result) => result.callId === call.callId);
      const [found] = at < 0 ? [] : open.splice(at, 1);
      if (found === undefined)
        warn("messages", `the call ${call.name} has no result; an error was put in its place`);
      const result: ToolResultPart = found ?? {
        type: "tool-result",
        callId: call.callId,
        kind: call.kind,
        content: [{ type: "text", text: "No result was recorded for this call." }],
        isError: true,
      };
      const wire = resultWire({ ...result, callId: wireId }, name, this.#context);
      responses.push(wire.response);
      beside.push(...wire.beside);
    }
    for (const result of open) {
      warn("messages", "a tool result without its call was sent as text");
      const text = `[result of ${result.name ?? "a tool"}]`;
      beside.push({ text }, ...result.content.flatMap((part) => userWire(part, this.#context)));
    }
    return [...responses, ...beside];
  }
}
