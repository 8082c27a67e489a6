/** Writes requests, their bodies and what they add to the sums: all of a batch or none of it. */

import { type Database, type Statement, transaction } from "../../common/sqlite.ts";
import type { KeptBodies } from "../bodies.ts";
import type { Entry } from "../entry.ts";
import { DAY_MS, NANO, protocolCode } from "./codes.ts";
import { type RequestColumns, requestColumns } from "./columns.ts";
import { StringInterning } from "./interning.ts";
import { type Counted, REST, Rollups } from "./rollups.ts";

/** A request, priced, and what the thread made of its bodies. */
export interface ToWrite {
  readonly entry: Entry;
  readonly bodies?: KeptBodies | undefined;
}

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
  readonly #columns: RequestColumns;
  readonly words: StringInterning;
  readonly rollups: Rollups;
  readonly #insert: Statement;
  readonly #body: Statement;
  readonly #label: Statement;
  readonly #meta: Statement;
  /** Labels that the file has, by account. */
  readonly #labels = new Map<number, number>();
  #next: number;

  constructor(database: Database, columns: RequestColumns = requestColumns) {
    this.#database = database;
    this.#columns = columns;
    this.words = new StringInterning(database);
    const rest = transaction(database, () => this.words.idOf(REST, Number.MAX_SAFE_INTEGER));
    this.rollups = new Rollups(database, rest);
    this.#insert = database.prepare(insert("requests", columns.names));
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

  #one({ entry, bodies }: ToWrite): void {
    const seq = this.#next++;
    const day = Math.floor(entry.time / DAY_MS);
    const word = (text: string | undefined): number => this.words.idOf(text, day);
    const account = word(entry.account);
    const label = word(entry.accountLabel);
    if (account !== 0 && label !== 0 && this.#labels.get(account) !== label) {
      this.#label.run(account, label);
      this.#labels.set(account, label);
    }
    this.#insert.run(...this.#columns.values(seq, entry, word));
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

  #counted({ entry }: ToWrite): Counted[] {
    if (!entry.counted) return [];
    const day = Math.floor(entry.time / DAY_MS);
    const { cost } = entry;
    const { input = 0, cacheRead = 0, cacheWrite = 0, output = 0, reasoning = 0 } = entry.tokens ?? {};
    const failed = entry.outcome === "failed";
    return [
      {
        time: entry.time,
        model: this.words.idOf(entry.modelUsed ?? entry.model, day),
        account: this.words.idOf(entry.account, day),
        client: this.words.idOf(entry.client, day),
        protocol: protocolCode.to(entry.protocol),
        key: this.words.idOf(entry.key, day),
        failed,
        kind: failed ? (entry.errorKind ?? "other") : undefined,
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
