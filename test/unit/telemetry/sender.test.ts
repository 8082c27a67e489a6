/** Spans on their way to a receiver that does as it likes: a real server, and time that is the test's. */
import { Agent, type Dispatcher } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { foreignText } from "../../../src/gateway/common/log.ts";
import { sleep, within } from "../../../src/gateway/common/sleep.ts";
import { postTo } from "../../../src/gateway/telemetry/postTo.ts";
import {
  AGAIN_AFTER_MS,
  BATCH_MS,
  MOST_BYTES,
  MOST_BYTES_IN_BATCH,
  MOST_IN_BATCH,
  MOST_WAIT_MS,
  MOST_WAITING,
  SpanSender,
} from "../../../src/gateway/telemetry/sender.ts";
import type { Attributes, Span } from "../../../src/gateway/telemetry/span.ts";
import { fakeClock } from "../../support/clock.ts";
import { type OtlpReceiver, startReceiver } from "../../support/otlpReceiver.ts";

let receiver: OtlpReceiver;
let agent: Dispatcher;
beforeEach(async () => {
  receiver = await startReceiver();
  agent = new Agent();
});
afterEach(async () => {
  await agent.destroy();
  await receiver.close();
});

let spanCount = 0;
function span(attributes: Attributes = {}): Span {
  const number = (++spanCount).toString(16).padStart(16, "0");
  return {
    traceId: number.padStart(32, "a"),
    spanId: number,
    name: `span ${spanCount}`,
    kind: "client",
    start: 1000.25,
    end: 1001.5,
    attributes,
    failed: false,
  };
}
const spans = (count: number) => Array.from({ length: count }, () => span());

function sender(more: { url?: string; compression?: "gzip"; timeoutMs?: number } = {}) {
  const time = fakeClock(1_700_000_000_000);
  const lines: string[] = [];
  const counts = { sent: 0, dropped: 0 };
  const said = (line: string, fields: object = {}) => void lines.push(`${line} ${JSON.stringify(fields)}`);
  const place = {
    url: new URL(more.url ?? `${receiver.url}/v1/traces`),
    headers: ["x-scope", "otters"],
    timeoutMs: more.timeoutMs ?? 10_000,
    dispatcher: () => agent,
  };
  const made = new SpanSender({
    target: {
      compression: more.compression ?? "none",
      post: (body, about, signal) => postTo(place, body, about, signal),
    },
    resource: { "service.name": "holt" },
    clock: time.clock,
    random: () => 0.5,
    log: { info: said, warn: said },
    counts,
    given: { sleep, within, foreignText },
  });
  return {
    ...time,
    made,
    lines,
    counts,
    /** Waits until it waits to try again, and lets that time pass. */
    async again(milliseconds: number) {
      await expect.poll(() => time.timers.size).toBe(1);
      const [timer] = time.timers;
      expect((timer?.at ?? 0) - time.clock.monotonic()).toBe(milliseconds);
      time.pass(milliseconds);
    },
  };
}

const answering = (...statuses: (number | "cut" | readonly [number, string])[]) => {
  receiver.answer = (res) => {
    const next = statuses.shift();
    if (next === undefined) return false;
    if (next === "cut") res.destroy();
    else if (typeof next === "number") res.writeHead(next).end("no");
    else res.writeHead(next[0], { "retry-after": next[1] }).end();
    return true;
  };
};

