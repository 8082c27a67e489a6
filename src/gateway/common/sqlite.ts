/** `node:sqlite`, without the warning that Node 22 prints on the first use in each thread. */
import type * as Sqlite from "node:sqlite";

export type Database = InstanceType<typeof Sqlite.DatabaseSync>;
export type Statement = Sqlite.StatementSync;
export type SqlValue = Sqlite.SQLInputValue;

let loaded: typeof Sqlite | undefined;

/** Loaded at the first call: importing it would warn before anything here could run. */
export function sqlite(): typeof Sqlite {
  if (loaded !== undefined) return loaded;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    loaded = process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
  return loaded;
}

/** SQLite's primary result codes. https://www.sqlite.org/rescode.html */
const CODES = {
  busy: [5, 6],
  readonly: [8],
  io: [10],
  corrupt: [11, 26],
  full: [13],
  cannotOpen: [14],
} as const;
export type SqliteFailure = keyof typeof CODES | "other";

/** What an error of `node:sqlite` means; `undefined` for anything else that was thrown. */
export function failureOf(error: unknown): SqliteFailure | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") {
    return undefined;
  }
  const primary = error.errcode & 0xff;
  for (const [failure, codes] of Object.entries(CODES)) {
    if ((codes as readonly number[]).includes(primary)) return failure as SqliteFailure;
  }
  return "other";
}

/** Runs `work` in a transaction that is rolled back when it throws. */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // Some errors have rolled it back already.
    if (database.isTransaction !== false) {
      try {
        database.exec("ROLLBACK");
      } catch {
        // The first error says more.
      }
    }
    throw error;
  }
}
