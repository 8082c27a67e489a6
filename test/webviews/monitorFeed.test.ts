/** The list of the monitor: a window on requests that are elsewhere, while new ones come. */
import { describe, expect, it } from "vitest";
import type { RequestFilter, RequestPage, RequestRow } from "../../src/control/requests.ts";
import { Feed, MAX_LIVE, MAX_PAGES, MAX_WAITING, PAGE } from "../../src/webviews/pages/monitor/feed.ts";

function row(seq: number, change: Partial<RequestRow> = {}): RequestRow {
  return {
    id: `req_${seq}`,
    seq,
    time: seq,
    client: "Codex",
    status: 200,
    outcome: "ok",
    attempts: 1,
    failedOver: false,
    durationMs: 10,
    warnings: 0,
    ...change,
  };
}

interface Asked {
  filter?: RequestFilter;
  upTo?: number;
  offset?: number;
  limit: number;
}

/** A gateway with so many requests, of which every tenth failed. */
class Gateway {
  newest: number;
  /** Answers when it is let go on; at once otherwise. */
  waits = false;
  fails: string | undefined;
  readonly asked: Asked[] = [];
  readonly cancelled: Asked[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(newest: number) {
    this.newest = newest;
  }

  goOn(): void {
    this.waits = false;
    for (const job of this.#waiting.splice(0)) job();
  }

  list = async (params: Asked, signal: AbortSignal): Promise<RequestPage> => {
    this.asked.push(params);
    signal.addEventListener("abort", () => this.cancelled.push(params));
    if (this.waits) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.fails !== undefined) throw new Error(this.fails);
    const { filter = {}, offset = 0, limit } = params;
    const upTo = Math.min(params.upTo ?? this.newest, this.newest);
    const seqs: number[] = [];
    for (let seq = upTo; seq >= 1; seq -= 1) {
      if (filter.outcome === "failed" && seq % 10 !== 0) continue;
      if (filter.text !== undefined && seq % 7 !== 0) continue;
      if (filter.from !== undefined && seq < filter.from) continue;
      seqs.push(seq);
    }
    return {
      rows: seqs.slice(offset, offset + limit).map((seq) => row(seq, failedEveryTenth(seq))),
      total: seqs.length,
      upTo,
    };
  };

  /** New ones, as the event tells of them: the oldest first. */
  come(count: number): RequestRow[] {
    return Array.from({ length: count }, () => {
      this.newest += 1;
      return row(this.newest, failedEveryTenth(this.newest));
    });
  }
}

const failedEveryTenth = (seq: number): Partial<RequestRow> =>
  seq % 10 === 0 ? { outcome: "failed", status: 502 } : {};

async function feedOf(gateway: Gateway, filter: RequestFilter = {}): Promise<Feed> {
  const feed = new Feed({
    list: gateway.list,
    messageOf: (thrown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  });
  await feed.read(filter);
  return feed;
}

const seqs = (feed: Feed, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => feed.rowAt(from + i)?.seq);

/** What was asked for has been answered. */
const settled = () => new Promise((done) => setImmediate(done));

describe("the list", () => {
  it("is as long as there are requests, and knows the first of them", async () => {
    const feed = await feedOf(new Gateway(100_000));
    expect(feed.count).toBe(100_000);
    expect(seqs(feed, 0, 3)).toEqual([100_000, 99_999, 99_998]);
    expect(feed.rowAt(PAGE)).toBeUndefined();
  });

  it("brings what is looked at, wherever that is", async () => {
    const gateway = new Gateway(100_000);
    const feed = await feedOf(gateway);
    feed.show(60_000, 60_040);
    await settled();
    expect(seqs(feed, 60_000, 60_003)).toEqual([40_000, 39_999, 39_998]);
    expect(feed.indexOf("req_39999")).toBe(60_001);
    expect(gateway.asked.every(({ limit }) => limit <= 500)).toBe(true);
  });

  it("keeps a bounded number of pages, those looked at last", async () => {
    const gateway = new Gateway(100_000);
    const feed = await feedOf(gateway);
    for (let page = 0; page < MAX_PAGES * 3; page += 1) {
      feed.show(page * PAGE, page * PAGE + 10);
      await settled();
    }
    const kept = Array.from({ length: 100_000 / PAGE }, (_, page) => feed.rowAt(page * PAGE)).filter(Boolean);
    expect(kept.length).toBe(MAX_PAGES);
    expect(feed.rowAt((MAX_PAGES * 3 - 1) * PAGE)).toBeDefined();
    expect(feed.rowAt(0)).toBeUndefined();
  });

  it("cancels pages that were only scrolled by, and has few on their way", async () => {
    const gateway = new Gateway(100_000);
    const feed = await feedOf(gateway);
    gateway.waits = true;
    gateway.asked.length = 0;
    for (let page = 0; page < 40; page += 1) feed.show(page * 10 * PAGE, page * 10 * PAGE + 30);
    expect(gateway.asked.length - gateway.cancelled.length).toBeLessThanOrEqual(4);
    gateway.goOn();
    await settled();
    expect(feed.rowAt(39 * 10 * PAGE)).toBeDefined();
  });

  it("is another one with another filter; the answer to the first is not waited for", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    gateway.waits = true;
    const first = feed.read({ text: "x" });
    const second = feed.read({ outcome: "failed" });
    gateway.goOn();
    await Promise.all([first, second]);
    expect(feed.count).toBe(100);
    expect(seqs(feed, 0, 2)).toEqual([1000, 990]);
    expect(gateway.cancelled.length).toBe(1);
  });

  it("becomes shorter when old requests go", async () => {
    const gateway = new Gateway(5000);
    const feed = await feedOf(gateway);
    const whole = gateway.list;
    gateway.list = whole;
    const shorter = new Feed({
      list: async (params, signal) => ({
        ...(await whole(params, signal)),
        total: params.offset ? 3000 : 5000,
      }),
      messageOf: String,
    });
    await shorter.read();
    shorter.show(1000, 1010);
    await settled();
    expect(shorter.count).toBe(3000);
    expect(feed.count).toBe(5000);
  });
});

describe("new requests", () => {
  it("come before the others, the newest first", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    feed.receive({ rows: gateway.come(3), missed: 0 });
    expect(feed.count).toBe(1003);
    expect(seqs(feed, 0, 5)).toEqual([1003, 1002, 1001, 1000, 999]);
    expect(feed.added).toBe(3);
  });

  it("are not shown twice where the snapshot had them already", async () => {
    const gateway = new Gateway(1000);
    gateway.waits = true;
    const feed = new Feed({ list: gateway.list, messageOf: String });
    const read = feed.read();
    const rows = gateway.come(2);
    feed.receive({ rows, missed: 0 });
    gateway.goOn();
    await read;
    const late = gateway.come(1);
    feed.receive({ rows: [...rows, ...late], missed: 0 });
    expect(seqs(feed, 0, 4)).toEqual([1003, 1002, 1001, 1000]);
    expect(feed.count).toBe(1003);
  });

  it("that do not fit the filter stay out", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway, { outcome: "failed" });
    feed.receive({ rows: gateway.come(25), missed: 0 });
    expect(feed.count).toBe(102);
    expect(seqs(feed, 0, 3)).toEqual([1020, 1010, 1000]);
  });

  it("settle as they become many: the list stays right, and nothing grows without end", async () => {
    const gateway = new Gateway(10_000);
    const feed = await feedOf(gateway);
    feed.show(2000, 2010);
    await settled();
    for (let i = 0; i < 70; i += 1) feed.receive({ rows: gateway.come(100), missed: 0 });
    expect(feed.count).toBe(17_000);
    expect(seqs(feed, 0, 2)).toEqual([17_000, 16_999]);
    // What was looked at before is still here, further down.
    expect(feed.rowAt(9000)?.seq).toBe(8000);
    expect(feed.rowAt(2 * MAX_LIVE + 10)?.seq).toBe(17_000 - 2 * MAX_LIVE - 10);
    feed.show(15_000, 15_010);
    await settled();
    expect(seqs(feed, 15_000, 15_002)).toEqual([2000, 1999]);
  });

  it("that were too many to be told lead to a new list", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    gateway.newest += 900;
    feed.receive({ rows: gateway.come(2), missed: 900 });
    await settled();
    expect(feed.count).toBe(1902);
    expect(seqs(feed, 0, 3)).toEqual([1902, 1901, 1900]);
  });
});

