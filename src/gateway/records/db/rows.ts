/** Requests as the contract has them, from what is written and from what is read. */
import type {
  RecordedBody,
  RequestAttempt,
  RequestDetails,
  RequestRow,
  TokenCounts,
} from "../../../control/requests.ts";
import type { Entry } from "../entry.ts";
import { FLAG, laneCode, NANO, outcomeCode, protocolCode } from "./codes.ts";
import type { StringInterning } from "./interning.ts";

export type Row = Record<string, unknown>;

/** `undefined` values are left out: what goes over the wire should not have them. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as T;
}

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The row of a request just written. */
export function rowOfEntry(entry: Entry, seq: number, cost: number | undefined): RequestRow {
  const { tokens } = entry;
  return present<RequestRow>({
    id: `req_${entry.id}`,
    seq,
    time: entry.time,
    client: entry.client,
    protocol: entry.protocol,
    protocolOut: entry.protocolOut,
    lane: entry.lane,
    stream: entry.stream,
    model: entry.model,
    modelUsed: entry.modelUsed,
    account: entry.account,
    accountLabel: entry.label,
    status: entry.status,
    outcome: entry.outcome,
    errorKind: entry.kind,
    error: entry.error,
    attempts: entry.tries,
    failedOver: entry.failedOver,
    firstByteMs: entry.firstByteMs,
    durationMs: entry.durationMs,
    tokens: tokens === undefined ? undefined : tokenCounts(tokens, entry.estimated === true),
    cost: cost === undefined ? undefined : Math.round(cost * NANO) / NANO,
    warnings: entry.warned,
  });
}

function tokenCounts(
  [input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0]: readonly number[],
  estimated: boolean,
): TokenCounts {
  return { input, cacheRead, cacheWrite, output, reasoning, estimated };
}

/** A line of a list. */
export function rowOf(row: Row, words: StringInterning): RequestRow {
  const flags = Number(row["flags"]);
  const cost = numberOf(row["cost"]);
  const input = numberOf(row["input"]);
  return present<RequestRow>({
    id: `req_${String(row["id"])}`,
    seq: Number(row["seq"]),
    time: Number(row["time"]),
    client: words.textOf(row["client"]) ?? "unknown",
    protocol: protocolCode.from(row["protocol"]),
    protocolOut: protocolCode.from(row["protocolOut"]),
    lane: laneCode.from(row["lane"]),
    stream: (flags & FLAG.streamKnown) === 0 ? undefined : (flags & FLAG.stream) !== 0,
    model: words.textOf(row["model"]),
    modelUsed: words.textOf(row["modelUsed"]),
    account: words.textOf(row["account"]),
    accountLabel: words.textOf(row["label"]),
    status: Number(row["status"]),
    outcome: outcomeCode.from(row["outcome"]) ?? "failed",
    errorKind: words.textOf(row["kind"]),
    error: textOf(row["error"]),
    attempts: Number(row["tries"]),
    failedOver: (flags & FLAG.failedOver) !== 0,
    firstByteMs: numberOf(row["first"]),
    durationMs: Number(row["duration"]),
    tokens:
      input === undefined
        ? undefined
        : tokenCounts(
            [
              input,
              Number(row["cacheRead"]),
              Number(row["cacheWrite"]),
              Number(row["output"]),
              Number(row["reasoning"]),
            ],
            (flags & FLAG.estimated) !== 0,
          ),
    cost: cost === undefined ? undefined : cost / NANO,
    warnings: Number(row["warned"]),
  });
}

/** Everything that is kept of a request. */
export function detailsOf(row: Row, bodies: Row | undefined, words: StringInterning): RequestDetails {
  const flags = Number(row["flags"]);
  const base = rowOf(row, words);
  const more = moreOf(row["more"]);
  return {
    ...base,
    method: words.textOf(row["method"]) ?? "",
    path: words.textOf(row["path"]) ?? "",
    attemptList: more.attempts ?? plainAttempt(base, row),
    warningList: more.warnings ?? [],
    bytesOut: Number(row["bytesOut"]),
    ...present<Partial<RequestDetails>>({
      route: words.textOf(row["route"]),
      background: words.textOf(row["background"]),
      edited: words.textOf(row["edited"]),
      session: textOf(row["session"]),
      sticky: (flags & FLAG.stickyKnown) === 0 ? undefined : (flags & FLAG.sticky) !== 0,
      bytesIn: numberOf(row["bytesIn"]),
      userAgent: words.textOf(row["agent"]),
      headers: headersOf(bodies?.["headers"]),
      requestBody: bodyOf(bodies, "request"),
      replyBody: bodyOf(bodies, "reply"),
    }),
  };
}

/** The attempt of a request that took only one, which went well. */
function plainAttempt(base: RequestRow, row: Row): RequestAttempt[] {
  const { account, accountLabel, modelUsed, protocolOut, status } = base;
  const took = numberOf(row["took"]);
  if (took === undefined || account === undefined || modelUsed === undefined || protocolOut === undefined) {
    return [];
  }
  const at = Number(row["at"]);
  return [
    {
      account,
      accountLabel: accountLabel ?? account,
      model: modelUsed,
      protocol: protocolOut,
      at,
      took,
      status,
      outcome: "ok",
    },
  ];
}

function moreOf(text: unknown): { attempts?: RequestAttempt[]; warnings?: string[] } {
  // Written by `moreOf` of the writer, in the same file as everything else here.
  return typeof text === "string" ? (JSON.parse(text) as { attempts?: RequestAttempt[] }) : {};
}

function headersOf(text: unknown): [string, string][] | undefined {
  return typeof text === "string" ? (JSON.parse(text) as [string, string][]) : undefined;
}

function bodyOf(bodies: Row | undefined, which: "request" | "reply"): RecordedBody | undefined {
  const text = textOf(bodies?.[which]);
  if (text === undefined) return undefined;
  return { text, bytes: Number(bodies?.[`${which}Bytes`]), cut: bodies?.[`${which}Cut`] === 1 };
}
