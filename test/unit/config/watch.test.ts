import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import { type ConfigWatcher, watchConfig } from "../../../src/gateway/config/watch.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let folder = "";
let file = "";
let watcher: ConfigWatcher | undefined;
const seen: string[] = [];
let wake: () => void = () => {};

function note(text: string): void {
  seen.push(text);
  wake();
}

/** In place and in one piece: `writeFile` empties the file first, and may be held up behind that. */
async function overwrite(path: string, text: string): Promise<void> {
  await writeFile(path, text.padEnd(20), { flag: "r+" });
}

/** A new file in its place. */
async function replace(text: string): Promise<void> {
  await writeFile(join(folder, "conf", "new"), text);
  await rename(join(folder, "conf", "new"), file);
}

/** Resolves when `count` callbacks came in all. */
async function until(count: number): Promise<string[]> {
  while (seen.length < count) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  return seen;
}

function start(text: string, timing: { debounceMs?: number; pollMs?: number; clock?: Clock } = {}): void {
  watcher = watchConfig({
    file,
    text,
    env: {},
    clock: timing.clock ?? systemClock,
    debounceMs: timing.debounceMs ?? 5,
    pollMs: timing.pollMs ?? 20,
    onValid: ({ settings }) => note(`port ${settings.port}`),
    onInvalid: (problems) => note(`invalid ${problems[0]?.field}`),
    onUnreadable: () => note("unreadable"),
  });
}

beforeEach(async () => {
  folder = makeFolder("watch");
  file = join(folder, "conf", "portico.jsonc");
  await mkdir(join(folder, "conf"));
  await writeFile(file, "{}");
  seen.length = 0;
});
afterEach(async () => {
  watcher?.close();
  await removeFolder(folder);
});

describe("watchConfig", () => {
  it("tells of valid and invalid changes, in place", async () => {
    start("{}");
    await overwrite(file, '{"port":1}');
    await until(1);
    await overwrite(file, '{"port":"x"}');
    await until(2);
    await overwrite(file, '{"port":2}');
    expect(await until(3)).toEqual(["port 1", "invalid port", "port 2"]);
  });

  it("sees a change by the folder's events alone", async () => {
    start("{}", { pollMs: 3_600_000 });
    await replace('{"port":1}');
    expect(await until(1)).toEqual(["port 1"]);
    await replace('{"port":2}');
    expect(await until(2)).toEqual(["port 1", "port 2"]);
  });

  it("sees a change between the first reading and the watch", async () => {
    await writeFile(file, '{"port":7}');
    start("{}");
    expect(await until(1)).toEqual(["port 7"]);
  });

  it("tells once that the file is gone, and takes it when it is back, also in a new folder", async () => {
    start("{}");
    await rm(join(folder, "conf"), { recursive: true });
    await until(1);
    await mkdir(join(folder, "conf"));
    await writeFile(join(folder, "conf", "other"), "x");
    await replace('{"port":3}');
    await until(2);
    await overwrite(file, '{"port":4}');
    expect(await until(3)).toEqual(["unreadable", "port 3", "port 4"]);
  });

  it.skipIf(process.platform === "win32")(
    "follows a link that turns (links need rights on Windows)",
    async () => {
      await writeFile(join(folder, "a"), '{"port":1}');
      await writeFile(join(folder, "b"), '{"port":2}');
      await rm(file);
      await symlink(join(folder, "a"), file);
      start('{"port":1}');
      await symlink(join(folder, "b"), `${file}.new`);
      await rename(`${file}.new`, file);
      await until(1);
      await overwrite(join(folder, "b"), '{"port":5}');
      expect((await until(2)).at(-1)).toBe("port 5");
    },
  );

  it("waits for an asynchronous change before it reads the next", async () => {
    let running = 0;
    let most = 0;
    let done: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      done = resolve;
    });
    watcher = watchConfig({
      file,
      text: "{}",
      env: {},
      clock: systemClock,
      debounceMs: 0,
      pollMs: 5,
      async onValid({ settings }) {
        most = Math.max(most, ++running);
        await writeFile(file, `{"port":${settings.port + 1}}`);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (settings.port >= 10) {
          watcher?.close();
          done();
        }
      },
      onInvalid: () => {},
      onUnreadable: () => {},
    });
    await writeFile(file, '{"port":1}');
    await finished;
    expect(most).toBe(1);
  });

  it("reads only after quiet, and nothing after close", async () => {
    const timers = new Map<number, () => void>();
    let next = 0;
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      setTimeout(callback) {
        const id = next++;
        timers.set(id, callback);
        return { cancel: () => timers.delete(id) };
      },
    };
    start("{}", { clock });
    // The first look and the poll.
    expect(timers.size).toBe(2);
    watcher?.close();
    expect(timers.size).toBe(0);
  });
});
