import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DataFolder, openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { tryLead } from "../../../src/gateway/common/leaderLock.ts";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import { HandOver, MOST_WAITING, WAITING_BYTES } from "../../../src/gateway/leader/handOver.ts";
import { createTaking, REMEMBERED } from "../../../src/gateway/leader/taking.ts";
import type { RawBodies } from "../../../src/gateway/records/bodies.ts";
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

  it("brings recorded bodies along, one message after the other", async () => {
    const lead = await openLead();
    try {
      const client = await lead.client();
      await client.call("settings.update", { "records.bodies": true });
      const over = handOver(lead.folder);
      const text = `the words, €${"of it ".repeat(10_000)}`;
      const seen = { bytes: Buffer.from(text), total: Buffer.byteLength(text), contentType: "text/plain" };
      for (let n = 0; n < 20; n++) {
        over.add({
          counted: false,
          record: record(`b${n}`, { bodies: { headers: ["x-a", "b"], request: seen, reply: seen } }),
        });
      }
      await over.finish(10_000);
      expect([over.dropped, over.bared, warned]).toEqual([0, 0, []]);
      for (let n = 0; n < 20; n++) {
        const found = await client.call("requests.get", { id: `req_b${n}` });
        expect(found.requestBody?.text).toMatch(/^the words, €of it of it/);
        expect(found.replyBody?.bytes).toBe(seen.total);
        expect(JSON.stringify(found)).toContain("x-a");
      }
    } finally {
      await lead.close();
    }
  });

  it("goes without what is too large for a message, or for what may wait, and says so", async () => {
    const lead = await openLead();
    try {
      const client = await lead.client();
      await client.call("settings.update", { "records.bodies": true });
      const bodies = (bytes: number): RawBodies => ({
        headers: [],
        request: { bytes: Buffer.alloc(bytes, "x"), total: bytes, contentType: "text/plain" },
      });
      const over = handOver(lead.folder);
      over.add({ counted: false, record: record("large", { bodies: bodies(900_000) }) });
      await over.finish(10_000);
      expect([over.dropped, over.bared]).toEqual([0, 1]);
      expect(warned).toEqual([
        "1 requests were recorded without their bodies: those were too large to be handed over",
      ]);
      expect((await client.call("requests.get", { id: "req_large" })).requestBody).toBeUndefined();

      const full = handOver();
      for (let n = 0; n < 20; n++) {
        full.add({ counted: false, record: record(`f${n}`, { bodies: bodies(WAITING_BYTES / 16) }) });
      }
      expect([full.dropped, full.bared]).toEqual([0, 4]);
      await full.finish(5000);
      expect(kept.filter((each) => each.record.bodies !== undefined)).toHaveLength(16);
    } finally {
      await lead.close();
    }
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

  it("gets all that is recorded of a request", () => {
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
    const { bodies, ...rest } = full;
    expect(back).toEqual({
      counted: true,
      record: { ...rest, bodies, error: { kind: "cut", message: "x".repeat(500) } },
    });
  });
});
