/** Whatever step of leading fails: the reason is told, and nothing of what was begun is left. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DataFolder, openDataFolder } from "../../../src/gateway/common/dataFolder.ts";
import { type Clock, directNetwork, systemClock } from "../../../src/gateway/common/ports.ts";
import { leaderDependencies } from "../../../src/gateway/leader/dependencies.ts";
import { startLeader } from "../../../src/gateway/leader/leader.ts";
import type { LeaderDependencies, LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let path: string;
let folder: DataFolder;
let taken: Server;
beforeEach(async () => {
  path = makeFolder("failed");
  folder = await openDataFolder(path);
  taken = createServer();
  await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  await new Promise((done) => taken.close(done));
  await removeFolder(path);
});

/** Servers, threads and pipes; timers are counted by the clock, and files come and go by themselves. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /Server|MessagePort|Worker|Socket|Pipe/.test(name))
    .sort();

/** Those that were not there before. */
function since(before: readonly string[]): string[] {
  const known = [...before];
  return handles().filter((name) => {
    const at = known.indexOf(name);
    if (at !== -1) known.splice(at, 1);
    return at === -1;
  });
}

/** A clock that knows its timers. */
function counting(): { clock: Clock; timers: Set<object> } {
  const timers = new Set<object>();
  const clock: Clock = {
    ...systemClock,
    setTimeout(run, ms) {
      const held = {};
      timers.add(held);
      const timer = systemClock.setTimeout(() => {
        timers.delete(held);
        run();
      }, ms);
      return {
        cancel() {
          timers.delete(held);
          timer.cancel();
        },
      };
    },
  };
  return { clock, timers };
}

interface Failing {
  readonly parts?: Partial<LeaderDependencies>;
  readonly options?: Partial<LeaderOptions>;
  before?(): Promise<unknown>;
  readonly says: RegExp;
}

const odd = (): never => {
  throw new Error("it is odd");
};
const steps: Record<string, () => Failing> = {
  "the accounts cannot be read": () => ({ before: () => mkdir(folder.accounts), says: /EISDIR/ }),
  "the preferences cannot be read": () => ({ before: () => mkdir(folder.preferences), says: /EISDIR/ }),
  "what is wanted cannot be read": () => ({
    before: () => mkdir(folder.wanted),
    options: { autoStart: "restore" },
    says: /EISDIR/,
  }),
  "the records do not open": () => ({ parts: { openRecords: odd }, says: /it is odd/ }),
  "the gateway is not made": () => ({ parts: { createGateway: odd }, says: /it is odd/ }),
  "what the accounts were like cannot be loaded": () => ({
    parts: {
      createGateway(settings, ports, options) {
        const gateway = leaderDependencies.createGateway(settings, ports, options);
        return Object.assign(gateway, { pool: Object.assign(gateway.pool, { load: async () => odd() }) });
      },
    },
    says: /it is odd/,
  }),
  "the control port is taken": () => ({
    options: { controlPort: (taken.address() as AddressInfo).port, autoStart: "always", pages: path },
    says: /EADDRINUSE/,
  }),
  "the address cannot be written": () => ({
    before: () => mkdir(join(folder.gateway, "in-the-way"), { recursive: true }),
    options: { autoStart: "always", runtimeDir: join(path, "run") },
    says: /gateway\.json could not be written: there is a folder in its place/,
  }),
  "whoever listens fails at once": () => ({
    options: { runtimeDir: join(path, "run"), onEvent: odd },
    says: /it is odd/,
  }),
};

describe("a start that fails", { timeout: 60_000 }, () => {
  it.each(Object.keys(steps))("because %s leaves nothing open", async (name) => {
    const { parts, options, before, says } = steps[name]?.() ?? { says: /no such step/ };
    await before?.();
    const { clock, timers } = counting();
    const opened: { closed: boolean }[] = [];
    const note = <T extends object>(made: T, close: keyof T): T => {
      const state = { closed: false };
      opened.push(state);
      const original = made[close] as (...given: unknown[]) => Promise<unknown>;
      return Object.assign(made, {
        [close]: (...given: unknown[]) => {
          state.closed = true;
          return original.apply(made, given);
        },
      });
    };
    const at = handles();
    const led = startLeader({
      folder,
      version: "1",
      kind: "headless",
      window: { port: 0 },
      autoStart: "never",
      secretsFailure: "Secrets cannot be read.",
      ports: {
        log: { debug() {}, info() {}, warn() {}, error() {} },
        secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
        network: directNetwork,
        clock,
        random: Math.random,
      },
      surroundings: { env: {}, platform: process.platform, home: path },
      redact: (text) => text,
      secrets: () => [],
      onEvent: () => {},
      ...options,
      parts: {
        ...leaderDependencies,
        openRecords: (given) => note((parts?.openRecords ?? leaderDependencies.openRecords)(given), "close"),
        createGateway: (...given) =>
          note((parts?.createGateway ?? leaderDependencies.createGateway)(...given), "stop"),
      },
    });
    await expect(led).rejects.toThrow(says);
    expect(opened.filter(({ closed }) => !closed)).toEqual([]);
    expect(timers.size).toBe(0);
    await expect.poll(() => since(at), { timeout: 30_000 }).toEqual([]);
    const left = await readdir(path);
    expect(left.filter((each) => each.startsWith("open-dashboard"))).toEqual([]);
    expect(await readdir(join(path, "run", "portico")).catch(() => [])).toEqual([]);
    await rm(folder.wanted, { recursive: true, force: true });
    await writeFile(folder.wanted, "{}");
  });
});
