/** The trace that a client's request is part of: https://www.w3.org/TR/trace-context/ */

/** By their names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that asked. */
  readonly spanId: string;
  /** Does whoever began the trace keep it? Then we do. */
  readonly sampled: boolean;
  /** What other systems note along the way, as it came. */
  readonly state?: string;
}

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Unit: characters; what the recommendation wants everybody to pass on. */
const MAX_STATE = 512;
const STATE = /^[\x20-\x7e]+$/;

/** @returns `undefined` where there is none, or none that can be read: the request then begins a trace of its own */
export function traceParentOf({ traceparent, tracestate }: Headers): TraceParent | undefined {
  if (typeof traceparent !== "string") return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = PARENT.exec(traceparent) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = typeof tracestate === "string" ? tracestate : undefined;
  return {
    traceId,
    spanId,
    sampled: (Number.parseInt(flags, 16) & 1) === 1,
    ...(state !== undefined && state.length <= MAX_STATE && STATE.test(state) ? { state } : {}),
  };
}