describe("spans", () => {
  it("wait five seconds for others, and go together", async () => {
    const { made, pass, counts } = sender();
    made.add([span({ "portico.attempt": 1, ratio: 0.5, of: ["a", "b"], yes: true, none: undefined })]);
    pass(BATCH_MS - 1);
    made.add([span()]);
    expect(receiver.batches).toEqual([]);
    pass(1);
    await expect.poll(() => counts.sent).toBe(2);
    expect(receiver.batches).toHaveLength(1);
    expect(receiver.batches[0]?.headers).toMatchObject({ "x-scope": "otters" });
    expect(receiver.spans[0]).toMatchObject({
      kind: "client",
      start: 1_000_250_000n,
      end: 1_001_500_000n,
      attributes: { "portico.attempt": 1, ratio: 0.5, of: ["a", "b"], yes: true },
      resource: { "service.name": "holt" },
    });
    expect(receiver.spans[0]?.attributes).not.toHaveProperty("none");
  });

  it("go at once where they are many, so many in a batch, one batch after the other", async () => {
    const { made, counts, pass } = sender();
    let open = 0;
    receiver.answer = () => {
      expect(++open).toBe(1);
      setImmediate(() => open--);
      return false;
    };
    made.add(spans(2 * MOST_IN_BATCH + 1));
    await expect.poll(() => counts.sent).toBe(2 * MOST_IN_BATCH);
    pass(BATCH_MS);
    await expect.poll(() => counts.sent).toBe(2 * MOST_IN_BATCH + 1);
    expect(receiver.batches.map((batch) => batch.spans.length)).toEqual([MOST_IN_BATCH, MOST_IN_BATCH, 1]);
  });

  it("go at once where a batch is full of what was said, so that none of it has to be left out", async () => {
    const { made, counts, pass } = sender();
    const words = "a".repeat(128 * 1024);
    const inBatch = MOST_BYTES_IN_BATCH / words.length;
    const all = 3 * (MOST_BYTES / words.length) + 1;
    for (let added = 1; added <= all; added++) {
      made.add([span({ "gen_ai.input.messages": words })]);
      await expect.poll(() => counts.sent, { interval: 1 }).toBe(added - (added % inBatch));
    }
    pass(BATCH_MS);
    await expect.poll(() => counts.sent).toBe(all);
    expect(receiver.spans.filter(({ attributes }) => "gen_ai.input.messages" in attributes)).toHaveLength(
      all,
    );
  });

  it("are packed where the receiver wants that", async () => {
    const { made, counts, pass } = sender({ compression: "gzip" });
    made.add(spans(3));
    pass(BATCH_MS);
    await expect.poll(() => counts.sent).toBe(3);
    expect(receiver.batches[0]?.headers["content-encoding"]).toBe("gzip");
  });

  it("with half a character, or none, are UTF-8 all the same", async () => {
    const { made, pass } = sender();
    made.add([span({ half: "ot\ud83dter", whole: "🦦" })]);
    pass(BATCH_MS);
    await expect.poll(() => receiver.spans[0]?.attributes).toEqual({ half: "ot\ufffdter", whole: "🦦" });
  });
});

describe("a receiver", () => {
  it("that has no time is asked again, with the same batch, and nothing is lost or said", async () => {
    answering(429, 502, 503, "cut", 504);
    const { made, counts, pass, again, lines } = sender();
    made.add(spans(2));
    pass(BATCH_MS);
    for (const wait of AGAIN_AFTER_MS) await again(wait);
    await expect.poll(() => counts).toEqual({ sent: 2, dropped: 0 });
    expect(new Set(receiver.batches.map(({ body }) => body.toString("hex"))).size).toBe(1);
    expect(receiver.batches).toHaveLength(AGAIN_AFTER_MS.length + 1);
    expect(lines).toEqual([]);
  });

  it("says when, in seconds or as a date, and is given a minute at most", async () => {
    answering(
      [429, "7"],
      [503, new Date(1_700_000_000_000 + BATCH_MS + 7000 + 20_000).toUTCString()],
      [429, "86400"],
      [429, "soon"],
    );
    const { made, counts, pass, again } = sender();
    made.add([span()]);
    pass(BATCH_MS);
    await again(7000);
    await again(20_000);
    await again(MOST_WAIT_MS);
    await again(AGAIN_AFTER_MS[3]);
    await expect.poll(() => counts.sent).toBe(1);
  });

  it("that never has is given up, which is said once; the next batch gets its chance", async () => {
    answering(...Array.from({ length: 2 * (AGAIN_AFTER_MS.length + 1) }, () => 503));
    const { made, counts, pass, again, lines } = sender();
    for (let round = 1; round <= 2; round++) {
      made.add([span()]);
      pass(BATCH_MS);
      for (const wait of AGAIN_AFTER_MS) await again(wait);
      await expect.poll(() => counts.dropped).toBe(round);
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("it answered 503");
    made.add([span()]);
    pass(BATCH_MS);
    await expect.poll(() => counts.sent).toBe(1);
    expect(lines[1]).toContain("takes them again");
  });

  it.each([400, 401, 404, 413, 415, 500, 302])(
    "that answers %i is not asked again, nor elsewhere",
    async (status) => {
      answering(status, status);
      const { made, counts, pass, lines, timers } = sender();
      for (let round = 1; round <= 2; round++) {
        made.add(spans(3));
        pass(BATCH_MS);
        await expect.poll(() => counts.dropped).toBe(3 * round);
      }
      expect(receiver.batches.map(({ path }) => path)).toEqual(["/v1/traces", "/v1/traces"]);
      expect(timers.size).toBe(0);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(String(status));
    },
  );

  it("that takes some of a batch is counted so, and not sent the rest anew", async () => {
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "wet" } }
    const body = Buffer.from([0x0a, 7, 0x08, 2, 0x12, 3, ...Buffer.from("wet")]);
    receiver.answer = (res) => res.writeHead(200).end(body) !== undefined;
    const { made, counts, pass, lines } = sender();
    made.add(spans(5));
    pass(BATCH_MS);
    await expect.poll(() => counts).toEqual({ sent: 3, dropped: 2 });
    expect(receiver.batches).toHaveLength(1);
    expect(lines[0]).toContain("wet");
  });

  it("that answers with something else has taken it all the same", async () => {
    receiver.answer = (res) => res.writeHead(200).end("<html>thank you</html>") !== undefined;
    const { made, counts, pass } = sender();
    made.add(spans(2));
    pass(BATCH_MS);
    await expect.poll(() => counts).toEqual({ sent: 2, dropped: 0 });
  });

  it("that hangs is waited for no longer than it may take", async () => {
    receiver.answer = () => true;
    const { made, counts, pass, timers } = sender({ timeoutMs: 100 });
    made.add([span()]);
    pass(BATCH_MS);
    // It waits to try again.
    await expect.poll(() => timers.size).toBe(1);
    expect(counts).toEqual({ sent: 0, dropped: 0 });
    expect(receiver.batches).toHaveLength(1);
  });

  it("that hangs costs so many spans and words of memory, and no more", async () => {
    receiver.answer = () => true;
    const { made, counts, lines } = sender();
    const words = "w".repeat(1024 * 1024);
    const spoken = { "gen_ai.input.messages": words };
    made.add(Array.from({ length: MOST_IN_BATCH }, () => span()));
    await expect.poll(() => receiver.batches.length).toBe(1);
    made.add(Array.from({ length: MOST_WAITING + 700 }, () => span(spoken)));
    expect(counts.dropped).toBe(700);
    expect(lines).toHaveLength(1);
    receiver.answer = undefined;
    await agent.destroy();
    agent = new Agent();
    await made.flush(20_000);
    const told = receiver.spans.filter(({ attributes }) => "gen_ai.input.messages" in attributes);
    expect(told).toHaveLength(MOST_BYTES / words.length);
    expect(
      receiver.spans.filter(({ attributes }) => attributes["portico.content.cut"] === true),
    ).toHaveLength(MOST_WAITING - told.length);
    for (const { body } of receiver.batches) expect(body.length).toBeLessThan(4 * 1024 * 1024);
  });
});

