import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { fakeClock } from "../../support/clock.ts";
import { requestRecord, type TestRecords, testRecords } from "../../support/records.ts";

let open: TestRecords;
afterEach(() => open.end());

describe("records", () => {
  it("keeps what was added, newest first, with everything that is known of it", async () => {
    open = testRecords();
    const { records } = open;
    const plain = requestRecord();
    const failing = requestRecord({
      status: 429,
      error: { kind: "rate_limit", message: "Slow down." },
      attempts: [
        {
          account: "a",
          model: "m",
          protocol: "anthropic",
          at: 1,
          took: 5,
          status: 429,
          outcome: "rate_limit",
          message: "Slow",
        },
        {
          account: "b",
          model: "m2",
          protocol: "gemini",
          at: 2137,
          took: 50,
          waited: 2130,
          status: 429,
          outcome: "rate_limit",
        },
      ],
      warnings: [{ feature: "top_k", message: "left out" }],
      route: "gpt-*",
      background: "title",
      edited: "effort",
    });
    delete failing.usage;
    records.add(plain);
    records.add(failing);
    const { rows, total, upTo } = await records.list({ limit: 10 });
    expect({ total, upTo }).toEqual({ total: 2, upTo: 2 });
    expect(rows.map(({ id }) => id)).toEqual([failing.id, plain.id]);
    expect(rows[1]).toEqual({
      id: plain.id,
      seq: 1,
      method: plain.method,
      path: plain.path,
      time: plain.time,
      client: "Claude Code",
      protocol: "openai-chat",
      protocolOut: "openai-chat",
      lane: "A",
      stream: true,
      model: "gpt-5",
      modelUsed: "gpt-5",
      account: "work",
      accountLabel: "Label of work",
      status: 200,
      outcome: "ok",
      attempts: 1,
      failedOver: false,
      firstByteMs: 320,
      durationMs: 812,
      tokens: { input: 1200, cacheRead: 1000, cacheWrite: 0, output: 90, reasoning: 30, estimated: false },
      // 200 * 1.25 + 1000 * 0.125 + 90 * 10, per million
      cost: 0.001275,
      warnings: 0,
    });
    expect(await records.get({ id: plain.id })).toEqual({
      ...rows[1],
      method: "POST",
      path: "/v1/chat/completions",
      attemptList: [
        {
          account: "work",
          accountLabel: "Label of work",
          model: "gpt-5",
          protocol: "openai-chat",
          at: 2,
          took: 810,
          status: 200,
          outcome: "ok",
        },
      ],
      warningList: [],
      session: "0123456789ab",
      sticky: true,
      bytesIn: 4711,
      bytesOut: 3210,
      userAgent: "claude-cli/2.0.1 (external, cli)",
    });
    expect(await records.get({ id: failing.id })).toMatchObject({
      outcome: "failed",
      failedOver: true,
      errorKind: "rate_limit",
      error: "Slow down.",
      warningList: ["top_k: left out"],
      route: "gpt-*",
      background: "title",
      edited: "effort",
      attemptList: [
        { account: "a", accountLabel: "Label of a", outcome: "rate_limit", message: "Slow" },
        { account: "b", outcome: "rate_limit", waited: 2130 },
      ],
    });
    await expect(records.get({ id: "req_none" })).rejects.toMatchObject({ kind: "not_found" });
    const today = await records.today();
    expect(today.total).toMatchObject({ requests: 2, errors: 1, failedOver: 0, input: 1200, cost: 0.001275 });
    const stats = await records.stats({
      from: Date.now() - 3_600_000,
      to: Date.now() + 1,
      bucket: "hour",
      by: "account",
    });
    expect(stats.groups.map(({ key, label, total: sums }) => [key, label, sums.requests])).toEqual([
      ["work", "Label of work", 2],
    ]);
    expect(stats.errors).toEqual({ rate_limit: 1 });
    expect(await records.facets()).toEqual({
      clients: ["Claude Code"],
      models: ["gpt-5"],
      keys: [],
      accounts: [{ id: "work", label: "Label of work" }],
      protocols: ["openai-chat"],
    });
    expect(await records.storage()).toMatchObject({ requests: { rows: 2 }, bodies: { rows: 0, bytes: 0 } });
    expect(await records.clear()).toEqual({ removed: 2 });
    expect((await records.list()).total).toBe(0);
    expect((await records.today()).total.requests).toBe(2);
    expect(records.problem).toBeUndefined();
    expect(open.log).toEqual([]);
  });

  it("keeps how long a request waited for an account, also where it then went well", async () => {
    open = testRecords();
    const { records } = open;
    const plain = requestRecord();
    const patient = requestRecord();
    patient.attempts = patient.attempts.map((attempt) => ({ ...attempt, waited: 1500.4 }));
    records.add(plain);
    records.add(patient);
    expect((await records.get({ id: patient.id })).attemptList).toMatchObject([
      { outcome: "ok", waited: 1500 },
    ]);
    expect((await records.get({ id: plain.id })).attemptList[0]).not.toHaveProperty("waited");
  });

  it("closes within its time, whatever its thread does, and gives back what may not be written", async () => {
    const time = fakeClock();
    const start = () => new Worker("setInterval(() => {}, 1000)", { eval: true });
    open = testRecords({}, { clock: time.clock, start });
    const record = requestRecord();
    open.records.add(record);
    const closing = open.records.close(1000);
    let closed = false;
    void closing.then(() => {
      closed = true;
    });
    const settled = () => new Promise((resolve) => setTimeout(resolve, 100));
    time.pass(999);
    await settled();
    expect(closed).toBe(false);
    for (let step = 0; step < 3; step++) {
      time.pass(step === 0 ? 1 : 0);
      await settled();
    }
    expect(await closing).toMatchObject([{ id: record.id }]);
  });
});
