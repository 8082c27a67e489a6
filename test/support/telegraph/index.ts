/**
 * A protocol that does not exist, as a stranger would add one: this folder is copied to
 * `src/gateway/protocols/telegraph/` of a copy of the sources. A request is
 * `{ to: { station }, lines: [{ by: "office" | "sender" | "station", words }], most?, stream? }`, a reply
 * `{ telegram, station, words, stop: "end" | "full", counts: { in, out } }`; streams are events with `words`,
 * the last of them with `stop` and `counts`; errors are `{ fault: { kind, words } }`.
 */
import type { Protocol } from "../../../src/control/protocol.ts";
import { badRequest, PorticoError } from "../../../src/gateway/common/errors.ts";
import { fieldsOf, isRecord, listOf, numberOf, parseJson, textOf } from "../../../src/gateway/common/json.ts";
import type {
  ChatError,
  ChatEvent,
  Message,
  TextPart,
  Usage,
  Warn,
} from "../../../src/gateway/protocols/chat.ts";
import type { Codec, StreamDecoder, StreamEncoder } from "../../../src/gateway/protocols/codec.ts";

const PROTOCOL = "telegraph" as Protocol;
const ROLES = { office: "system", sender: "user", station: "assistant" } as const;

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

function decodeLine(line: unknown, index: number): Message {
  const { by, words } = fieldsOf(line);
  if (by !== "office" && by !== "sender" && by !== "station")
    throw badRequest(`Nobody is "${by}".`, `lines[${index}].by`);
  if (typeof words !== "string") throw badRequest("Words are a text.", `lines[${index}].words`);
  return { role: ROLES[by], parts: [{ type: "text", text: words }] };
}

function encodeLine(message: Message, warn: Warn): { by: string; words: string } {
  const texts = (message.parts as readonly { type: string }[]).filter(
    (part): part is TextPart => part.type === "text",
  );
  if (texts.length < message.parts.length) warn("messages", "telegrams have words alone");
  const by = message.role === "assistant" ? "station" : message.role === "user" ? "sender" : "office";
  return { by, words: texts.map(({ text }) => text).join("") };
}

export function decodeCounts(counts: unknown): Usage | undefined {
  const { in: input, out: output } = fieldsOf(counts);
  if (typeof input !== "number" || typeof output !== "number") return undefined;
  return {
    input: { total: input, uncached: input, cacheRead: 0, cacheWrite: 0 },
    output: { total: output, reasoning: 0 },
  };
}

const encodeCounts = (usage: Usage | undefined) =>
  usage === undefined ? undefined : { in: usage.input.total, out: usage.output.total };

const finishOf = (stop: unknown) => ({
  reason: stop === "full" ? ("length" as const) : ("stop" as const),
  raw: String(stop),
});

function faultOf(body: unknown): ChatError | undefined {
  const { fault } = fieldsOf(body);
  if (!isRecord(fault)) return undefined;
  return { kind: "upstream", message: textOf(fault.words) ?? "a fault without words" };
}

const encodeFault = ({ kind, message }: PorticoError) => ({ fault: { kind, words: message } });

function streamDecoder(): StreamDecoder {
  let open = false;
  let over = false;
  const finish = (...events: ChatEvent[]): ChatEvent[] => {
    over = true;
    return [...(open ? [{ type: "text-end", id: "t" } as const] : []), ...events];
  };
  return {
    get stage() {
      return over ? "over" : "open";
    },
    push({ data }) {
      const told = fieldsOf(parseJson(data));
      const fault = faultOf(told);
      if (over) return [];
      if (fault !== undefined) return finish({ type: "error", error: fault });
      const events: ChatEvent[] = [];
      if (typeof told.words === "string") {
        if (!open) events.push({ type: "start" }, { type: "text-start", id: "t" });
        open = true;
        events.push({ type: "text-delta", id: "t", text: told.words });
      }
      if (told.stop === undefined) return events;
      const usage = decodeCounts(told.counts);
      return finish(
        ...events,
        { type: "finish", ...finishOf(told.stop) },
        ...(usage ? [{ type: "usage", usage } as const] : []),
      );
    },
    end: () =>
      over ? [] : finish({ type: "error", error: { kind: "upstream", message: "The line went dead." } }),
  };
}

function streamEncoder(): StreamEncoder {
  let stop: string | undefined;
  let usage: Usage | undefined;
  return {
    push(told) {
      if (told.type === "text-delta") return event({ words: told.text });
      if (told.type === "finish") stop = told.reason === "length" ? "full" : "end";
      if (told.type === "usage") usage = told.usage;
      return told.type === "error"
        ? event({ fault: { kind: told.error.kind, words: told.error.message } })
        : "";
    },
    end: () => (stop === undefined ? "" : event({ stop, counts: encodeCounts(usage) })),
  };
}

export const codec: Codec = {
  protocol: PROTOCOL,
  decodeRequest(body, { model, stream }) {
    const { lines, most } = fieldsOf(body);
    const limit = numberOf(most);
    return {
      model,
      messages: listOf(lines).map(decodeLine),
      tools: [],
      sampling: {},
      stream,
      ...(limit === undefined ? {} : { maxOutputTokens: limit }),
    };
  },
  encodeRequest: ({ model, messages, maxOutputTokens, stream }, { warn }) => ({
    to: { station: model },
    lines: messages.map((message) => encodeLine(message, warn)),
    ...(maxOutputTokens === undefined ? {} : { most: maxOutputTokens }),
    ...(stream ? { stream } : {}),
  }),
  decodeReply(body) {
    const { telegram, station, words, stop, counts } = fieldsOf(body);
    if (typeof words !== "string") throw new PorticoError("upstream", "The provider sent no telegram.");
    const usage = decodeCounts(counts);
    return {
      id: String(telegram),
      model: String(station),
      choices: [{ parts: [{ type: "text", text: words }], finish: finishOf(stop) }],
      ...(usage === undefined ? {} : { usage }),
    };
  },
  encodeReply({ choices: [choice], usage }, { model, newId }) {
    const words = (choice?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
    const stop = choice?.finish.reason === "length" ? "full" : "end";
    return { telegram: newId(), station: model, words, stop, counts: encodeCounts(usage) };
  },
  streamDecoder,
  streamEncoder,
  encodeError: (error) => ({ status: error.status, headers: {}, body: encodeFault(error) }),
  encodeStreamError: (error) => event(encodeFault(error)),
  heartbeat: () => ": …\n\n",
};
