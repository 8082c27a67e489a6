/** The file of recorded requests: opened, mended or set aside, and what is done with it. */

import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { codeOf } from "../../common/dataFolder.ts";
import { messageOf } from "../../common/errors.ts";
import { FileFailure, whyRefused } from "../../common/fileFailure.ts";
import { type Database, failureOf, type SqliteFailure, sqlite, transaction } from "../../common/sqlite.ts";
import type { StoredSizes } from "../wire.ts";
import { DAY_MS } from "./codes.ts";
import { bytesOf, damagedSizes, removeDamaged, setAside } from "./damaged.ts";
import { StringInterning } from "./interning.ts";
import { Reader } from "./reader.ts";
import { type Limits, Retention } from "./retention.ts";
import { spanOf } from "./rows.ts";
import { migrate, VERSION, versionOf } from "./schema.ts";
import { StatsReader } from "./stats.ts";
import { type ToWrite, Writer } from "./writer.ts";

/** Milliseconds that a lock of somebody else is waited for. */
const BUSY_MS = 250;
/** Unit: kibibytes. */
const CACHE_KIB = 16 * 1024;
/** Files up to this size are looked through when they are opened. Unit: bytes. */
const CHECKED_BYTES = 64 * 1024 * 1024;

/** Nothing can be read or written; the message is for a person. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

interface Open {
  readonly database: Database;
  readonly reader: Reader;
  readonly stats: StatsReader;
  readonly retention: Retention;
  /** Absent: a newer program's file, or one that may only be read. */
  readonly writer?: Writer;
  /** It could not be opened for writing, which may pass. */
  readonly refused?: true;
}

export interface StoreListener {
  /** For a person: why nothing is written; `undefined`: it is. */
  onProblem(message: string | undefined): void;
  /** For a person: what happened, without being in the way any longer. */
  onNotice(message: string): void;
}

export class Store {
  readonly #file: string;
  readonly #listener: StoreListener;
  #open: Open | undefined;
  #problem: string | undefined;

  constructor(file: string, listener: StoreListener) {
    this.#file = file;
    this.#listener = listener;
  }

  /** The name of the batch that was written last. */
  lastBatch(): string | undefined {
    const read = ({ database }: Open): unknown =>
      database.prepare("SELECT value FROM meta WHERE name = 'batch'").get()?.["value"];
    const batch = this.attempt(read);
    return typeof batch === "string" ? batch : undefined;
  }

  /**
   * @returns the place of the first request; `undefined` where they could not be written; then why not was
   *   said
   */
  write(items: readonly ToWrite[], batch: string): number | undefined {
    return this.attempt((open) => {
      if (open.writer === undefined) return undefined;
      const first = open.writer.write(items, batch);
      this.#say(undefined);
      return first;
    });
  }

