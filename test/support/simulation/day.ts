/** A day of traffic through the scheduler, the health table and the attempt loop, in simulated time. */
import { buildAccounts } from "../../../src/gateway/accounts/accounts.ts";
import { AccountPool } from "../../../src/gateway/accounts/pool.ts";
import type { AttemptRecord } from "../../../src/gateway/records/record.ts";
import { runAttempts } from "../../../src/gateway/requests/attempts/loop.ts";
import type { Candidate } from "../../../src/gateway/routing/candidate.ts";
import { resolve } from "../../../src/gateway/routing/route.ts";
import { settingsSchema } from "../../../src/gateway/settings/settings.ts";
import type { Strategy } from "../../../src/gateway/settings/strategy.ts";
import { leaksIn, seededSecret } from "../secrets.ts";
import { SimulatedClock, seeded } from "./clock.ts";
import { ACCOUNTS, DAY, HOUR, isOut, PROVIDERS, Providers, ROUTES } from "./providers.ts";

export interface DayOptions {
  readonly strategy: Strategy;
  readonly seed: number;
  /** Conversations in the day. */
  readonly sessions?: number;
}

export interface DayResult {
  readonly strategy: Strategy;
  readonly requests: number;
  readonly answered: number;
  /** Requests that got an error. */
  readonly refused: number;
  /** Of those: some account could have served it, and nothing the gateway knew spoke against it. */
  readonly refusedWrongly: number;
  /** Calls to an account before the time it had given. */
  readonly tooEarly: number;
  /** Upstream calls per request, for requests that no outage concerned. */
  readonly callsPerRequest: number;
  /** Of the later requests of a conversation: those that the account before served again, 0 to 1. */
  readonly stickyRate: number;
  /** Milliseconds from the request to the end of its last try's start: what scheduling cost. */
  readonly longestWait: number;
  readonly rateLimited: number;
  readonly moreThanAllowedInFlight: number;
  /** Requests that had no end. */
  readonly hanging: number;
  readonly served: ReadonlyMap<string, number>;
  /** Per hour of the day and account: requests served. */
  readonly hours: ReadonlyMap<string, readonly number[]>;
  /** Secrets in the log or in what is saved. */
  readonly leaks: readonly string[];
}

/** A Thursday in UTC: no clock changes. */
const START = Date.UTC(2026, 0, 15);

