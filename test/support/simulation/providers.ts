/**
 * Providers of a simulated day: limits per minute and per day, outages, revoked keys. They keep
 * their own books, so that what they see can be held against what the gateway believes.
 */
import type { Candidate } from "../../../src/gateway/routing/candidate.ts";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import type { AttemptResult } from "../../../src/gateway/upstream/relay/result.ts";
import type { SimulatedClock } from "./clock.ts";

export const PROVIDERS = ["openai", "anthropic", "gemini", "deepseek", "openrouter"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface AccountPlan {
  readonly id: string;
  readonly provider: ProviderName;
  readonly perMinute: number;
  readonly perDay?: number;
  readonly maxInFlight?: number;
  /** Milliseconds of the day from and to which its key is refused. */
  readonly revoked?: readonly [from: number, to: number];
}

export interface Outage {
  readonly provider: ProviderName;
  readonly from: number;
  readonly to: number;
  readonly kind: "503" | "refused";
}

/** Four accounts each of five providers. The first is large: the one that `pinned` uses. */
export const ACCOUNTS: readonly AccountPlan[] = PROVIDERS.flatMap((provider, row) =>
  [0, 1, 2, 3].map((column): AccountPlan => {
    const number = row * 4 + column;
    return {
      id: `${provider}-${column + 1}`,
      provider,
      perMinute: number === 0 ? 600 : 30,
      ...(column === 2 ? { perDay: 300 } : {}),
      ...(column === 1 ? { maxInFlight: 3 } : {}),
      ...(number === 7 ? { revoked: [10 * HOUR, 15 * HOUR] as const } : {}),
      ...(number === 12 ? { revoked: [14 * HOUR, DAY] as const } : {}),
    };
  }),
);

export const OUTAGES: readonly Outage[] = [
  { provider: "anthropic", from: 11 * HOUR, to: 11.2 * HOUR, kind: "503" },
  { provider: "deepseek", from: 16 * HOUR, to: 16.1 * HOUR, kind: "refused" },
];

/** Each model has its provider, and the next one to fall back to. */
export const ROUTES: SettingsInput["routes"] = PROVIDERS.map((provider, row) => ({
  model: `model-${row}`,
  to: [`${provider}/m`, `${PROVIDERS[(row + 1) % PROVIDERS.length] ?? provider}/m`],
}));

interface Book {
  readonly plan: AccountPlan;
  minute: number;
  inMinute: number;
  inDay: number;
  inFlight: number;
  mostInFlight: number;
  calls: number;
  served: number;
  /** Milliseconds since 1970 before which it has said that it will not serve. */
  notBefore: number;
  /** Milliseconds since 1970 at which its key was last refused. */
  refusedKeyAt: number;
  keyRefusals: number;
}

/** Longest that a provider can hold an account back before it is asked again. */
const QUOTA_CAP = 6 * HOUR;
const RATE_CAP = 10 * MINUTE;

export class Providers {
  readonly #clock: SimulatedClock;
  readonly #start: number;
  readonly #random: () => number;
  readonly books = new Map<string, Book>();
  /** Calls to an account that had said when it would serve again. */
  tooEarly = 0;
  rateLimited = 0;

  constructor(clock: SimulatedClock, start: number, random: () => number) {
    this.#clock = clock;
    this.#start = start;
    this.#random = random;
    for (const plan of ACCOUNTS) {
      this.books.set(plan.id, {
        plan,
        minute: -1,
        inMinute: 0,
        inDay: 0,
        inFlight: 0,
        mostInFlight: 0,
        calls: 0,
        served: 0,
        notBefore: 0,
        refusedKeyAt: Number.NEGATIVE_INFINITY,
        keyRefusals: 0,
      });
    }
  }

  get calls(): number {
    return [...this.books.values()].reduce((sum, book) => sum + book.calls, 0);
  }

  /** Would this account serve a request right now? */
  couldServe(id: string): boolean {
    const book = this.books.get(id);
    if (book === undefined) return false;
    const time = this.#clock.now() - this.#start;
    this.#turnMinute(book, time);
    const { perMinute, perDay, maxInFlight, revoked, provider } = book.plan;
    return (
      !(revoked !== undefined && time >= revoked[0] && time < revoked[1]) &&
      !isOut(provider, time) &&
      book.inMinute < perMinute &&
      (perDay === undefined || book.inDay < perDay) &&
      (maxInFlight === undefined || book.inFlight < maxInFlight)
    );
  }

  /** One call; headers are what the provider says of its limits. */
  async call(
    { account }: Candidate,
    onHeaders: (headers: Record<string, string>) => void,
  ): Promise<AttemptResult> {
    const book = this.books.get(account.id);
    if (book === undefined) throw new Error(`no book of ${account.id}`);
    const now = this.#clock.now();
    const time = now - this.#start;
    book.calls++;
    if (now < book.notBefore) this.tooEarly++;
    const outage = OUTAGES.find((each) => each.provider === book.plan.provider && within(each, time));
    if (outage?.kind === "refused") {
      await this.#wait(5);
      const error = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      return { kind: "failed", cause: { kind: "network", error } };
    }
    if (outage !== undefined) {
      await this.#wait(80);
      return refusal(503, { error: { message: "The service is down for maintenance." } });
    }
    const { revoked, perMinute, perDay } = book.plan;
    if (revoked !== undefined && time >= revoked[0] && time < revoked[1]) {
      // Asked again at growing gaps, half a minute at least.
      if (now - book.refusedKeyAt < 30_000) this.tooEarly++;
      await this.#wait(60);
      book.refusedKeyAt = this.#clock.now();
      book.keyRefusals++;
      return refusal(401, { error: { message: "Incorrect API key provided.", code: "invalid_api_key" } });
    }
    this.#turnMinute(book, time);
    const tomorrow = this.#start + DAY;
    if (perDay !== undefined && book.inDay >= perDay) {
      await this.#wait(40);
      book.notBefore = Math.max(book.notBefore, Math.min(tomorrow, this.#clock.now() + QUOTA_CAP));
      this.rateLimited++;
      const seconds = Math.ceil((tomorrow - this.#clock.now()) / 1000);
      return refusal(429, DAILY, { "retry-after": String(seconds) });
    }
    const nextMinute = this.#start + (book.minute + 1) * MINUTE;
    if (book.inMinute >= perMinute) {
      await this.#wait(40);
      const seconds = Math.max(1, Math.ceil((nextMinute - this.#clock.now()) / 1000));
      book.notBefore = Math.max(book.notBefore, this.#clock.now() + Math.min(seconds * 1000, RATE_CAP));
      this.rateLimited++;
      return refusal(429, BUSY, { "retry-after": String(seconds) });
    }
    book.inMinute++;
    book.inDay++;
    book.inFlight++;
    book.mostInFlight = Math.max(book.mostInFlight, book.inFlight);
    onHeaders({
      "x-ratelimit-limit-requests": String(perMinute),
      "x-ratelimit-remaining-requests": String(perMinute - book.inMinute),
      "x-ratelimit-reset-requests": `${nextMinute - now}ms`,
      ...(perDay === undefined
        ? {}
        : {
            "x-ratelimit-limit-requests-day": String(perDay),
            "x-ratelimit-remaining-requests-day": String(perDay - book.inDay),
            "x-ratelimit-reset-requests-day": `${Math.ceil((tomorrow - now) / 1000)}s`,
          }),
    });
    await this.#wait(1500 + this.#random() * 8000);
    book.inFlight--;
    book.served++;
    return { kind: "done", status: 200 };
  }

  #turnMinute(book: Book, time: number): void {
    const minute = Math.floor(time / MINUTE);
    if (book.minute === minute) return;
    book.minute = minute;
    // The person's other programs use the same account: now and then it is full without our doing.
    book.inMinute = book.plan.perMinute < 100 && this.#random() < 0.03 ? book.plan.perMinute : 0;
  }

  #wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimeout(() => resolve(), milliseconds);
    });
  }
}

const BUSY = { error: { message: "Rate limit reached, slow down.", code: "rate_limit_exceeded" } };
const DAILY = { error: { message: "You have used up the requests of this day.", code: "daily_limit" } };

function refusal(status: number, body: object, headers: Record<string, string> = {}): AttemptResult {
  return {
    kind: "failed",
    cause: { kind: "reply", status, headers, body: Buffer.from(JSON.stringify(body)) },
  };
}

function within({ from, to }: Outage, time: number): boolean {
  return time >= from && time < to;
}

/** @param time milliseconds since the day began @param margin milliseconds before and after */
export function isOut(provider: string, time: number, margin = 0): boolean {
  return OUTAGES.some(
    (outage) => outage.provider === provider && time >= outage.from - margin && time < outage.to + margin,
  );
}
