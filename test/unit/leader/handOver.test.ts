import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DataFolder, openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { HandOver, MOST_WAITING } from "../../../src/gateway/leader/handOver.ts";
import { createTaking, REMEMBERED } from "../../../src/gateway/leader/taking.ts";
import { type Handed, handedRecord, toHandOver } from "../../../src/gateway/records/handed.ts";
import { newRecord, type RequestRecord } from "../../../src/gateway/records/record.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { openLead } from "../../support/lead.ts";

function record(id: string, more: Partial<RequestRecord> = {}): RequestRecord {
  const request = { id: `req_${id}`, time: Date.now(), method: "POST", path: "/v1/chat/completions" };
  return { ...newRecord(request, {}), protocol: "openai-chat", model: "m", status: 200, ...more };
}
const handed = (id: string): Handed => ({ record: record(id), counted: false });

let path: string;
let folder: DataFolder;
let warned: string[];
let kept: Handed[];

beforeEach(async () => {
  path = makeFolder("hand-over");
  folder = await openDataFolder(path);
  warned = [];
  kept = [];
});
afterEach(() => removeFolder(path));

const handOver = (at = folder) => {
  const over = new HandOver({
    folder: at,
    clock: systemClock,
    log: { warn: (message) => void warned.push(message), debug() {} },
    held: () => [],
    keep: async (records) => void kept.push(...records),
  });
  over.begin();
  return over;
};

describe("what still ends in a process that no longer leads", () => {
  it("is taken by whoever leads, once", async () => {
    const lead = await openLead();
    try {
      const over = handOver(lead.folder);
      for (let n = 0; n < 12; n++) over.add(handed(`n${n}`));
      await over.finish(10_000);
      const client = await lead.client();
      const { rows } = await client.call("requests.list", { limit: 100 });
      expect(rows.map(({ id }) => id).sort()).toEqual(
        Array.from({ length: 12 }, (_, n) => `n${n}`)
          .sort()
          .map((id) => expect.stringContaining(id)),
      );
      expect([over.dropped, kept, warned]).toEqual([0, [], []]);
    } finally {
      await lead.close();
    }
  });

  it("is kept under the leader's lock where nobody leads", async () => {
    const over = handOver();
    over.add(handed("a"));
    over.add(handed("b"));
    await over.finish(5000);
    expect(kept.map((each) => each.record.id)).toEqual(["req_a", "req_b"]);
    expect(over.dropped).toBe(0);
    // The lock is free again.
    tryLead(folder.leader)?.release();
  });

  it("is dropped and counted where somebody leads who takes nothing", async () => {
    const lock = tryLead(folder.leader);
    const over = handOver();
    over.add(handed("a"));
    await over.finish(300);
    lock?.release();
    expect([over.dropped, kept]).toEqual([1, []]);
    expect(warned).toEqual(["1 requests were not recorded. Nobody leads who takes them."]);
  });

  it("is bounded", async () => {
    const over = handOver();
    for (let n = 0; n < MOST_WAITING + 3; n++) over.add(handed(String(n)));
    expect(over.dropped).toBe(3);
    await over.finish(5000);
    expect(kept).toHaveLength(MOST_WAITING);
  });
});

describe("whoever takes it", () => {
  it("takes nothing while it is leaving itself: what was refused is taken by the next", async () => {
    let leaving = true;
    const seen: string[] = [];
    const take = createTaking({
      take(records) {
        if (leaving) throw new Error("leaving");
        seen.push(...records.map((one) => one.record.id));
      },
    });
    const sent = JSON.parse(JSON.stringify(toHandOver(handed("a")))) as unknown;
    expect(() => take({ records: [sent], held: [] })).toThrow("leaving");
    leaving = false;
    expect(take({ records: [sent], held: [] })).toEqual({ taken: 1 });
    expect(seen).toEqual(["req_a"]);
  });

  it("takes nothing twice, remembers so many, and passes over what is no request", () => {
    const seen: string[] = [];
    const take = createTaking({ take: (records) => void seen.push(...records.map((one) => one.record.id)) });
    const sent = (id: string) => JSON.parse(JSON.stringify(toHandOver(handed(id)))) as unknown;
    expect(take({ records: [sent("a"), {}, null, { id: 1 }], held: [] })).toEqual({ taken: 1 });
    expect(take({ records: [sent("a"), sent("b")], held: [] })).toEqual({ taken: 1 });
    for (let n = 0; n < REMEMBERED; n++) take({ records: [sent(`n${n}`)], held: [] });
    expect(take({ records: [sent("a")], held: [] })).toEqual({ taken: 1 });
    expect(seen.slice(0, 2)).toEqual(["req_a", "req_b"]);
  });

  it("gets all that is recorded of a request, but for its bodies", () => {
    const full = record("x", {
      account: "one",
      error: { kind: "cut", message: "x".repeat(2000) },
      attempts: [{ account: "one", model: "m", protocol: "openai-chat", at: 0, took: 5, outcome: "cut" }],
      usage: {
        input: { total: 3, uncached: 3, cacheRead: 0, cacheWrite: 0 },
        output: { total: 2, reasoning: 0 },
      },
      warnings: [{ feature: "tools", message: "dropped" }],
      bodies: { headers: [], request: undefined, reply: undefined },
    });
    const back = handedRecord(JSON.parse(JSON.stringify(toHandOver({ record: full, counted: true }))));
    const { bodies: _bodies, ...rest } = full;
    expect(back).toEqual({
      counted: true,
      record: { ...rest, error: { kind: "cut", message: "x".repeat(500) } },
    });
  });
});
