import { describe, expect, it } from "vitest";
import { createLog, createRedactor, type LogLevel } from "../../../src/gateway/common/log.ts";
import fc from "../../support/property.ts";

function logged(level: LogLevel = "debug", secrets: string[] = []) {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.add(secrets);
  const log = createLog({ level, write: (line) => lines.push(line), now: () => 0, redactor });
  return { log, lines, redactor };
}

describe("createLog", () => {
  it("writes time, level, message and fields", () => {
    const { log, lines } = logged();
    log.warn("cooling", { account: "work", seconds: 30, why: "rate limit", gone: undefined, empty: "" });
    expect(lines).toEqual([
      '1970-01-01T00:00:00.000Z WARN  cooling account=work seconds=30 why="rate limit" empty=""\n',
    ]);
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = logged("warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines.map((line) => line.trim().at(-1))).toEqual(["c", "d"]);
  });

  it("lets nothing forge a line", () => {
    const { log, lines } = logged();
    log.info("a\nb\r\u001b[31m\u2028c", { x: "1\n2" });
    expect(lines[0]?.split(/[\n\r\u2028]/)).toHaveLength(2);
    expect(lines[0]).not.toContain("\u001b");
  });

  it("bounds a line", () => {
    const { log, lines } = logged();
    log.info("x ".repeat(1_000_000));
    expect(lines[0]?.length).toBeLessThan(8300);
  });

  it("shows no part of a secret that the bound would split", () => {
    const secret = "Z".repeat(40);
    const { log, lines } = logged("debug", [secret]);
    for (let i = 8100; i < 8200; i++) log.info(`${"x".repeat(i)}${secret}`);
    expect(lines.join()).not.toContain("ZZZ");
  });
});

describe("createRedactor", () => {
  it.each([
    ['{"content":"{\\"password\\": \\"hunter2secret\\"}"}'],
    ["DB_PASSWORD=hunter2secret"],
    ["MY_API_KEY=hunter2secret"],
    ["AWS_SECRET_ACCESS_KEY=hunter2secret"],
    ['{"content":"curl -H \\"Authorization: Bearer hunter2secret\\" https://x.y"}'],
  ])("finds what an agent reads from files, and leaves JSON what it is: %s", (text) => {
    const clean = createRedactor().redact(text);
    expect(clean).not.toContain("hunter2secret");
    if (text.startsWith("{")) expect(JSON.parse(clean)).toHaveProperty("content");
  });

  it.each(["a.", "password ", '"password"          ', "A1_"])("takes time by length alone: %s", (piece) => {
    const time = (times: number) => {
      const text = piece.repeat(times);
      const start = process.cpuUsage().user;
      createRedactor().redact(text);
      return process.cpuUsage().user - start;
    };
    // Four times as long: 16 times the work where it grows with the square.
    const runs = [0, 1, 2].map(() => time(160_000) / Math.max(time(40_000), 1000));
    expect(Math.min(...runs)).toBeLessThan(9);
  });

  it.each([
    "Authorization: Bearer abcdefghijkl",
    '{"authorization":"Bearer abcdefghijkl"}',
    "authorization=abcdefghijkl",
    "x-api-key: abcdefghijkl",
    '"x-goog-api-key":"abcdefghijkl"',
    "GET /v1beta/models?alt=sse&key=abcdefghijkl HTTP",
    "Dashboard: http://127.0.0.1:4711/#code=abcdefghijkl",
    "http://me:abcdefghijkl@proxy:3128/",
    "apiKey: 'abcdefghijkl'",
    "sk-abcdefghijkl0123456789abcdefghijkl",
    "sk-ant-api03-abcdefghijkl0123456789",
    "AIzaabcdefghijkl0123456789",
    "xai-abcdefghijkl0123456789",
    "eyJabcdefghijkl.eyJabcdefghijkl.abcdefghijkl",
  ])("takes the secret out of %s", (text) => {
    expect(createRedactor().redact(text)).toContain("[redacted]");
    expect(createRedactor().redact(text)).not.toContain("abcdefghijkl");
  });

  it.each([
    "the key of account work is refused",
    "listening on http://127.0.0.1:8045",
    "task-1 asked for gpt-5-mini over sk-eleton.txt",
  ])("leaves %s alone", (text) => {
    expect(createRedactor().redact(text)).toBe(text);
  });

  it("takes out exactly the known ones, in any encoding, longest first", () => {
    const { log, lines } = logged("debug", ["my pass/word", "my pass/word-longer", "abc"]);
    log.info("x my pass/word-longer y my%20pass%2Fword z abc");
    expect(lines[0]).toContain("x [redacted] y [redacted] z abc");
  });

  it("takes known secrets out wherever they stand", () => {
    const secret = fc.string({ minLength: 6, maxLength: 40 }).filter((text) => !"[redacted]".includes(text));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (known, before, after) => {
        const redactor = createRedactor();
        redactor.add([known]);
        expect(redactor.redact(before + known + after).replaceAll("[redacted]", "\0")).not.toContain(known);
      }),
    );
  });

  it("remembers 5,000 at most, the newest", () => {
    const redactor = createRedactor();
    redactor.add(Array.from({ length: 6000 }, (_, i) => `secret${i}x`));
    expect(redactor.redact("secret10x secret5999x")).toBe("secret10x [redacted]");
  });
});

