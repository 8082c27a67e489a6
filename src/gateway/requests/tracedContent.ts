/**
 * What was said in a request, for its trace: messages by the schemas of the conventions for generative AI, bounded, and
 * without secrets and media. Only where the person wants that.
 * https://github.com/open-telemetry/semantic-conventions-genai/tree/main/model/gen-ai
 */
import { parseJson } from "../common/json.ts";
import { createRedactor } from "../common/log.ts";
import type { ChatReply, ChatRequest, FinishReason, Message, Part } from "../protocols/chat.ts";
import { CODECS } from "../protocols/codecs.ts";
import { Collector } from "../protocols/collect.ts";
import { credentialsIn, type RawBody, withoutData } from "../records/bodies.ts";
import type { TracedContent } from "../telemetry/span.ts";
import { formOf } from "./attempts/canonicalForm.ts";
import { eventsOf, scraped } from "./attempts/estimate.ts";
import type { Call } from "./call.ts";

/** Of one text. Unit: characters. */
export const MOST_OF_TEXT = 16 * 1024;
/** Of all messages of one side, as JSON. Unit: characters. */
export const MOST_OF_MESSAGES = 64 * 1024;
/** A secret at the end of what is looked at may be half a one: so much more is looked at than is sent. */
const MARGIN = 4096;

interface TracedMessage {
  readonly role: string;
  readonly parts: readonly object[];
  readonly finish_reason?: string;
}

/**
 * @param reply its beginning, as the client got it
 * @param mask as `Traces.mask`
 * @returns `undefined` where none of it can be read
 */
export function contentOf(
  call: Call,
  reply: RawBody | undefined,
  mask: (text: string) => string,
): TracedContent | undefined {
  try {
    const request = formOf(call)?.decode(call);
    if (request === undefined) return undefined;
    const texts = new Texts(call, mask);
    const input = fitted(request.messages.map((message) => texts.message(message)));
    const answered = reply === undefined ? undefined : replyOf(call, request, reply);
    const output =
      answered === undefined ? undefined : fitted(answered.choices.map((choice) => texts.choice(choice)));
    return {
      input: input.json,
      ...(output === undefined ? {} : { output: output.json }),
      cut: texts.cut || input.cut || output?.cut === true || (reply?.total ?? 0) > (reply?.bytes.length ?? 0),
    };
  } catch {
    // A trace without words is better than none.
    return undefined;
  }
}

function replyOf(call: Call, request: ChatRequest, { bytes, encoding }: RawBody): ChatReply | undefined {
  if (call.operation !== "chat" || (encoding !== undefined && encoding !== "identity")) return undefined;
  const text = Buffer.from(bytes).toString("utf8");
  const codec = CODECS[call.protocol];
  if (call.stream) {
    const collector = new Collector();
    const decoder = codec.streamDecoder({ request });
    for (const event of eventsOf({ framing: call.framing, text }) ?? [])
      for (const said of decoder.push(event)) collector.push(said);
    return collector.reply();
  }
  const body = parseJson(text);
  // A part of one still has its texts.
  return body === undefined
    ? { choices: [{ parts: [{ type: "text", text: scraped(text) }], finish: { reason: "other" } }] }
    : codec.decodeReply(body, { request });
}

/** Makes messages of what was said, and looks after every text on the way. */
class Texts {
  readonly #mask: (text: string) => string;
  /** Something was longer than it may be. */
  cut = false;

  constructor({ headers }: Call, mask: (text: string) => string) {
    const own = createRedactor();
    own.add(credentialsIn(headers));
    this.#mask = (text) => mask(own.mask(text));
  }

  message({ role, parts }: Message): TracedMessage {
    return { role: role === "developer" ? "system" : role, parts: this.#parts(parts) };
  }

  choice({ parts, finish }: ChatReply["choices"][number]): TracedMessage {
    return {
      role: "assistant",
      parts: this.#parts(parts),
      finish_reason: FINISH[finish.reason] ?? "stop",
    };
  }

  /** The last ones, where all would be too much for one message. */
  #parts(parts: readonly Part[]): object[] {
    const kept: object[] = [];
    let room = MOST_OF_MESSAGES / 2;
    for (const part of parts.toReversed()) {
      for (const made of this.#part(part)) {
        room -= JSON.stringify(made).length;
        if (room >= 0) kept.unshift(made);
      }
      if (room < 0) {
        this.cut = true;
        break;
      }
    }
    return kept;
  }

  #part(part: Part): object[] {
    switch (part.type) {
      case "text":
      case "refusal":
        return [{ type: "text", content: this.#clean(part.text) }];
      case "reasoning":
        return part.text === "" ? [] : [{ type: "reasoning", content: this.#clean(part.text) }];
      case "tool-call": {
        const input = this.#clean(part.input);
        const { callId: id, name } = part;
        return [{ type: "tool_call", id, name: this.#clean(name), arguments: parseJson(input) ?? input }];
      }
      case "tool-result": {
        const said = part.content.map((each) => (each.type === "text" ? each.text : `[${each.type}]`));
        return [{ type: "tool_call_response", id: part.callId, response: this.#clean(said.join("\n")) }];
      }
      case "provider":
        return part.text === undefined ? [] : [{ type: "text", content: this.#clean(part.text) }];
      case "provider-tool":
        return [{ type: "provider_tool", name: this.#clean(part.tool) }];
      default:
        // That there was one.
        return [{ type: part.type }];
    }
  }

  #clean(text: string): string {
    const seen = text.slice(0, MOST_OF_TEXT + MARGIN);
    const masked = this.#mask(withoutData(seen));
    const safe = seen.length < text.length ? masked.slice(0, -MARGIN) : masked;
    const shown = safe.slice(0, MOST_OF_TEXT).replace(/\0+/g, "[redacted]");
    if (seen.length === text.length && safe.length <= MOST_OF_TEXT) return shown;
    this.cut = true;
    return `${shown}…`;
  }
}

/** As the schema of output messages has them. */
const FINISH: Readonly<Partial<Record<FinishReason, string>>> = {
  length: "length",
  "context-window": "length",
  "tool-calls": "tool_call",
  "content-filter": "content_filter",
  refusal: "content_filter",
  error: "error",
};

/** The first of the system's, and the latest: what a conversation is about stands at its ends. */
function fitted(messages: readonly TracedMessage[]): { json: string; cut: boolean } {
  const texts = messages.map((message) => JSON.stringify(message));
  let room = MOST_OF_MESSAGES;
  const take = (text: string): boolean => {
    if (text.length + 1 > room) return false;
    room -= text.length + 1;
    return true;
  };
  const firsts = messages.findIndex(({ role }) => role !== "system");
  const system = texts.slice(0, firsts === -1 ? texts.length : firsts);
  const others = texts.slice(system.length);
  const opening = system.filter(take);
  const latest: string[] = [];
  for (const text of others.toReversed()) {
    if (!take(text)) break;
    latest.unshift(text);
  }
  const kept = [...opening, ...latest];
  return { json: `[${kept.join(",")}]`, cut: kept.length < texts.length };
}
