import { describe, expect, it } from "vitest";
import { LastUses, USED_BY_MS } from "../../../src/gateway/leader/lastUses.ts";
import { LogTail, MAX_LINES } from "../../../src/gateway/leader/logTail.ts";

describe("the last uses of accounts", () => {
  it("name recent clients, the latest first, and forget those of before", () => {
    let now = 1000;
    const uses = new LastUses({ now: () => now });
    expect(uses.of("a")).toEqual({});
    uses.note({ account: "a", client: "Codex" });
    now += USED_BY_MS - 1;
    uses.note({ account: "a", client: "Claude Code" });
    uses.note({ account: "b" });
    uses.note({ client: "nobody" });
    expect(uses.of("a")).toEqual({ lastUsed: now, usedBy: ["Claude Code", "Codex"] });
    expect(uses.of("b")).toEqual({ lastUsed: now, usedBy: [] });
    now += 1;
    expect(uses.of("a").usedBy).toEqual(["Claude Code"]);
    uses.note({ account: "a", client: "Codex" });
    expect(uses.of("a").usedBy).toEqual(["Codex", "Claude Code"]);
  });

  it("are bounded, in accounts and clients", () => {
    const uses = new LastUses({ now: () => 1 });
    for (let count = 0; count < 3000; count += 1) uses.note({ account: `a${count}`, client: "x" });
    expect(uses.of("a0")).toEqual({});
    expect(uses.of("a2999").usedBy).toEqual(["x"]);
    for (let count = 0; count < 100; count += 1) uses.note({ account: "a2999", client: `c${count}` });
    expect(uses.of("a2999").usedBy).toHaveLength(20);
    expect(uses.of("a2999").usedBy?.[0]).toBe("c99");
  });
});

describe("the last lines of the log", () => {
  it("are so many, oldest first", () => {
    const last = new LogTail();
    for (let count = 0; count < 5 * MAX_LINES; count += 1) {
      last.add({ level: "info", time: 0, message: `line ${count}` });
    }
    expect(last.lines).toHaveLength(MAX_LINES);
    expect(last.lines.at(-1)).toBe(`1970-01-01T00:00:00.000Z info line ${5 * MAX_LINES - 1}`);
    expect(last.lines[0]).toContain(`line ${4 * MAX_LINES}`);
  });
});
