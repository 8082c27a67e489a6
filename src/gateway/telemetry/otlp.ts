/** Spans as bytes of OTLP (protobuf), by OpenTelemetry's own serializer. */
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { VERSION } from "../common/version.ts";
import type { AttributeValue, Span } from "./span.ts";

type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];
type SpanContext = ReturnType<ReadableSpan["spanContext"]>;
type Moment = ReadableSpan["startTime"];

/** As `SpanKind` and `SpanStatusCode` of OpenTelemetry's API number them. */
const KINDS = { server: 1, client: 2 } as const;
const STATUS = { unset: 0, error: 2 } as const;
const SAMPLED = 1;

const SCOPE = { name: "portico", version: VERSION };

/** @param resource attributes of all of them @returns an `ExportTraceServiceRequest` */
export function encodeSpans(spans: readonly Span[], resource: Readonly<Record<string, string>>): Uint8Array {
  const from = { attributes: knownOf(resource) } as ReadableSpan["resource"];
  return (
    ProtobufTraceSerializer.serializeRequest(spans.map((span) => readable(span, from))) ?? new Uint8Array()
  );
}

/** What a receiver answers to a batch that it took: how many spans of it it did not take, and why. */
export function readPartialSuccess(body: Uint8Array): { rejected: number; why: string } {
  const { partialSuccess } = body.length === 0 ? {} : ProtobufTraceSerializer.deserializeResponse(body);
  return { rejected: Number(partialSuccess?.rejectedSpans ?? 0), why: partialSuccess?.errorMessage ?? "" };
}

function readable(span: Span, resource: ReadableSpan["resource"]): ReadableSpan {
  const context = contextOf(span, span.spanId);
  return {
    name: wellFormed(span.name),
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(span.parentSpanId === undefined
      ? {}
      : {
          parentSpanContext: {
            ...contextOf(span, span.parentSpanId),
            ...(span.parentIsRemote === true ? { isRemote: true } : {}),
          },
        }),
    startTime: momentOf(span.start),
    endTime: momentOf(Math.max(span.start, span.end)),
    duration: momentOf(Math.max(0, span.end - span.start)),
    ended: true,
    status: { code: span.failed ? STATUS.error : STATUS.unset },
    attributes: knownOf(span.attributes),
    links: [],
    events: [],
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function contextOf({ traceId, state }: Span, spanId: string): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags: SAMPLED,
    ...(state === undefined ? {} : { traceState: new FixedState(state) }),
  };
}

/** It is passed on as it came. */
class FixedState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  serialize(): string {
    return this.#text;
  }
  set(): this {
    return this;
  }
  unset(): this {
    return this;
  }
  get(): undefined {
    return undefined;
  }
}

/** Seconds and nanoseconds. @param milliseconds with fractions */
function momentOf(milliseconds: number): Moment {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.min(999_999_999, Math.round((milliseconds - seconds * 1000) * 1e6))];
}

/** Half a character is no UTF-8. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** Without what is not known. */
function knownOf(attributes: Readonly<Record<string, AttributeValue | undefined>>) {
  const clean: Record<string, string | number | boolean | string[]> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (typeof value === "string") clean[name] = wellFormed(value);
    else if (typeof value === "number" || typeof value === "boolean") clean[name] = value;
    else clean[name] = value.map((each) => wellFormed(each));
  }
  return clean;
}
