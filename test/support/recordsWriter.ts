/**
 * A process that writes requests until it is killed: `FILE SEED [sweeps]`. Says `PLACES` on a line of its own
 * as soon as a batch is in the file: how many requests are there in all.
 */
import { writeSync } from "node:fs";
import { spanOf } from "../../src/gateway/records/db/rows.ts";
import { Store } from "../../src/gateway/records/db/store.ts";
import { pricedEntry, requestRecord } from "./records.ts";

const [, , file = "", seed = "1", sweeps = ""] = process.argv;
let state = Number(seed);
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}
const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
const fail = (message: string | undefined): void => {
  if (message !== undefined) writeSync(1, `PROBLEM ${message}\n`);
};

const store = new Store(file, { onProblem: fail, onNotice: fail });
const limits = { maxAgeDays: 3650, maxRows: 300, maxBytes: 1e9, bodiesMaxBytes: 1e9, bodiesMaxHours: 720 };
let written = store.read(({ database }) => spanOf(database).last);
for (let batch = 0; ; batch++) {
  const items = Array.from({ length: 1 + Math.floor(random() * 40) }, () => {
    const failed = random() < 0.2;
    const record = requestRecord({
      time: Date.now() - Math.floor(random() * 3 * 86_400_000),
      model: pick(["gpt-5", "claude", "gemini"]),
      account: pick(["a", "b"]),
      client: pick(["Claude Code", "Codex"]),
      durationMs: Math.floor(random() * 60_000),
      ...(failed ? { status: 429, error: { kind: "rate_limit" as const, message: "Slow down." } } : {}),
    });
    const text = "x".repeat(Math.floor(random() * 4000));
    return {
      entry: pricedEntry(record, random() < 0.5 ? random() : undefined, (id) => ({
        label: id,
        provider: "openai",
      })),
      ...(random() < 0.2 ? { bodies: { request: { text, bytes: text.length, cut: false } } } : {}),
    };
  });
  if (store.write(items, `${seed}:${batch}`) === undefined) break;
  written += items.length;
  writeSync(1, `${written}\n`);
  if (sweeps !== "") store.sweep(limits, Date.now());
}
