/**
 * Providers that misbehave in every way there is, on real sockets, under 200 requests at once: each
 * request ends in time with a right answer or a right error of its own protocol.
 */
import v8 from "node:v8";
import vm from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/gateway/common/ports.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { type Answered, type ChaosServer, startChaos, TROUBLES } from "../../support/chaos.ts";
import { ALL, ask, bodyOf, pathOf, type Understood, understand } from "../../support/chaosClient.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { leaksIn, seededSecret } from "../../support/secrets.ts";

/** Milliseconds in which every request has to end: all tries, and the last one's time-out. */
const DEADLINE_MS = 30_000;

/** Bytes that a second storm may leave on the heap: records of the test's own, compiled code. */
const HEAP_GROWTH = 12 * 1024 * 1024;

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;
/** Bytes in use on the heap after each storm. */
const heaps: number[] = [];

const answered: Answered = new Map();
/** Timers of the gateway that have neither gone off nor been cancelled. */
const timers = new Set<object>();
const clock: Clock = {
  ...systemClock,
  setTimeout(callback, milliseconds) {
    const own = {};
    timers.add(own);
    const timer = systemClock.setTimeout(() => {
      timers.delete(own);
      callback();
    }, milliseconds);
    return {
      cancel() {
        timers.delete(own);
        timer.cancel();
      },
    };
  },
};
const servers = new Map<string, ChaosServer>();
let portico: TestGateway;

function account(id: string, url: string, chatOnly: boolean): NonNullable<SettingsInput["accounts"]>[number] {
  const all = { "openai-responses": `${url}/v1`, anthropic: url, gemini: url };
  return {
    id,
    provider: "custom",
    endpoints: { "openai-chat": `${url}/v1`, ...(chatOnly ? {} : all) },
    credentials: { apiKey: seededSecret("key") },
    models: ["m"],
  };
}

beforeAll(async () => {
  for (const trouble of [...TROUBLES, "good" as const]) {
    servers.set(trouble, await startChaos(trouble, answered));
  }
  const accounts = [...servers].flatMap(([name, { url }]) => [
    account(name, url, false),
    account(`${name}-chat`, url, true),
  ]);
  portico = await startGateway(
    {
      accounts: accounts.map((each) => (each.id === "good" ? { ...each, maxInFlight: 12 } : each)),
      routes: TROUBLES.flatMap((trouble) => [
        { model: trouble, to: [`${trouble}/m`, "good/m"] },
        { model: `${trouble}-translated`, to: [`${trouble}-chat/m`, "good-chat/m"] },
        { model: `${trouble}-alone`, to: [`${trouble}/m`] },
      ]),
      upstream: {
        connectTimeoutMs: 4000,
        headersTimeoutMs: 4000,
        idleTimeoutMs: 3000,
        retryDeadlineMs: 12_000,
        heartbeatMs: 60_000,
      },
    },
    { clock },
  );
});
afterAll(async () => {
  await portico.stop();
  for (const server of servers.values()) await server.close();
});

interface Asked {
  readonly label: string;
  readonly model: string;
  readonly word: string;
  readonly stream: boolean;
  readonly understood: Understood;
  readonly took: number;
}

/** Ten troubles, by the way each can be met, in every protocol: 200 requests. */
function plan(): { model: string; index: number }[] {
  const wanted: { model: string; index: number }[] = [];
  for (const trouble of TROUBLES) {
    for (let index = 0; index < 8; index++) wanted.push({ model: trouble, index });
    for (let index = 0; index < 8; index++) wanted.push({ model: `${trouble}-translated`, index });
    for (let index = 0; index < 4; index++)
      wanted.push({ model: `${trouble}-alone`, index: index * 2 + (index % 2) });
  }
  return wanted;
}

async function storm(round: number): Promise<Asked[]> {
  return await Promise.all(
    plan().map(async ({ model, index }, number): Promise<Asked> => {
      const [protocol, stream] = ALL[index % ALL.length] ?? ["openai-chat", false];
      const word = `word-${round * 1000 + number}-`;
      const heard = await ask(
        portico.port,
        pathOf(protocol, model, stream),
        bodyOf(protocol, model, stream, `Say ${word}`),
      );
      const understood = understand(protocol, stream, heard);
      return { label: `${protocol} ${model} ${word}`, model, word, stream, understood, took: heard.took };
    }),
  );
}

describe("under 200 requests at once", () => {
  it.each([1, 2])("every one ends well (round %i)", async (round) => {
    const asked = await storm(round);
    expect(asked).toHaveLength(200);
    for (const { label, model, word, stream, understood, took } of asked) {
      expect(took, label).toBeLessThan(DEADLINE_MS);
      expect(understood.kind, `${label}: ${JSON.stringify(understood)}`).not.toBe("nonsense");
      expect(leaksIn(label, JSON.stringify(understood))).toEqual([]);
      if (understood.kind === "answer") {
        // Its own answer, once.
        expect(understood.text.split(word), `${label}: ${understood.text}`).toHaveLength(2);
      } else if (understood.kind === "error") {
        expect(understood.message, label).not.toBe("");
        // With a good account behind it, only what had begun may fail.
        const begun = stream && /^(?:resetAfter|stalled)/.test(model);
        expect(begun || model.endsWith("-alone"), `${label}: ${understood.message}`).toBe(true);
      }
      expect(answered.get(word) ?? 0, label).toBeLessThanOrEqual(1);
    }
    collectGarbage();
    heaps.push(process.memoryUsage().heapUsed);
  });

  it("leaves nothing behind", async () => {
    const { pool } = portico.gateway;
    expect(portico.gateway.active).toBe(0);
    const [first = 0, second = 0] = heaps;
    expect(second - first).toBeLessThan(HEAP_GROWTH);
    expect(pool.scheduler.load.waiting).toBe(0);
    for (const { account: id, inFlight } of pool.standing()) expect(inFlight, id).toBe(0);
    // The record of a request comes with its end.
    expect(portico.records.filter(({ status }) => status > 0).length).toBeGreaterThanOrEqual(400);
    await portico.stop();
    await closed([...servers.values()]);
    // A provider's connection has a second to end after its stream's last event.
    await expect.poll(() => timers.size).toBe(0);
    // Nobody listens or is connected any more, but for the servers that play the providers.
    const left = process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap");
    expect(left).toEqual([]);
    await portico.gateway.start();
  });
});

/** Resolves when no server has a connection left. */
async function closed(all: readonly ChaosServer[]): Promise<void> {
  const began = performance.now();
  while (all.some(({ sockets }) => sockets.size > 0)) {
    if (performance.now() - began > 20_000) {
      throw new Error(
        `connections left: ${all.map(({ url, sockets }) => `${url} ${sockets.size}`).join(", ")}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
