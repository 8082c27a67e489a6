/** Writes requests, their bodies and what they add to the sums: all of a batch or none of it. */

import { type Database, type Statement, transaction } from "../../common/sqlite.ts";
import type { KeptBodies } from "../bodies.ts";
import type { Entry } from "../entry.ts";
import { DAY_MS, FLAG, laneCode, NANO, outcomeCode, protocolCode } from "./codes.ts";
import { StringInterning } from "./interning.ts";
import { type Counted, REST, Rollups } from "./rollups.ts";

/** A request and what the thread made of it. */
export interface ToWrite {
  readonly entry: Entry;
  /** USD; `undefined`: not known. */
  readonly cost: number | undefined;
  readonly bodies?: KeptBodies | undefined;
}

const COLUMNS = [
  "seq",
  "id",
  "time",
  "duration",
  "first",
  "status",
  "outcome",
  "flags",
  "method",
  "path",
  "client",
  "agent",
  "protocol",
  "protocolOut",
  "lane",
  "model",
  "modelUsed",
  "account",
  "label",
  "kind",
  "error",
  "tries",
  "at",
  "took",
  "input",
  "cacheRead",
  "cacheWrite",
  "output",
  "reasoning",
  "cost",
  "bytesIn",
  "bytesOut",
  "session",
  "route",
  "background",
  "edited",
  "warned",
  "more",
] as const;

const BODY_COLUMNS = [
  "seq",
  "time",
  "size",
  "headers",
  "request",
  "requestBytes",
  "requestCut",
  "reply",
  "replyBytes",
  "replyCut",
] as const;

const insert = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;

export class Writer {
  readonly #database: Database;
  readonly words: StringInterning;
  readonly rollups: Rollups;
  readonly #insert: Statement;
  readonly #body: Statement;
  readonly #label: Statement;
  readonly #meta: Statement;
  /** Labels that the file has, by account. */
  readonly #labels = new Map<number, number>();
  #next: number;

  constructor(database: Database) {
    this.#database = database;
    this.words = new StringInterning(database);
    const rest = transaction(database, () => this.words.idOf(REST, Number.MAX_SAFE_INTEGER));
    this.rollups = new Rollups(database, rest);
    this.#insert = database.prepare(insert("requests", COLUMNS));
    this.#body = database.prepare(insert("bodies", BODY_COLUMNS));
    this.#label = database.prepare("INSERT OR REPLACE INTO labels (account, label) VALUES (?, ?)");
    this.#meta = database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
    this.#next = nextSeq(database);
  }

