import { describe, expect, it } from "vitest";
import { QUEUE_LENGTH, Queue } from "../../../src/gateway/records/queue.ts";
import type { ToThread } from "../../../src/gateway/records/wire.ts";
import { requestRecord } from "../../support/records.ts";

type Write = ToThread & { kind: "write" };

function setup() {
  const sent: Write[] = [];
  const timers: { run: () => void; at: number }[] = [];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimeout(run: () => void, at: number) {
      const timer = { run, at };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0) };
    },
  };
  const queue = new Queue({
    clock,
    account: () => undefined,
    session: "s",
    send: (message) => void sent.push(message),
  });
  const tick = () => {
    for (const { run } of timers.splice(0)) run();
  };
  const last = () => sent.at(-1) ?? { batch: "", entries: "[]" };
  return { queue, sent, timers, tick, last };
}
const count = ({ entries }: Pick<Write, "entries">): number => JSON.parse(entries).length;

describe("the queue of requests to be recorded", () => {
  it("sends them together, a moment later or when there are many", () => {
    const { queue, sent, timers, tick } = setup();
    queue.add(requestRecord());
    queue.add(requestRecord());
    expect([sent.length, timers.length]).toEqual([0, 1]);
    tick();
    expect(sent.map(count)).toEqual([2]);
    for (let n = 0; n < 450; n++) queue.add(requestRecord());
    expect(sent).toHaveLength(1);
    queue.done("s:1");
    expect(sent.map(count)).toEqual([2, 200]);
    queue.done("s:2");
    expect(sent.map(count)).toEqual([2, 200, 200]);
    queue.done("s:3");
    tick();
    expect(sent.map(count)).toEqual([2, 200, 200, 50]);
    queue.done("another");
    expect(queue.length).toBe(50);
    queue.done("s:4");
    expect(queue.length).toBe(0);
  });

  it("holds so many and no more, and says how many it dropped", () => {
    const { queue, tick, last } = setup();
    for (let n = 0; n < QUEUE_LENGTH + 25; n++) queue.add(requestRecord());
    expect([queue.length, queue.dropped]).toEqual([QUEUE_LENGTH, 25]);
    queue.failed();
    tick();
    expect(queue.length).toBe(QUEUE_LENGTH);
    queue.done(last().batch);
    queue.add(requestRecord());
    expect([queue.length, queue.dropped]).toEqual([QUEUE_LENGTH - 199, 25]);
  });

  it("sends all that waits before a question is asked, behind the batch under way", async () => {
    const { queue, sent, tick, last } = setup();
    queue.add(requestRecord());
    tick();
    for (let n = 0; n < 250; n++) queue.add(requestRecord());
    let asked = false;
    const all = queue.sendAll().then(() => {
      asked = true;
    });
    for (const counts of [[1], [1, 200]]) {
      await Promise.resolve();
      expect([asked, sent.map(count)]).toEqual([false, counts]);
      queue.done(last().batch);
    }
    await all;
    expect(sent.map(count)).toEqual([1, 200, 50]);
  });

  it.each(["failed", "lost", "close"] as const)("keeps no question waiting: %s", async (end) => {
    const { queue, tick } = setup();
    queue.add(requestRecord());
    tick();
    queue.add(requestRecord());
    const all = queue.sendAll();
    queue[end]();
    await all;
    expect(queue.length).toBe(2);
  });

  it("tries a batch again, ever more slowly, and then goes on", () => {
    const { queue, sent, timers, tick, last } = setup();
    queue.add(requestRecord());
    tick();
    const waits: number[] = [];
    for (let n = 0; n < 10; n++) {
      queue.failed();
      waits.push(timers[0]?.at ?? 0);
      tick();
    }
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...waits)).toBe(30_000);
    expect(new Set(sent.map(({ batch }) => batch)).size).toBe(1);
    queue.done(last().batch);
    queue.add(requestRecord());
    expect(timers[0]?.at).toBe(250);
  });

  it("tries again although somebody asks for what waits meanwhile", () => {
    const { queue, sent, timers, tick, last } = setup();
    queue.add(requestRecord());
    tick();
    queue.failed();
    // A page that asks, or the sweep.
    queue.send();
    expect(timers).toHaveLength(1);
    tick();
    expect(sent).toHaveLength(2);
    queue.done(last().batch);
    expect(queue.length).toBe(0);
  });

  it("does not send again what the file has, when the thread is new", () => {
    const { queue, sent, tick } = setup();
    queue.add(requestRecord());
    tick();
    queue.ready("s:1");
    expect([sent.length, queue.length]).toEqual([1, 0]);
    queue.add(requestRecord());
    tick();
    queue.ready("s:1");
    expect(sent.map(({ batch }) => batch)).toEqual(["s:1", "s:2", "s:2"]);
  });

  it("resolves a flush when all is written, or could not be", async () => {
    const { queue, sent, tick } = setup();
    await queue.flush();
    queue.add(requestRecord());
    const flushed = queue.flush();
    expect(sent).toHaveLength(1);
    queue.add(requestRecord());
    queue.done("s:1");
    expect(sent).toHaveLength(2);
    queue.done("s:2");
    await flushed;
    queue.add(requestRecord());
    tick();
    const failing = queue.flush();
    queue.failed();
    await failing;
    expect(queue.length).toBe(1);
  });

  it("holds bodies up to a bound, and the requests without them beyond it", () => {
    const { queue, sent, tick } = setup();
    const bytes = new Uint8Array(1024 * 1024);
    const body = { bytes, total: bytes.length, contentType: "text/plain" };
    const made = Array.from({ length: 50 }, () => requestRecord({ bodies: { headers: [], request: body } }));
    for (const record of made) queue.add(record);
    tick();
    expect([sent.map(count)[0], sent[0]?.bodies?.size]).toEqual([50, 32]);
    expect(made.some((record) => record.bodies !== undefined)).toBe(false);
    queue.done("s:1");
    queue.add(requestRecord({ bodies: { headers: [], request: body } }));
    tick();
    expect(sent[1]?.bodies?.size).toBe(1);
  });
});
