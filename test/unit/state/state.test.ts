import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SAVE_AFTER_MS, Saver } from "../../../src/gateway/state/saver.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import type { GatewayState } from "../../../src/gateway/state/stateStore.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { SimulatedClock } from "../../support/simulation/clock.ts";

const state: GatewayState = {
  version: 1,
  savedAt: 5,
  health: [{ account: "a", reason: "Incorrect API key: sk-secret" }],
  sessions: [],
  quotas: [],
  budgets: [],
  bindings: [["resp_1", "a"]],
};

let folder: string;
let path: string;
const warnings: string[] = [];

beforeEach(async () => {
  folder = makeFolder("state");
  path = join(folder, "state.json");
  warnings.length = 0;
});
afterEach(() => removeFolder(folder));

const open = () =>
  createStateFile(path, {
    log: { warn: (message) => void warnings.push(message) },
    clock: { now: () => 0 },
    redact: (text) => text.replace("sk-secret", "[redacted]"),
  });

describe("the state file", () => {
  it("comes back as it was, without secrets, readable by its owner alone", async () => {
    expect(await open().load()).toBeUndefined();
    await open().save(state);
    expect(await readFile(path, "utf8")).not.toContain("sk-secret");
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await open().load()).toEqual({
      ...state,
      health: [{ account: "a", reason: "Incorrect API key: [redacted]" }],
    });
    expect(warnings).toEqual([]);
  });

  it.each(["", "{", "[]", '{"version":1}', '{"version":1,"savedAt":1,"health":7}', '"x"'])(
    "sets %j aside",
    async (text) => {
      await writeFile(path, text);
      expect(await open().load()).toBeUndefined();
      const [aside, ...rest] = await readdir(folder);
      expect(rest).toEqual([]);
      expect(aside).toMatch(/^state\.json\.broken-/);
      expect(warnings).toHaveLength(1);
    },
  );

  it("of a newer version is left alone", async () => {
    await writeFile(path, '{"version":2,"else":true}');
    const file = open();
    expect(await file.load()).toBeUndefined();
    await file.save(state);
    expect(await readFile(path, "utf8")).toBe('{"version":2,"else":true}');
  });
});

describe("Saver", () => {
  function setup(fail = false) {
    const clock = new SimulatedClock(0);
    const saved: number[] = [];
    const said: string[] = [];
    const saver = new Saver({
      clock,
      log: { warn: (message) => void said.push(message) },
      snapshot: () => ({ ...state, savedAt: clock.now() }),
      store: {
        save: ({ savedAt }) => {
          if (fail) return Promise.reject(new Error("disk full"));
          saved.push(savedAt);
          return Promise.resolve();
        },
      },
    });
    return { clock, saved, said, saver };
  }

  it("saves once for all that changed meanwhile", async () => {
    const { clock, saved, saver } = setup();
    for (let i = 0; i < 100; i++) saver.touch();
    await clock.run();
    expect(saved).toEqual([SAVE_AFTER_MS]);
    saver.touch();
    await saver.flush();
    expect(saved).toEqual([SAVE_AFTER_MS, SAVE_AFTER_MS]);
    await saver.flush();
    expect(clock.pending).toBe(0);
    expect(saved).toHaveLength(2);
  });

  it("says once that it cannot, and never throws", async () => {
    const { clock, said, saver } = setup(true);
    for (let i = 0; i < 3; i++) {
      saver.touch();
      await clock.run();
      await saver.flush();
    }
    expect(said).toEqual(["what Portico remembers could not be saved: disk full"]);
  });
});
