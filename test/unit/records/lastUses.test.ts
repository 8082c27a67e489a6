/** When accounts were used last, as the history has it: also after another process has led. */
import { afterEach, describe, expect, it } from "vitest";
import { LastUses, USED_BY_MS } from "../../../src/gateway/leader/lastUses.ts";
import { requestRecord, type TestRecords, testRecords } from "../../support/records.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 8, 1, 12, 30);

let open: TestRecords[] = [];
afterEach(async () => {
  for (const each of open.toReversed()) await each.end();
  open = [];
});

function start(options: Parameters<typeof testRecords>[1] = {}): TestRecords {
  const clock = { now: () => NOW, monotonic: () => 0, setTimeout: () => ({ cancel() {} }) };
  const made = testRecords({}, { clock, ...options });
  open.push(made);
  return made;
}

/** As `accounts.list` tells of them. */
async function usesOf({ records }: TestRecords): Promise<LastUses> {
  const uses = new LastUses({ now: () => NOW });
  uses.restore(await records.lastUses(USED_BY_MS));
  return uses;
}

describe("the last uses that the history knows", () => {
  it("are the ends of the last requests, with the clients of late", async () => {
    const test = start();
    const add = (account: string, client: string, ago: number, durationMs = 1000) =>
      test.records.add(requestRecord({ account, client, time: NOW - ago, durationMs }));
    add("work", "Codex", 3 * HOUR);
    add("work", "Cline", 8 * 60_000);
    add("work", "Claude Code", 9 * 60_000, 8 * 60_000);
    add("old", "Codex", 40 * HOUR);
    const uses = await usesOf(test);
    expect(uses.of("work")).toEqual({ lastUsed: NOW - 60_000, usedBy: ["Claude Code", "Cline"] });
    expect(uses.of("old")).toEqual({ lastUsed: NOW - 40 * HOUR + 1000, usedBy: [] });
    expect(uses.of("never")).toEqual({});
  });

  it("are known to whoever leads next, and what was noted meanwhile is later", async () => {
    const first = start();
    first.records.add(requestRecord({ account: "work", client: "Codex", time: NOW - 60_000 }));
    first.records.add(requestRecord({ account: "spare", client: "Codex", time: NOW - 60_000 }));
    await first.records.flush();
    const next = start({ file: first.file });
    const uses = new LastUses({ now: () => NOW });
    uses.note({ account: "work", client: "Cline" });
    uses.restore(await next.records.lastUses(USED_BY_MS));
    expect(uses.of("work")).toEqual({ lastUsed: NOW, usedBy: ["Cline", "Codex"] });
    expect(uses.of("spare").usedBy).toEqual(["Codex"]);
  });

  it("outlive the requests: the hour is known when they are cleared", async () => {
    const test = start();
    test.records.add(requestRecord({ account: "work", time: NOW - 3 * HOUR }));
    await test.records.flush();
    await test.records.clear();
    expect((await usesOf(test)).of("work")).toEqual({ lastUsed: NOW - 3.5 * HOUR, usedBy: [] });
  });

  it("are never to come, whatever a clock said that was ahead", async () => {
    const test = start();
    test.records.add(requestRecord({ account: "work", time: NOW + 700 * HOUR }));
    expect((await usesOf(test)).of("work").lastUsed).toBe(NOW);
  });
});

describe("requests that were failed over", () => {
  const attempt = { protocol: "openai-chat", model: "gpt-5", at: 0, took: 1 } as const;
  const attempts = [
    { ...attempt, account: "work", outcome: "rate-limit" },
    { ...attempt, account: "spare", outcome: "ok" },
  ];

  it("count where they were answered, and nowhere else", async () => {
    const test = start();
    const failed = { kind: "rate_limit", message: "no" } as const;
    const gone = { kind: "client-gone", message: "left" } as const;
    test.records.add(requestRecord({ time: NOW, attempts }));
    test.records.add(requestRecord({ time: NOW, attempts, status: 429, error: failed }));
    test.records.add(requestRecord({ time: NOW, attempts, error: failed }));
    test.records.add(requestRecord({ time: NOW, attempts, error: gone }));
    const today = await test.records.today();
    expect(today.total).toMatchObject({ requests: 4, failedOver: 1 });
    for (const bucket of ["minute", "hour", "day"] as const) {
      const { total } = await test.records.stats({ from: NOW - HOUR, to: NOW + HOUR, bucket });
      expect(total).toMatchObject({ requests: 4, failedOver: 1 });
    }
    // Each of them was tried elsewhere, which the list goes on showing.
    const { rows } = await test.records.list({ limit: 10, filter: { failedOver: true } });
    expect(rows).toHaveLength(4);
  });
});
