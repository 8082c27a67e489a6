/** Records on a real file, and requests to put into them. */
import { join } from "node:path";
import { systemClock } from "../../src/gateway/common/ports.ts";
import { type AccountLookup, type Entry, entryOf } from "../../src/gateway/records/entry.ts";
import type { RequestRecord } from "../../src/gateway/records/record.ts";
import { openRecords, type Records, type RecordsOptions } from "../../src/gateway/records/records.ts";
import { type SettingsInput, settingsSchema } from "../../src/gateway/settings/settings.ts";
import { makeFolder, removeFolder } from "./folder.ts";

export interface TestRecords {
  readonly records: Records;
  readonly folder: string;
  readonly file: string;
  /** Every line of the log. */
  readonly log: string[];
  /** Closes them and deletes the folder. */
  end(): Promise<void>;
}

export const recordSettings = (input: Pick<SettingsInput, "records" | "prices"> = {}) =>
  settingsSchema.parse(input);

export function testRecords(
  input: Pick<SettingsInput, "records" | "prices"> = {},
  options: Partial<RecordsOptions> = {},
): TestRecords {
  const folder = makeFolder("records");
  const file = options.file ?? join(folder, "portico.db");
  const log: string[] = [];
  const line = (level: string) => (message: string) => void log.push(`${level} ${message}`);
  const records = openRecords({
    file,
    clock: systemClock,
    log: { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") },
    settings: recordSettings(input),
    account: (id) => ({ label: `Label of ${id}`, provider: id.startsWith("free") ? "ollama" : "openai" }),
    ...options,
  });
  return {
    records,
    folder,
    file,
    log,
    async end() {
      await records.close();
      await removeFolder(folder);
    },
  };
}

/** A request as the thread writes it. @param cost USD; `undefined`: not known */
export function pricedEntry(
  record: RequestRecord,
  cost: number | undefined,
  lookup: AccountLookup = () => undefined,
): Entry {
  return { ...entryOf(record, lookup), ...(cost === undefined ? {} : { cost }) };
}

let made = 0;

/** A request that went well, unless it says otherwise. */
export function requestRecord(own: Partial<RequestRecord> = {}): RequestRecord {
  const account = own.account ?? "work";
  const model = own.model ?? "gpt-5";
  return {
    id: `req_${String(++made).padStart(24, "abcdefghijklmnopqrstuvwx")}`,
    time: Date.now(),
    method: "POST",
    path: "/v1/chat/completions",
    protocol: "openai-chat",
    model,
    modelUsed: model,
    stream: true,
    lane: "A",
    account,
    client: "Claude Code",
    userAgent: "claude-cli/2.0.1 (external, cli)",
    attempts: [{ account, model, protocol: "openai-chat", at: 2, took: 810, status: 200, outcome: "ok" }],
    status: 200,
    firstByteMs: 320,
    durationMs: 812.4,
    usage: {
      input: { total: 1200, uncached: 200, cacheRead: 1000, cacheWrite: 0 },
      output: { total: 90, reasoning: 30 },
    },
    warnings: [],
    bytesIn: 4711,
    bytesOut: 3210,
    session: "0123456789ab",
    sticky: true,
    ...own,
  };
}
