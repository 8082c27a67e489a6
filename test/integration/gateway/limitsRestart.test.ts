/** Budgets of all accounts, of one and of a client key, each in each unit, with 200 requests at once and a restart in the midst. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/gateway/common/ports.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { createStateFile } from "../../../src/gateway/state/stateFile.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

const KEY = seededSecret("restarted");
const MANY = 200;
/** Requests that a provider may get in all. */
const MOST = 60;
/** Tokens that a request uses, a few fewer than it is expected to. */
const TOKENS = 100;
const USD = 0.001;
const REPLY = {
  ...REPLIES["openai-chat"],
  usage: { prompt_tokens: 11, completion_tokens: 89, total_tokens: TOKENS },
};
const BODY = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], max_tokens: 100 });

let folder: string;
let upstream: Upstream;
let portico: TestGateway;
/** Requests that wait for their answer. */
let waiting: (() => void)[];

beforeEach(async () => {
  folder = makeFolder("limits-restart");
  waiting = [];
  upstream = await startUpstream((_received, res) => void waiting.push(() => sendJson(res, 200, REPLY)));
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
  await removeFolder(folder);
});

const UNITS = { requests: MOST, tokens: MOST * TOKENS, usd: MOST * USD } as const;
type Unit = keyof typeof UNITS;
const HOLDERS = ["all accounts", "an account", "a key"] as const;
type Holder = (typeof HOLDERS)[number];

async function start(holder: Holder, unit: Unit): Promise<void> {
  const budget = { unit, per: "month" as const, limit: UNITS[unit] };
  const settings: SettingsInput = {
    accounts: [
      {
        id: "work",
        provider: "custom",
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: seededSecret("upstream") },
        models: ["m"],
      },
    ],
    prices: [{ model: "m", input: 10, output: 10 }],
    keys: [{ id: "ci", key: KEY, ...(holder === "a key" ? { budgets: [budget] } : {}) }],
    budgets: holder === "a key" ? [] : [holder === "an account" ? { ...budget, account: "work" } : budget],
  };
  const log = { warn() {} };
  const state = createStateFile(`${folder}/state.json`, { log, clock: systemClock, redact: (text) => text });
  portico = await startGateway(settings, {}, { state });
}

/** @returns the status; 0: the connection was cut */
async function ask(): Promise<number> {
  try {
    const headers = { "content-type": "application/json", "x-api-key": KEY };
    const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers,
      body: BODY,
    });
    await reply.text();
    return reply.status;
  } catch {
    return 0;
  }
}

const used = (holder: Holder): number =>
  (holder === "a key" ? portico.gateway.pool.keys : portico.gateway.pool.budgets).states()[0]?.used ?? 0;

describe.each(HOLDERS)("a budget of %s", { timeout: 60_000 }, (holder) => {
  it.each(Object.keys(UNITS) as Unit[])(
    "in %s holds over a restart in the midst of 200 at once",
    async (unit) => {
      await start(holder, unit);
      const first = Array.from({ length: MANY }, ask);
      // All that are let in wait at the provider; a third of them is answered.
      const letIn = async () => {
        for (let before = -1; before < upstream.received.length; await sleep(100))
          before = upstream.received.length;
      };
      await expect.poll(() => waiting.length).toBeGreaterThan(MOST / 3);
      await letIn();
      for (const answer of waiting.splice(0, MOST / 3)) answer();
      await expect.poll(() => portico.records.filter(({ status }) => status === 200).length).toBe(MOST / 3);
      await portico.stop();
      waiting = [];
      const atFirst = await Promise.all(first);
      expect(atFirst.filter((status) => status === 200)).toHaveLength(MOST / 3);
      const cut = upstream.received.length - MOST / 3;
      expect(cut).toBeGreaterThan(0);

      await start(holder, unit);
      // Requests that a provider got count, whatever became of them; of those that were cut it is not known what they used.
      const perRequest = { requests: 1, tokens: TOKENS, usd: USD }[unit];
      const counted = unit === "requests" ? upstream.received.length : MOST / 3;
      expect(used(holder)).toBeCloseTo(counted * perRequest, 9);

      const second = Array.from({ length: MANY }, ask);
      let over = false;
      void Promise.all(second).then(() => {
        over = true;
      });
      while (!over) {
        for (const answer of waiting.splice(0)) answer();
        await sleep(5);
      }
      const statuses = [...atFirst, ...(await Promise.all(second))];
      expect(statuses.filter((status) => ![200, 429, 0, 503].includes(status))).toEqual([]);
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
      if (unit === "requests") {
        expect(upstream.received).toHaveLength(MOST);
        expect(used(holder)).toBe(MOST);
      } else {
        // What was answered is within the limit and the one request that reached it.
        const answered = statuses.filter((status) => status === 200).length;
        expect(used(holder)).toBeCloseTo(answered * perRequest, 9);
        expect(used(holder)).toBeLessThanOrEqual(UNITS[unit] + perRequest);
        expect(used(holder)).toBeGreaterThanOrEqual(UNITS[unit] * 0.8);
      }
    },
  );
});
