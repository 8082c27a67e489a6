import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import { codec } from "../../../src/gateway/protocols/anthropic/index.ts";
import { roughCount, TokenCounter } from "../../../src/gateway/records/tokens.ts";
import { countable, IMAGE_TOKENS } from "../../../src/gateway/records/tokensRequest.ts";

let counter: TokenCounter;
afterEach(() => counter.close());

/** Runs what is due when told to. */
function handClock(): Clock & { due: (milliseconds: number) => void } {
  const timers: { at: number; run: () => void }[] = [];
  return {
    now: () => 0,
    monotonic: () => 0,
    setTimeout(run, at) {
      const timer = { at, run };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0) };
    },
    due(milliseconds) {
      for (const timer of timers.filter(({ at }) => at <= milliseconds)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
    },
  };
}

const stuck = () => new Worker("for (;;) {}", { eval: true });

describe("TokenCounter", () => {
  it("counts as OpenAI's tokenizer does, special words included as plain text", async () => {
    // It takes the time that it takes.
    counter = new TokenCounter({ clock: handClock() });
    expect(await counter.count(["hello world"])).toEqual({ tokens: 2, rough: false });
    expect(await counter.count(["hello", " world"])).toEqual({ tokens: 2, rough: false });
    expect((await counter.count(["<|endoftext|>"])).tokens).toBeGreaterThan(1);
    expect(await counter.count([])).toEqual({ tokens: 0, rough: false });
    expect(await counter.count([""])).toEqual({ tokens: 0, rough: false });
    const [a, b] = await Promise.all([counter.count(["one"]), counter.count(["one two three"])]);
    expect([a?.tokens, b?.tokens]).toEqual([1, 3]);
  });

  it("takes texts that make tokenizers slow", async () => {
    counter = new TokenCounter({ clock: handClock() });
    for (const text of [
      " ".repeat(300_000),
      "a".repeat(300_000),
      "=".repeat(300_000),
      "\n".repeat(300_000),
      "中文".repeat(50_000),
      "😀".repeat(20_000),
    ]) {
      const { tokens, rough } = await counter.count([text]);
      expect(rough).toBe(false);
      expect(tokens).toBeGreaterThan(100);
    }
  });

  it("starts with the first count, and ends when idle", async () => {
    const clock = handClock();
    counter = new TokenCounter({ clock, idleMs: 1000 });
    expect(counter.running).toBe(false);
    await counter.count(["hello"]);
    expect(counter.running).toBe(true);
    clock.due(1000);
    expect(counter.running).toBe(false);
    expect((await counter.count(["hello"])).tokens).toBe(1);
  });

  it("answers by length when it takes too long, and starts anew", async () => {
    const clock = handClock();
    let first = true;
    counter = new TokenCounter({
      clock,
      timeoutMs: 5000,
      start: () => {
        if (!first)
          return new Worker(new URL("../../../src/gateway/records/tokensWorker.ts", import.meta.url));
        first = false;
        return stuck();
      },
    });
    const text = "twelve bytes";
    const counts = [counter.count([text]), counter.count([text, text])];
    clock.due(5000);
    expect(await Promise.all(counts)).toEqual([
      { tokens: 3, rough: true },
      { tokens: 6, rough: true },
    ]);
    expect((await counter.count(["hello"])).rough).toBe(false);
  });

  it("answers by length when its thread fails", async () => {
    counter = new TokenCounter({
      clock: systemClock,
      start: () => new Worker("throw new Error('no')", { eval: true }),
    });
    expect((await counter.count(["hello"])).rough).toBe(true);
    counter = new TokenCounter({
      clock: systemClock,
      start: () => {
        throw new Error("no threads left");
      },
    });
    expect((await counter.count(["hello"])).rough).toBe(true);
  });

  it("lets no more than so many wait", async () => {
    const clock = handClock();
    counter = new TokenCounter({ clock, queue: 2, characters: 20, start: stuck });
    const waiting = [counter.count(["a"]), counter.count(["b"])];
    expect((await counter.count(["c"])).rough).toBe(true);
    clock.due(100_000);
    await Promise.all(waiting);
    expect((await counter.count(["x".repeat(21)])).rough).toBe(true);
  });
});

describe("countable", () => {
  it("has all of a request: system, tools, messages, results, images", () => {
    counter = new TokenCounter({ clock: systemClock });
    const { texts, other } = countable(
      codec.decodeRequest(
        {
          model: "m",
          max_tokens: 1,
          system: [{ type: "text", text: "SYSTEM" }],
          tools: [
            {
              name: "TOOL",
              description: "DESCRIPTION",
              input_schema: { type: "object", properties: { FIELD: {} } },
            },
          ],
          messages: [
            {
              role: "user",
              content: [
                { type: "text", text: "USER" },
                { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
              ],
            },
            {
              role: "assistant",
              content: [{ type: "tool_use", id: "t", name: "TOOL", input: { FIELD: "INPUT" } }],
            },
            { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "RESULT" }] },
          ],
        },
        { model: "m", stream: false },
      ),
    );
    const all = texts.join(" ");
    for (const word of ["SYSTEM", "DESCRIPTION", "FIELD", "USER", "INPUT", "RESULT"])
      expect(all).toContain(word);
    expect(other).toBeGreaterThan(IMAGE_TOKENS);
    expect(roughCount(texts)).toBeGreaterThan(10);
  });
});