export async function simulateDay({ strategy, seed, sessions = 700 }: DayOptions): Promise<DayResult> {
  const clock = new SimulatedClock(START);
  const random = seeded(seed);
  const settings = settingsSchema.parse({
    accounts: ACCOUNTS.map(({ id, provider, maxInFlight }) => ({
      id,
      provider,
      models: ["m"],
      ...(maxInFlight === undefined ? {} : { maxInFlight }),
      credentials: { apiKey: seededSecret("key") },
    })),
    routes: ROUTES,
    scheduling: { strategy, ...(strategy === "pinned" ? { pinned: ACCOUNTS[0]?.id } : {}) },
  });
  const leaks: string[] = [];
  const line = (message: string, fields?: unknown) => {
    if (leaks.length < 10) leaks.push(...leaksIn("the log", `${message} ${JSON.stringify(fields) ?? ""}`));
  };
  const log = { debug: line, info: line, warn: line, error: line };
  const { accounts } = buildAccounts(settings.accounts, { secretFor: () => Promise.resolve(undefined) });
  const pool = new AccountPool({
    ports: { clock, random, log },
    settings: () => settings,
    fetchJson: () => Promise.reject(new Error("nobody is asked")),
  });
  pool.configure(accounts);
  const providers = new Providers(clock, START, random);
  const table = {
    routes: settings.routes,
    accounts,
    serves: (_account: unknown, model: string) => (model === "m" ? ("yes" as const) : ("no" as const)),
  };
  const routed = new Map(
    PROVIDERS.map((_provider, row) => [`model-${row}`, resolve(`model-${row}`, "openai-chat", table)]),
  );

  const counts = { requests: 0, answered: 0, refused: 0, refusedWrongly: 0 };
  const calm = { requests: 0, calls: 0 };
  const sticky = { followUps: 0, hits: 0 };
  const hours = new Map<string, number[]>(ACCOUNTS.map(({ id }) => [id, new Array<number>(24).fill(0)]));
  let longestWait = 0;
  let open = 0;

  async function ask(session: string, model: string): Promise<string | undefined> {
    const candidates = routed.get(model) ?? [];
    const began = clock.now();
    const records: AttemptRecord[] = [];
    counts.requests++;
    open++;
    const attempt = (candidate: Candidate) =>
      providers.call(candidate, (headers) => pool.observe(candidate, headers));
    try {
      const { candidate } = await runAttempts(
        candidates,
        attempt,
        { signal: new AbortController().signal, committed: false },
        records,
        {
          health: pool.health,
          scheduler: pool.scheduler,
          facts: { protocol: "openai-chat", model, session },
          clock,
          random,
          log,
          upstream: settings.upstream,
          onRefusal: (refused, body, headers) => pool.refused(refused, body, headers),
        },
      );
      counts.answered++;
      longestWait = Math.max(longestWait, records.at(-1)?.at ?? 0);
      const hour = Math.min(23, Math.floor((began - START) / HOUR));
      const row = hours.get(candidate.account.id);
      if (row !== undefined) row[hour] = (row[hour] ?? 0) + 1;
      return candidate.account.id;
    } catch {
      counts.refused++;
      const plan = pool.scheduler.plan(candidates, { protocol: "openai-chat", model, session });
      const could = plan.some(
        ({ candidate: { account, model: name }, withheld }) =>
          withheld === undefined &&
          pool.health.peek(account.id, name) === true &&
          providers.couldServe(account.id),
      );
      if (could) counts.refusedWrongly++;
      return undefined;
    } finally {
      open--;
      const concerned = candidates.some(({ account }) => isOut(account.provider.id, began - START, 120_000));
      if (!concerned) {
        calm.requests++;
        calm.calls += records.length;
      }
    }
  }

  async function converse(session: string): Promise<void> {
    const model = `model-${Math.floor(random() * PROVIDERS.length)}`;
    const turns = 4 + Math.floor(random() * 50);
    let before: string | undefined;
    for (let turn = 0; turn < turns && clock.now() - START < DAY; turn++) {
      const account = await ask(session, model);
      if (turn > 0 && account !== undefined && before !== undefined) {
        sticky.followUps++;
        if (account === before) sticky.hits++;
      }
      before = account ?? before;
      await new Promise<void>((resolve) => {
        clock.setTimeout(() => resolve(), 2000 + random() * 30_000);
      });
    }
  }

  for (let index = 0; index < sessions; index++) {
    clock.setTimeout(() => void converse(`session-${index}`), arrival(random()) * DAY);
  }
  await clock.run();

  return {
    strategy,
    ...counts,
    tooEarly: providers.tooEarly,
    callsPerRequest: calm.calls / calm.requests,
    stickyRate: sticky.hits / sticky.followUps,
    longestWait,
    rateLimited: providers.rateLimited,
    moreThanAllowedInFlight: [...providers.books.values()].filter(
      ({ plan, mostInFlight }) => plan.maxInFlight !== undefined && mostInFlight > plan.maxInFlight,
    ).length,
    hanging: open,
    served: new Map([...providers.books].map(([id, { served }]) => [id, served])),
    hours,
    leaks: [
      ...leaks,
      ...leaksIn("the state", JSON.stringify([pool.snapshot(), pool.standing(), pool.problems()])),
    ],
  };
}

/** Most conversations begin in the middle of the day: the mean of two uniform numbers. */
function arrival(uniform: number): number {
  const half = uniform < 0.5 ? Math.sqrt(uniform / 2) : 1 - Math.sqrt((1 - uniform) / 2);
  return Math.min(0.97, half);
}