describe("while the list is held", () => {
  it("nothing moves, and it is known how many wait", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    feed.hold(true);
    feed.receive({ rows: gateway.come(5), missed: 0 });
    expect(feed.waiting.value).toBe(5);
    expect(seqs(feed, 0, 2)).toEqual([1000, 999]);
    feed.hold(false);
    await feed.showWaiting();
    expect(feed.waiting.value).toBe(0);
    expect(seqs(feed, 0, 2)).toEqual([1005, 1004]);
    expect(feed.count).toBe(1005);
  });

  it("more than can wait are counted, and read when they are wanted", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    feed.hold(true);
    for (let i = 0; i < 5; i += 1) feed.receive({ rows: gateway.come(MAX_WAITING / 2), missed: 0 });
    expect(feed.waiting.value).toBe(2.5 * MAX_WAITING);
    feed.hold(false);
    await feed.showWaiting();
    expect(feed.count).toBe(1000 + 2.5 * MAX_WAITING);
    expect(feed.rowAt(0)?.seq).toBe(gateway.newest);
    expect(feed.waiting.value).toBe(0);
  });

  it("those that came while nobody looked are counted when somebody does", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    feed.hold(true);
    gateway.come(40);
    await feed.refresh();
    expect(feed.waiting.value).toBe(40);
    expect(feed.rowAt(0)?.seq).toBe(1000);
    await feed.showWaiting();
    expect(feed.rowAt(0)?.seq).toBe(1040);
  });
});

describe("what goes wrong", () => {
  it("is said; what is shown stays", async () => {
    const gateway = new Gateway(1000);
    const feed = await feedOf(gateway);
    gateway.fails = "The records are busy.";
    await feed.read();
    expect(feed.state.value).toEqual({ kind: "ready", old: "The records are busy." });
    expect(feed.rowAt(0)?.seq).toBe(1000);
    gateway.fails = undefined;
    await feed.read();
    expect(feed.state.value).toEqual({ kind: "ready" });
  });

  it("at the first read is all there is", async () => {
    const gateway = new Gateway(1000);
    gateway.fails = "No.";
    const feed = await feedOf(gateway);
    expect(feed.state.value).toEqual({ kind: "failed", message: "No." });
  });

  it("ends with the page: nothing is on its way any more", async () => {
    const gateway = new Gateway(10_000);
    const feed = await feedOf(gateway);
    gateway.waits = true;
    feed.show(5000, 5010);
    feed.close();
    gateway.goOn();
    await settled();
    expect(feed.rowAt(5000)).toBeUndefined();
  });
});
