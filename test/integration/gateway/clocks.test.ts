/** A clock that is set, and a computer that sleeps, over a real provider: who is asked, and what a person reads. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stateOf as cliWords, hold as holdLabel } from "../../../src/cli/labels.ts";
import type { AccountView } from "../../../src/control/contract.ts";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import { listedAccount } from "../../../src/gateway/leader/accountStatus.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import { stateOf as editorWords } from "../../../src/vscode/accounts/accountLabels.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const VIEW: AccountView = {
  id: "work",
  provider: "custom",
  label: "Work",
  priority: 0,
  enabled: true,
  protocols: ["openai-chat"],
  readOnly: false,
};

let upstream: Upstream;
let folder: string;
let portico: TestGateway | undefined;
/** Milliseconds that the wall clock was set, and that have passed besides the real ones. */
let wall: number;
let passed: number;

const clock: Clock = {
  ...systemClock,
  now: () => Date.now() + wall + passed,
  monotonic: () => performance.now() + passed,
};

beforeEach(async () => {
  [wall, passed] = [0, 0];
  folder = makeFolder("clocks");
  upstream = await startUpstream(() => {});
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await upstream.close();
  await removeFolder(folder);
});

/** A gateway that remembers what the one before it knew. */
async function start(): Promise<TestGateway> {
  await portico?.stop();
  portico = await startGateway(
    {
      accounts: [
        {
          id: "work",
          provider: "custom",
          endpoints: { "openai-chat": `${upstream.url}/v1` },
          credentials: { apiKey: "sk-clocks" },
          models: ["m"],
        },
      ],
    },
    { clock },
    { state: createStateFile(join(folder, "state.json"), { log: quiet, clock, redact: (text) => text }) },
  );
  return portico;
}

async function ask(): Promise<number> {
  const reply = await fetch(`${portico?.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
  });
  await reply.text();
  return reply.status;
}

/** The provider says that the limit is used up, for so long; one request finds out. */
async function usedUp(milliseconds: number): Promise<void> {
  upstream.script = (_received, res) =>
    sendJson(
      res,
      429,
      { error: { message: "Usage limit reached.", type: "usage_limit_reached" } },
      // Its own clock is right.
      { "retry-after": new Date(Date.now() + milliseconds).toUTCString() },
    );
  expect(await ask()).toBe(429);
  upstream.script = (_received, res) => sendJson(res, 200, REPLIES["openai-chat"]);
}

function shown() {
  const standing = portico?.gateway.pool.standing().find(({ account }) => account === "work");
  const account = listedAccount(VIEW, standing, "key");
  const now = clock.now();
  const [hold] = account.held;
  // One model of the account is held back: its own words are those that `portico status` has.
  const cli = hold === undefined ? cliWords(account, now) : holdLabel(hold, now);
  return { cli, editor: editorWords(account, now).words, held: account.held };
}

const isHeld = async () => {
  const before = upstream.received.length;
  expect(await ask()).toBe(429);
  expect(upstream.received).toHaveLength(before);
};
const isAsked = async () => {
  const before = upstream.received.length;
  expect(await ask()).toBe(200);
  expect(upstream.received).toHaveLength(before + 1);
  expect(shown()).toMatchObject({ cli: "ready", editor: "ready" });
};

describe("while it runs", () => {
  it("a reset days away is shown as it was stated, and the account asked again after six hours", async () => {
    await start();
    await usedUp(5 * DAY);
    expect(shown().cli).toMatch(/^used up, resets in (?:5 d|4 d 23 h), asked again in (?:6 h|5 h 59 min)$/);
    passed += 6 * HOUR + 5000;
    await isAsked();
  });

  it.each([-40 * DAY, -HOUR, HOUR, 40 * DAY])(
    "a clock that was wrong by %i ms holds for what the provider stated, not longer",
    async (wrong) => {
      wall = wrong;
      await start();
      await usedUp(3 * HOUR);
      const { held } = shown();
      expect(Math.abs((held[0]?.resetAt ?? 0) - clock.now() - 3 * HOUR)).toBeLessThan(5000);
      // Somebody sets it right.
      wall = 0;
      if (wrong > 0) {
        await isHeld();
        expect(shown().cli).toMatch(/^used up, resets in (?:3 h|2 h 59 min)$/);
        passed += 3 * HOUR + 6000;
      } else if (wrong === -HOUR) {
        await isHeld();
        expect(shown().cli).toMatch(/^used up, resets in (?:2 h|1 h 59 min)$/);
        passed += 2 * HOUR + 6000;
      }
      await isAsked();
    },
  );

  it("a night's sleep ends what was to end meanwhile, and nothing else", async () => {
    await start();
    await usedUp(3 * HOUR);
    wall += HOUR;
    await isHeld();
    expect(shown().editor).toMatch(/^used up until /);
    wall += 8 * HOUR;
    await isAsked();
  });
});

describe("at start", () => {
  it("what a clock noted that was a month ahead is void", async () => {
    wall = 30 * DAY;
    await start();
    await usedUp(3 * HOUR);
    await portico?.gateway.pool.flush();
    wall = 0;
    await start();
    expect(shown()).toMatchObject({ cli: "ready", editor: "ready", held: [] });
    await isAsked();
  });

  it("what was to end while it was off has ended, and what was not is held as long as it was to be", async () => {
    await start();
    await usedUp(3 * HOUR);
    await portico?.gateway.pool.flush();
    wall += HOUR;
    await start();
    await isHeld();
    expect(shown().cli).toMatch(/^used up, resets in (?:2 h|1 h 59 min)$/);
    wall += 2 * HOUR + 6000;
    await start();
    await isAsked();
  });
});