describe("the end", () => {
  it("sends what waits, and what waits to be tried again, once", async () => {
    answering(503);
    const { made, counts, pass, timers } = sender();
    made.add([span()]);
    pass(BATCH_MS);
    await expect.poll(() => timers.size).toBe(1);
    made.add(spans(MOST_IN_BATCH + 3));
    await made.flush(5000);
    expect(counts).toEqual({ sent: MOST_IN_BATCH + 4, dropped: 0 });
    expect(timers.size).toBe(0);
  });

  it("waits for a receiver that hangs as long as it may, and gives up what it has", async () => {
    receiver.answer = () => true;
    const { made, counts, pass, timers } = sender();
    made.add(spans(MOST_IN_BATCH + 3));
    const ended = made.flush(3000);
    await expect.poll(() => receiver.batches.length).toBe(1);
    await expect.poll(() => timers.size).toBe(1);
    pass(3000);
    await ended;
    expect(counts).toEqual({ sent: 0, dropped: MOST_IN_BATCH + 3 });
    expect(timers.size).toBe(0);
    // It may be started once more.
    receiver.answer = undefined;
    made.add([span()]);
    await made.flush(3000);
    expect(counts.sent).toBe(1);
  });

  it("does not try twice who has no time", async () => {
    receiver.answer = (res) => res.writeHead(503).end() !== undefined;
    const { made, counts } = sender();
    made.add(spans(MOST_IN_BATCH + 3));
    await made.flush(3000);
    expect(counts).toEqual({ sent: 0, dropped: MOST_IN_BATCH + 3 });
    expect(receiver.batches).toHaveLength(2);
  });

  it("does not try twice where nobody is there", async () => {
    const { url } = receiver;
    await receiver.close();
    const { made, counts, lines } = sender({ url });
    made.add(spans(4));
    await made.flush(3000);
    expect(counts).toEqual({ sent: 0, dropped: 4 });
    expect(lines[0]).toContain("ECONNREFUSED");
    receiver = await startReceiver();
  });
});
