/** The tables of `portico.db`, and how an older file becomes a current one. */
import { type Database, transaction } from "../../common/sqlite.ts";

/** `kinds`: JSON of error classes; `first` and `took`: histograms of milliseconds. */
const SUM_COLUMNS = `
  requests INTEGER NOT NULL, errors INTEGER NOT NULL, failedOver INTEGER NOT NULL,
  input INTEGER NOT NULL, cacheRead INTEGER NOT NULL, cacheWrite INTEGER NOT NULL,
  output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
  cost INTEGER NOT NULL, unpriced INTEGER NOT NULL,
  kinds TEXT, first BLOB, took BLOB`;

/** What told requests apart before there were client keys. `start`: hours or days of UTC since 1970. */
const KEYLESS = ["start", "model", "account", "client", "protocol"];
/** By all there is to tell requests apart by. */
const cube = (names: readonly string[]) => `
  ${names.map((name) => `${name} INTEGER NOT NULL`).join(", ")}, ${SUM_COLUMNS},
  PRIMARY KEY (${names.join(", ")})`;

/** The same by one of them alone (`by`, see codes.ts), which is what is mostly asked for. */
const PARTS = `
  by INTEGER NOT NULL, start INTEGER NOT NULL, key INTEGER NOT NULL, ${SUM_COLUMNS},
  PRIMARY KEY (by, start, key)`;

/**
 * Each brings a file from the version of its place to the next. Never edit one that was released: add.
 *
 * Names are kept once, in `words`, and referred to by number; 0 stands for none. `requests.seq` has no
 * gaps: rows go from the low end alone. `more` is JSON of what few requests have.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, used INTEGER NOT NULL);
  CREATE TABLE labels (account INTEGER PRIMARY KEY, label INTEGER NOT NULL);
  CREATE TABLE requests (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, time INTEGER NOT NULL, duration INTEGER NOT NULL,
    first INTEGER, status INTEGER NOT NULL, outcome INTEGER NOT NULL, flags INTEGER NOT NULL,
    method INTEGER NOT NULL, path INTEGER NOT NULL, client INTEGER NOT NULL, agent INTEGER NOT NULL,
    protocol INTEGER NOT NULL, protocolOut INTEGER NOT NULL, lane INTEGER NOT NULL,
    model INTEGER NOT NULL, modelUsed INTEGER NOT NULL, account INTEGER NOT NULL, label INTEGER NOT NULL,
    kind INTEGER NOT NULL, error TEXT, tries INTEGER NOT NULL, at INTEGER, took INTEGER,
    input INTEGER, cacheRead INTEGER, cacheWrite INTEGER, output INTEGER, reasoning INTEGER, cost INTEGER,
    bytesIn INTEGER, bytesOut INTEGER NOT NULL, session TEXT, route INTEGER NOT NULL,
    background INTEGER NOT NULL, edited INTEGER NOT NULL, warned INTEGER NOT NULL, more TEXT
  );
  CREATE INDEX requests_id ON requests (substr(id, 1, 6));
  CREATE INDEX requests_time ON requests (time);
  CREATE TABLE bodies (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, size INTEGER NOT NULL,
    headers TEXT, request TEXT, requestBytes INTEGER, requestCut INTEGER,
    reply TEXT, replyBytes INTEGER, replyCut INTEGER
  );
  CREATE TABLE hours (${cube(KEYLESS)}) WITHOUT ROWID;
  CREATE TABLE hourParts (${PARTS}) WITHOUT ROWID;
  CREATE TABLE days (${cube(KEYLESS)}) WITHOUT ROWID;
  CREATE TABLE dayParts (${PARTS}) WITHOUT ROWID;
  `,
  // Requests that failed in the end were counted as failed over.
  `${recountFailedOver("hour", 3_600_000)} ${recountFailedOver("day", 86_400_000)}`,
  "ALTER TABLE requests ADD COLUMN key INTEGER NOT NULL DEFAULT 0",
  `${splitByKey("hour")} ${splitByKey("day")}`,
];

/**
 * Counts anew where all requests of a sum are kept. Of the others it is not known which of those that failed had moved
 * on: all are taken off, rather than tell of more than there were.
 */
function recountFailedOver(level: "hour" | "day", ms: number): string {
  const same = (names: readonly string[]) =>
    names.map((name) => `kept.${name} = ${level}s.${name}`).join(" AND ");
  const least = "max(0, failedOver - errors)";
  return `
  CREATE TEMP TABLE kept AS
    SELECT time / ${ms} AS start, iif(modelUsed = 0, model, modelUsed) AS model, account, client, protocol,
      count(*) AS n, sum(outcome = 1 AND (flags & 4) <> 0) AS answered
    FROM requests WHERE (flags & 64) <> 0 GROUP BY 1, 2, 3, 4, 5;
  CREATE INDEX temp.kept_start ON kept (start);
  UPDATE ${level}s SET failedOver = coalesce(
    (SELECT answered FROM kept
      WHERE ${same(KEYLESS)} AND kept.n = ${level}s.requests),
    ${least}) WHERE failedOver > 0;
  UPDATE ${level}Parts SET failedOver = coalesce(
    (SELECT iif(sum(kept.n) = ${level}Parts.requests, sum(kept.answered), NULL) FROM kept
      WHERE kept.start = ${level}Parts.start AND ${level}Parts.key =
        CASE ${level}Parts.by WHEN 0 THEN 0 WHEN 1 THEN kept.model WHEN 2 THEN kept.account
          WHEN 3 THEN kept.client ELSE kept.protocol END),
    ${least}) WHERE failedOver > 0;
  DROP TABLE temp.kept;`;
}

/** What was counted before is nobody's: sums do not say which key was shown. */
function splitByKey(level: "hour" | "day"): string {
  const sums =
    "requests, errors, failedOver, input, cacheRead, cacheWrite, output, reasoning, cost, unpriced";
  const rest = `${sums}, kinds, first, took`;
  const names = KEYLESS.join(", ");
  return `
  ALTER TABLE ${level}s RENAME TO ${level}sKeyless;
  CREATE TABLE ${level}s (${cube([...KEYLESS, "key"])}) WITHOUT ROWID;
  INSERT INTO ${level}s (${names}, key, ${rest}) SELECT ${names}, 0, ${rest} FROM ${level}sKeyless;
  DROP TABLE ${level}sKeyless;
  INSERT INTO ${level}Parts (by, start, key, ${rest}) SELECT 5, start, 0, ${rest} FROM ${level}Parts WHERE by = 0;`;
}

/** The version that this program writes. */
export const VERSION = MIGRATIONS.length;

/** The file's own version. @throws where it is no database */
export function versionOf(database: Database): number {
  const row = database.prepare("PRAGMA user_version").get();
  return Number(row?.["user_version"] ?? 0);
}

/** Brings an older file up to date, in one transaction. A newer one must not come here. */
export function migrate(database: Database): void {
  const from = versionOf(database);
  if (from === VERSION) return;
  // Has to be set before there is any table. The file then gives space back in small steps.
  if (from === 0) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  transaction(database, () => {
    for (const migration of MIGRATIONS.slice(from)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${VERSION}`);
  });
}