  /** What `work` finds in the file, or does with it. @throws StoreError where the file cannot be used */
  read<T>(work: (open: Open) => T): T {
    const done = this.attempt((open) => ({ value: work(open) }));
    if (done === undefined)
      throw new StoreError(this.#problem ?? "The recorded requests cannot be read now.");
    return done.value;
  }

  /**
   * Takes all requests out, those of damaged files that were set aside too; what they added to the statistics
   * stays.
   * @throws StoreError
   */
  clear(): number {
    try {
      removeDamaged(this.#file);
    } catch (error) {
      throw new StoreError(`A damaged file that was set aside could not be deleted: ${whyRefused(error)}`);
    }
    return this.read(({ database, reader, writer }) => {
      const removed = transaction(database, () => {
        database.exec("DELETE FROM bodies");
        const count = Number(database.prepare("SELECT count(*) AS n FROM requests").get()?.["n"]);
        database.exec("DELETE FROM requests");
        return count;
      });
      reader.forget();
      writer?.words.forget();
      return removed;
    });
  }

  /** One small step of letting go. @returns whether there is more to do */
  sweep(limits: Limits, now: number): boolean {
    if (this.#open?.refused === true || !existsSync(this.#file)) this.close();
    const opens = this.#open === undefined;
    this.#forgetDamaged(now - limits.maxAgeDays * DAY_MS);
    return (
      this.attempt(({ database, retention, reader, writer }) => {
        if (writer === undefined) return false;
        if (opens) this.#say(undefined);
        const more = retention.step(limits, now);
        if (more) {
          reader.forget();
          writer.words.forget();
          writer.rollups.forget();
        } else database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        return more;
      }) ?? false
    );
  }

  /** @throws StoreError */
  sizes(): StoredSizes {
    return this.read(({ database, retention }) => {
      const bodies = database.prepare("SELECT count(*) AS rows, total(size) AS bytes FROM bodies").get();
      const { first, last, oldest } = spanOf(database);
      const bodyBytes = Number(bodies?.["bytes"]);
      return {
        requests: {
          rows: last - first + 1,
          bytes: Math.max(0, retention.used() - bodyBytes),
          ...(oldest === undefined ? {} : { oldest }),
        },
        bodies: { rows: Number(bodies?.["rows"]), bytes: bodyBytes },
        damaged: damagedSizes(this.#file),
        bytes: bytesOf(this.#file),
      };
    });
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    try {
      open?.database.close();
    } catch (error) {
      this.#listener.onNotice(`The file of recorded requests could not be closed: ${messageOf(error)}`);
    }
  }

  /**
   * Opens the file where it is not open, and does `work` with it. A damaged file is set aside and the work
   * done with a new one; any other failure is said.
   */
  attempt<T>(work: (open: Open) => T): T | undefined {
    for (let again = false; ; again = true) {
      try {
        this.#open ??= this.#opened();
        return work(this.#open);
      } catch (error) {
        const failure = failureOf(error) ?? (codeOf(error) === undefined ? undefined : "cannotOpen");
        if (failure === undefined) throw error;
        if (failure !== "busy" && failure !== "full") this.close();
        if (failure !== "corrupt" || again || !this.#setAside()) {
          this.#say(failureText(failure, this.#file, error));
          return undefined;
        }
      }
    }
  }

  #opened(): Open {
    const { DatabaseSync } = sqlite();
    this.#makePrivate();
    let database: Database;
    try {
      database = new DatabaseSync(this.#file, { timeout: BUSY_MS });
    } catch (error) {
      if (failureOf(error) === "cannotOpen" && existsSync(this.#file)) return this.#openedToRead(error);
      throw error;
    }
    try {
      const version = versionOf(database);
      if (version > VERSION) {
        database.close();
        return this.#openedToRead(undefined);
      }
      // Before anything is written to it.
      this.#check(database);
      // Before the first page is written; afterwards it does nothing.
      database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      database.exec("PRAGMA journal_mode = WAL");
      database.exec("PRAGMA synchronous = NORMAL");
      database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
      database.exec("PRAGMA temp_store = MEMORY");
      database.exec("PRAGMA journal_size_limit = 4194304");
      // Text that was deleted is not to be found in the file.
      database.exec("PRAGMA secure_delete = ON");
      migrate(database);
      const writer = new Writer(database);
      return { ...readersOf(database, writer), writer };
    } catch (error) {
      if (database.isOpen) database.close();
      if (failureOf(error) === "readonly") return this.#openedToRead(error);
      throw error;
    }
  }

  /** @param error why it cannot be written; `undefined`: a newer program wrote it */
  #openedToRead(error: unknown): Open {
    const database = new (sqlite().DatabaseSync)(this.#file, { timeout: BUSY_MS, readOnly: true });
    this.#say(
      error === undefined
        ? `${this.#file} was written by a newer Portico, so nothing new is recorded. Update Portico, or move that file away.`
        : failureText("readonly", this.#file, error),
    );
    return { ...readersOf(database, undefined), ...(error === undefined ? {} : { refused: true }) };
  }

  #check(database: Database): void {
    if (sizeOf(this.#file) > CHECKED_BYTES) return;
    const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found === "ok") return;
    // As SQLite itself says it where it stumbles upon it.
    throw Object.assign(new Error(String(found)), { errcode: 11 });
  }

  /** A new file can be read by its owner alone, and so can what SQLite puts beside it. */
  #makePrivate(): void {
    try {
      closeSync(openSync(this.#file, "wx", 0o600));
    } catch (error) {
      if (codeOf(error) === "EEXIST") return;
      throw error;
    }
  }

  /** @returns whether there is room for a new file */
  #setAside(): boolean {
    let aside: string;
    try {
      aside = setAside(this.#file, Date.now());
    } catch (error) {
      this.#say(`The file of recorded requests is damaged and could not be set aside: ${whyRefused(error)}`);
      return false;
    }
    this.#listener.onNotice(
      `The file of recorded requests was damaged. It was set aside as ${basename(aside)}, and a new one was begun.`,
    );
    return true;
  }

  #forgetDamaged(before: number): void {
    try {
      removeDamaged(this.#file, before);
    } catch (error) {
      this.#listener.onNotice(
        `A damaged file of recorded requests is too old and could not be deleted: ${messageOf(error)}`,
      );
    }
  }

  #say(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#listener.onProblem(problem);
  }
}

function readersOf(database: Database, writer: Writer | undefined): Omit<Open, "writer"> {
  const words = writer?.words ?? new StringInterning(database);
  return {
    database,
    reader: new Reader(database, words),
    stats: new StatsReader(database, words),
    retention: new Retention(database),
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function failureText(failure: SqliteFailure, file: string, error: unknown): string {
  switch (failure) {
    case "busy":
      return `Requests could not be recorded: another program holds ${file} locked. Close that program. Recording then goes on by itself.`;
    case "full":
    case "readonly":
    case "cannotOpen": {
      const { message } = new FileFailure("Requests", "recorded", dirname(file), error);
      return `${message} Recording then goes on by itself.`;
    }
    default:
      return `Requests could not be recorded: ${file} cannot be used (${messageOf(error)}).`;
  }
}