describe("lines that wait", () => {
  function waiting() {
    const writes: string[] = [];
    const told: string[] = [];
    const due: (() => void)[] = [];
    let time = 0;
    const redactor = createRedactor();
    const log = createLog({
      level: "info",
      write: (lines) => writes.push(lines),
      now: () => time++,
      redactor,
      tell: ({ message }) => told.push(message),
      later: (flush) => due.push(flush),
    });
    return { log, writes, told, due, redactor };
  }

  it("are written together, each with the time at which it came", () => {
    const { log, writes, told, due } = waiting();
    for (const message of ["a", "b", "c"]) log.info(message);
    expect(writes).toEqual([]);
    expect(due).toHaveLength(1);
    due[0]?.();
    expect(writes).toEqual([
      "1970-01-01T00:00:00.000Z INFO  a\n1970-01-01T00:00:00.001Z INFO  b\n1970-01-01T00:00:00.002Z INFO  c\n",
    ]);
    expect(told).toEqual(["a", "b", "c"]);
    log.info("d");
    expect(due).toHaveLength(2);
  });

  it.each(["warn", "error"] as const)("go out ahead of a line of %s, which does not wait", (level) => {
    const { log, told } = waiting();
    log.info("first");
    log[level]("second");
    expect(told).toEqual(["first", "second"]);
  });

  it("are flushed by whoever ends the process, once", () => {
    const { log, told, due } = waiting();
    log.info("last");
    log.flush();
    log.flush();
    due[0]?.();
    expect(told).toEqual(["last"]);
  });

  it("are at most 500", () => {
    const { log, writes, told } = waiting();
    for (let line = 0; line < 1001; line++) log.info(`${line}`);
    expect(told).toHaveLength(1000);
    expect(writes).toHaveLength(2);
    expect(told).toEqual(told.toSorted((a, b) => Number(a) - Number(b)));
  });

  it("do not show a secret that became known while they waited", () => {
    const { log, writes, due, redactor } = waiting();
    log.info("the key is hunter2hunter2");
    redactor.add(["hunter2hunter2"]);
    due[0]?.();
    expect(writes.join("")).not.toContain("hunter2");
  });
});

it("leaves an id alone that begins like a key", () => {
  const { redact } = createRedactor();
  for (const id of [
    "chatcmpl-hfQ2aZ81kLmN0pQrStUvWxYz",
    "skyscraperSkyscraper12",
    "msg_rk0123456789abcdefgh",
  ]) {
    expect(redact(id)).toBe(id);
  }
  for (const key of [
    "sk-0123456789abcdefgh",
    "hf_0123456789abcdefgh",
    "AIza0123456789abcdefgh",
    "ya29.0123456789abcdefgh",
  ]) {
    expect(redact(`with ${key}`)).toBe("with [redacted]");
  }
});