  /**
   * @param batch names the batch, so that one whose answer was lost is not written again
   * @returns the place of the first; the others follow it
   * @throws what SQLite throws; then nothing of it is in the file
   */
  write(items: readonly ToWrite[], batch: string): number {
    const from = this.#next;
    try {
      return transaction(this.#database, () => {
        for (const item of items) this.#one(item);
        this.rollups.add(items.flatMap((item) => this.#counted(item)));
        this.#meta.run("batch", batch);
        this.#meta.run("next", String(this.#next));
        return from;
      });
    } catch (error) {
      this.#next = from;
      this.#labels.clear();
      this.words.forget();
      this.rollups.forget();
      throw error;
    }
  }

  #one({ entry, cost, bodies }: ToWrite): void {
    const seq = this.#next++;
    const day = Math.floor(entry.time / DAY_MS);
    const word = (text: string | undefined): number => this.words.idOf(text, day);
    const [only] = entry.attempts;
    const plain = entry.tries === 1 && isPlain(entry, only);
    const { tokens } = entry;
    const account = word(entry.account);
    const label = word(entry.label);
    if (account !== 0 && label !== 0 && this.#labels.get(account) !== label) {
      this.#label.run(account, label);
      this.#labels.set(account, label);
    }
    this.#insert.run(
      seq,
      entry.id,
      entry.time,
      entry.durationMs,
      entry.firstByteMs ?? null,
      entry.status,
      outcomeCode.to(entry.outcome),
      flagsOf(entry),
      word(entry.method),
      word(entry.path),
      word(entry.client),
      word(entry.userAgent),
      protocolCode.to(entry.protocol),
      protocolCode.to(entry.protocolOut),
      laneCode.to(entry.lane),
      word(entry.model),
      word(entry.modelUsed),
      account,
      label,
      word(entry.kind),
      entry.error ?? null,
      entry.tries,
      plain ? (only?.at ?? null) : null,
      plain ? (only?.took ?? null) : null,
      tokens?.[0] ?? null,
      tokens?.[1] ?? null,
      tokens?.[2] ?? null,
      tokens?.[3] ?? null,
      tokens?.[4] ?? null,
      cost === undefined ? null : Math.round(cost * NANO),
      entry.bytesIn ?? null,
      entry.bytesOut,
      entry.session ?? null,
      word(entry.route),
      word(entry.background),
      word(entry.edited),
      entry.warned,
      moreOf(entry, plain),
    );
    if (bodies !== undefined) {
      const { headers, request, reply } = bodies;
      const size = (headers?.length ?? 0) + (request?.text.length ?? 0) + (reply?.text.length ?? 0);
      this.#body.run(
        seq,
        entry.time,
        size,
        headers ?? null,
        request?.text ?? null,
        request?.bytes ?? null,
        request === undefined ? null : Number(request.cut),
        reply?.text ?? null,
        reply?.bytes ?? null,
        reply === undefined ? null : Number(reply.cut),
      );
    }
  }

  #counted({ entry, cost }: ToWrite): Counted[] {
    if (!entry.counted) return [];
    const day = Math.floor(entry.time / DAY_MS);
    const [input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0] = entry.tokens ?? [];
    const failed = entry.outcome === "failed";
    return [
      {
        time: entry.time,
        model: this.words.idOf(entry.modelUsed ?? entry.model, day),
        account: this.words.idOf(entry.account, day),
        client: this.words.idOf(entry.client, day),
        protocol: protocolCode.to(entry.protocol),
        failed,
        kind: failed ? (entry.kind ?? "other") : undefined,
        failedOver: entry.failedOver && entry.outcome === "ok",
        firstByteMs: entry.firstByteMs,
        durationMs: entry.durationMs,
        input,
        cacheRead,
        cacheWrite,
        output,
        reasoning,
        cost: cost === undefined ? undefined : Math.round(cost * NANO),
        hasTokens: entry.tokens !== undefined,
      },
    ];
  }
}

/** Numbers of rows are never used again, also after all were deleted. */
function nextSeq(database: Database): number {
  const kept = database.prepare("SELECT value FROM meta WHERE name = 'next'").get();
  const last = database.prepare("SELECT max(seq) AS seq FROM requests").get();
  return Math.max(Number(kept?.["value"] ?? 1), Number(last?.["seq"] ?? 0) + 1);
}

/** Does the row itself say all of its only attempt? */
function isPlain(entry: Entry, attempt: Entry["attempts"][number] | undefined): boolean {
  return (
    attempt !== undefined &&
    attempt.outcome === "ok" &&
    attempt.account === entry.account &&
    attempt.accountLabel === entry.label &&
    attempt.model === entry.modelUsed &&
    attempt.status === entry.status &&
    attempt.message === undefined &&
    attempt.waited === undefined
  );
}

function flagsOf(entry: Entry): number {
  return (
    (entry.stream === undefined ? 0 : FLAG.streamKnown) |
    (entry.stream === true ? FLAG.stream : 0) |
    (entry.failedOver ? FLAG.failedOver : 0) |
    (entry.sticky === undefined ? 0 : FLAG.stickyKnown) |
    (entry.sticky === true ? FLAG.sticky : 0) |
    (entry.estimated === true ? FLAG.estimated : 0) |
    (entry.counted ? FLAG.counted : 0)
  );
}

function moreOf({ attempts, warnings }: Entry, plain: boolean): string | null {
  const withAttempts = !plain && attempts.length > 0;
  if (!withAttempts && warnings.length === 0) return null;
  return JSON.stringify({
    ...(withAttempts ? { attempts } : {}),
    ...(warnings.length > 0 ? { warnings } : {}),
  });
}
