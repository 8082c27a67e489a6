/** The records' thread, without its thread: what it does with the messages that it is sent. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Limits } from "../../../src/gateway/records/db/retention.ts";
import { entryOf } from "../../../src/gateway/records/entry.ts";
import { RecordsThread } from "../../../src/gateway/records/thread.ts";
import type { FromThread, ThreadSettings } from "../../../src/gateway/records/wire.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { requestRecord } from "../../support/records.ts";

const NOW = Date.UTC(2026, 5, 30, 12);
const LIMITS: Limits = {
  maxAgeDays: 3650,
  maxRows: 1,
  maxBytes: 1e12,
  bodiesMaxBytes: 1e12,
  bodiesMaxHours: 720,
};

let folder: string;
let thread: RecordsThread;
let said: FromThread[];
let look: () => void;

/** Resolves with the first message, since the start, that fits. */
function heard<K extends FromThread["kind"]>(
  kind: K,
  fits: (message: FromThread & { kind: K }) => boolean = () => true,
): Promise<FromThread & { kind: K }> {
  return new Promise((resolve) => {
    look = () => {
      const found = said.find(
        (message): message is FromThread & { kind: K } =>
          message.kind === kind && fits(message as FromThread & { kind: K }),
      );
      if (found !== undefined) resolve(found);
    };
    look();
  });
}

beforeEach(() => {
  folder = makeFolder("thread");
  said = [];
  look = () => {};
  const settings: ThreadSettings = { limits: LIMITS, prices: [], bodyMaxBytes: 1000 };
  thread = new RecordsThread({ file: join(folder, "portico.db"), settings }, (message) => {
    said.push(message);
    look();
  });
});
afterEach(async () => {
  thread.receive({ kind: "close" });
  await heard("closed");
  await removeFolder(folder);
});

function write(batch: string, rows: number): Promise<FromThread & { kind: "written" }> {
  const entries = Array.from({ length: rows }, () => entryOf(requestRecord({ time: NOW }), () => undefined));
  thread.receive({ kind: "write", batch, now: NOW, entries: JSON.stringify(entries) });
  return heard("written", (message) => message.batch === batch);
}

describe("the records' thread", () => {
  it("takes the next turn also after a step of letting go has failed in an unknown way", async () => {
    expect((await write("a", 2500)).outcome).toBe("written");
    let steps = 0;
    const failing: Limits = {
      ...LIMITS,
      get maxRows(): number {
        steps += 1;
        if (steps > 1) throw new TypeError("a bug of ours");
        return 1;
      },
    };
    thread.receive({ kind: "configure", settings: { limits: failing, prices: [], bodyMaxBytes: 1000 } });
    thread.receive({ kind: "call", id: 1, name: "sweep", params: { now: NOW } });
    expect((await heard("notice")).message).toContain("a bug of ours");
    expect((await write("b", 1)).outcome).toBe("written");
    expect((await write("c", 1)).outcome).toBe("written");
    thread.receive({ kind: "call", id: 2, name: "list", params: { limit: 10 } });
    expect(await heard("answer", ({ id }) => id === 2)).toMatchObject({ value: { total: 1502 } });
  });

  it("gives up what cannot be read, and goes on with what comes after", async () => {
    thread.receive({ kind: "write", batch: "bad", now: NOW, entries: "no JSON" });
    expect((await heard("written")).outcome).toBe("never");
    expect((await write("good", 1)).outcome).toBe("written");
  });
});
