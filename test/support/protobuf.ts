/**
 * A reader of protobuf's wire format, and of OTLP's spans by their field numbers; it shares nothing with what writes them.
 * https://protobuf.dev/programming-guides/encoding/
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */

type Value = bigint | Uint8Array;
type Message = ReadonlyMap<number, readonly Value[]>;

function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("a number ends too early");
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw new Error("a number is too long");
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error("a field ends too early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const fixed = (length: 4 | 8): bigint =>
    take(length).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, type] = [tag >>> 3, tag & 7];
    const value =
      type === 0
        ? varint()
        : type === 1
          ? fixed(8)
          : type === 2
            ? take(Number(varint()))
            : type === 5
              ? fixed(4)
              : undefined;
    if (value === undefined || number === 0) throw new Error(`field ${number} has wire type ${type}`);
    const all = fields.get(number) ?? [];
    all.push(value);
    fields.set(number, all);
  }
  return fields;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const bytesAt = (message: Message, field: number): Uint8Array[] =>
  (message.get(field) ?? []).map((value) => {
    if (typeof value === "bigint") throw new Error(`field ${field} is a number`);
    return value;
  });
const within = (message: Message, field: number): Message[] => bytesAt(message, field).map(readMessage);
const textAt = (message: Message, field: number): string => UTF8.decode(bytesAt(message, field).at(-1));
const hexAt = (message: Message, field: number): string =>
  Buffer.from(bytesAt(message, field).at(-1) ?? []).toString("hex");
const numberAt = (message: Message, field: number): bigint => {
  const value = message.get(field)?.at(-1) ?? 0n;
  if (typeof value !== "bigint") throw new Error(`field ${field} is no number`);
  return value;
};

export type SpanAttribute = string | number | boolean | SpanAttribute[];

function attributeValue(any: Message): SpanAttribute {
  if (any.has(1)) return textAt(any, 1);
  if (any.has(2)) return numberAt(any, 2) === 1n;
  if (any.has(3)) return Number(BigInt.asIntN(64, numberAt(any, 3)));
  if (any.has(4)) {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, numberAt(any, 4));
    return view.getFloat64(0);
  }
  if (any.has(5)) return within(any, 5).flatMap((list) => within(list, 1).map(attributeValue));
  throw new Error(`a value of another kind: ${[...any.keys()]}`);
}

function attributesAt(message: Message, field: number): Record<string, SpanAttribute> {
  const entries = within(message, field).map((pair) => {
    const [value] = within(pair, 2);
    if (value === undefined) throw new Error(`${textAt(pair, 1)} has no value`);
    return [textAt(pair, 1), attributeValue(value)] as const;
  });
  const attributes = Object.fromEntries(entries);
  if (Object.keys(attributes).length !== entries.length) throw new Error("an attribute comes twice");
  return attributes;
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const CODES = ["unset", "ok", "error"];

export interface ReadSpan {
  traceId: string;
  spanId: string;
  /** Empty: it has none. */
  parentSpanId: string;
  traceState: string;
  name: string;
  kind: string;
  /** Nanoseconds since 1970. */
  start: bigint;
  end: bigint;
  attributes: Record<string, SpanAttribute>;
  status: string;
  statusMessage: string;
  flags: number;
  events: number;
  scope: string;
  resource: Record<string, SpanAttribute>;
}

/** @param body an `ExportTraceServiceRequest` */
export function readSpans(body: Uint8Array): ReadSpan[] {
  return within(readMessage(body), 1).flatMap((ofResource) => {
    const [resourceMessage] = within(ofResource, 1);
    const resource = resourceMessage === undefined ? {} : attributesAt(resourceMessage, 1);
    return within(ofResource, 2).flatMap((ofScope) => {
      const [scope] = within(ofScope, 1);
      return within(ofScope, 2).map((span) => {
        const [status] = within(span, 15);
        return {
          traceId: hexAt(span, 1),
          spanId: hexAt(span, 2),
          traceState: textAt(span, 3),
          parentSpanId: hexAt(span, 4),
          name: textAt(span, 5),
          kind: KINDS[Number(numberAt(span, 6))] ?? "?",
          start: numberAt(span, 7),
          end: numberAt(span, 8),
          attributes: attributesAt(span, 9),
          events: within(span, 11).length,
          status: CODES[status === undefined ? 0 : Number(numberAt(status, 3))] ?? "?",
          statusMessage: status === undefined ? "" : textAt(status, 2),
          flags: Number(numberAt(span, 16)),
          scope: scope === undefined ? "" : textAt(scope, 1),
          resource,
        };
      });
    });
  });
}
