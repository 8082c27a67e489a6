import { describe, expect, it } from "vitest";
import { AttentionWatch, SETTLED_MS } from "../../../src/control/attention.ts";
import type { Problem } from "../../../src/control/contract.ts";

const problem = (account: string, cause: string, message = `${account} ${cause}`): Problem => ({
  severity: "error",
  account,
  cause,
  message,
});

function watchWith(kept: readonly string[] = []) {
  let memory: readonly string[] = kept;
  let time = 0;
  const watch = new AttentionWatch(
    {
      get: () => memory,
      set: (told) => {
        memory = told;
      },
    },
    { now: () => time },
  );
  return { watch, memory: () => memory, pass: (ms: number) => (time += ms) };
}

describe("the accounts that need a person", () => {
  it("are told once per account and cause, whatever the words", () => {
    const { watch } = watchWith();
    expect(watch.look([problem("a", "credential")])).toEqual([
      { account: "a", cause: "credential", message: "a credential" },
    ]);
    expect(watch.look([problem("a", "credential", "other words")])).toEqual([]);
    expect(watch.look([problem("a", "credential"), problem("a", "billing")])).toHaveLength(1);
    expect(watch.look([problem("a", "credential"), problem("b", "credential")])).toHaveLength(1);
  });

  it("are told besides of connected clients that are cut off, and of no other warning", () => {
    const { watch } = watchWith();
    const cut: Problem = { severity: "warning", cause: "clients-outdated", message: "Codex: connected to …" };
    const other: Problem = { severity: "warning", cause: "port", message: "…" };
    expect(watch.look([cut, other])).toEqual([{ cause: "clients-outdated", message: cut.message }]);
    expect(watch.look([{ ...cut, message: "Codex, Claude Code: …" }])).toEqual([]);
  });

  it("are told again when they were mended in between", () => {
    const { watch } = watchWith();
    watch.look([problem("a", "credential")]);
    expect(watch.look([])).toEqual([]);
    expect(watch.look([problem("a", "credential")])).toHaveLength(1);
  });

  it("are remembered over a reload", () => {
    const before = watchWith();
    before.watch.look([problem("a", "credential")]);
    const after = watchWith([...before.memory()]);
    expect(after.watch.look([problem("a", "credential")])).toEqual([]);
  });

  it("are remembered although a reload begins without them", () => {
    const { watch, memory, pass } = watchWith(["a credential"]);
    // Whoever led before has not handed over yet what it knew.
    expect(watch.look([])).toEqual([]);
    expect(watch.look([problem("b", "billing")])).toHaveLength(1);
    expect(new Set(memory())).toEqual(new Set(["a credential", "b billing"]));
    pass(SETTLED_MS - 1);
    expect(watch.look([problem("a", "credential")])).toEqual([]);
    // Seen, it is mended when it is gone.
    expect(watch.look([])).toEqual([]);
    expect(watch.look([problem("a", "credential")])).toHaveLength(1);
  });

  it("are forgotten that were mended before a reload, even where nothing is looked at for long", () => {
    const { watch, pass } = watchWith(["a credential"]);
    watch.look([]);
    pass(SETTLED_MS);
    expect(watch.look([problem("a", "credential")])).toHaveLength(1);
  });

  it("are remembered by whoever takes over within that time", () => {
    const before = watchWith(["a credential"]);
    before.watch.look([]);
    const after = watchWith([...before.memory()]);
    expect(after.watch.look([problem("a", "credential")])).toEqual([]);
  });

  it("may be all of them: a budget that is used up is told once a period", () => {
    const { watch } = watchWith();
    const spent: Problem = { severity: "error", cause: "budget-usd-day", message: "used up: $5 of $5" };
    expect(watch.look([spent])).toEqual([{ cause: "budget-usd-day", message: "used up: $5 of $5" }]);
    expect(watch.look([{ ...spent, message: "used up: $6 of $5" }])).toEqual([]);
    expect(watch.look([{ ...spent, cause: "budget-usd-month" }])).toHaveLength(1);
    expect(watch.look([spent])).toHaveLength(1);
  });

  it("are neither warnings nor problems without a cause", () => {
    const { watch } = watchWith();
    expect(
      watch.look([
        { severity: "error", message: "keyring" },
        { severity: "warning", account: "a", cause: "budget-usd-day", message: "budget" },
      ]),
    ).toEqual([]);
  });
});
