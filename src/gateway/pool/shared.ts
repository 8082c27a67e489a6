/** A gateway that is one of a pool: the only file with what speaks to the engine, loaded where a pool is configured. */
import { createHmac, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setLatest } from "../common/latest.ts";
import type { Clock, Log } from "../common/ports.ts";
import type { Period, Span } from "../settings/budgetPeriod.ts";
import type { PoolSettings } from "../settings/poolSettings.ts";
import { ANSWER_MS, Engine } from "./engine.ts";
import { clearNews, holdNews, holdOf, type News, quotaNews, quotaOf, readNews } from "./news.ts";
import { periodsIn } from "./periods.ts";
import type {
  CounterOptions,
  LevelOptions,
  PoolListener,
  PoolPort,
  PoolStanding,
  SharedClear,
  SharedCounter,
  SharedHold,
  SharedQuota,
} from "./port.ts";
import { Presence } from "./presence.ts";
import { DROP, KEEP, NOTES } from "./scripts.ts";
import { Sums } from "./sums.ts";

/** Milliseconds between two reports of sums, and of quotas. */
export const REPORT_MS = 250;
/** Of them, how many until this gateway says that it is there, and sums are looked at that nobody uses here. */
const PRESENCE_REPORTS = 4;
/** Milliseconds that a quota is told to those who come later. */
const QUOTA_MS = 3_600_000;
/** Milliseconds that a request waits for what others may remember. */
const RECALL_MS = 20;
/** Holds, and quotas, in the engine. */
export const MOST_NOTES = 10_000;
/** To be told at once. */
const MOST_QUOTAS = 1000;
/** Characters of a name that stands for an account. */
const NAME_LENGTH = 32;

export interface SharedOptions {
  readonly settings: PoolSettings;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
  /** This gateway's, for a person; the computer's by default. */
  readonly name?: string;
}

/** Connects in the background. Resolves when the engine has answered, or does not in a moment. */
export async function joinPool(options: SharedOptions): Promise<PoolPort> {
  const pool = new SharedPool(options);
  await pool.begin();
  return pool;
}

class SharedPool implements PoolPort {
  readonly #options: SharedOptions;
  readonly #engine: Engine;
  readonly #id = randomBytes(9).toString("base64url");
  readonly #name: string;
  readonly #key: Buffer;
  readonly #prefix: string;
  readonly #periods: ReturnType<typeof periodsIn>;
  readonly #presence: Presence;
  readonly #sums: Sums;
  readonly #quotas = new Map<string, SharedQuota>();
  readonly #listeners = new Set<() => void>();
  #listener: PoolListener | undefined;
  #standing: PoolStanding;
  #findings = 0;
  #reports = 0;
  #began: (() => void) | undefined;
  #closed = false;

  constructor(options: SharedOptions) {
    const { settings, clock } = options;
    this.#options = options;
    this.#name = (options.name ?? hostname()).slice(0, 60) || "gateway";
    this.#key = createHmac("sha256", settings.secret).update("portico pool accounts").digest();
    this.#prefix = `portico:${settings.name}:`;
    this.#periods = periodsIn(settings.timeZone);
    this.#standing = {
      name: settings.name,
      state: "connecting",
      since: clock.now(),
      gateways: [this.#name],
      whenAway: settings.whenAway,
    };
    this.#engine = new Engine({
      url: settings.url,
      ca: settings.ca,
      clock,
      channel: `${this.#prefix}news`,
      onMessage: (text) => this.#hear(readNews(text)),
      onBack: () => this.#back(),
      onState: (why) => this.#turned(why),
    });
    const engine = this.#engine;
    const presence = new Presence(engine, clock, {
      key: `${this.#prefix}gateways`,
      id: this.#id,
      name: this.#name,
    });
    this.#presence = presence;
    this.#sums = new Sums({
      engine,
      prefix: this.#prefix,
      id: this.#id,
      now: () => this.#poolNow(),
      surroundings: {
        get joined() {
          return engine.joined;
        },
        refuses: settings.whenAway === "refuse",
        get gateways() {
          return presence.count;
        },
        monotonic: () => clock.monotonic(),
      },
    });
  }

  async begin(): Promise<void> {
    const { clock } = this.#options;
    const answered = new Promise<void>((resolve) => {
      this.#began = resolve;
      clock.setTimeout(resolve, ANSWER_MS);
    });
    this.#engine.start();
    this.#reportLater();
    await answered;
  }

  get standing(): PoolStanding {
    return this.#standing;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listen(listener: PoolListener): void {
    this.#listener = listener;
    this.readAgain();
  }

  nameOf(...parts: readonly string[]): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify(parts))
      .digest("base64url")
      .slice(0, NAME_LENGTH);
  }

  hold(hold: SharedHold): string {
    const id = `${this.#id}.${++this.#findings}`;
    if (this.#engine.joined) {
      const news = holdNews(hold, id, this.#id, this.#now());
      this.#engine.publish(JSON.stringify(news));
      this.#quietly(this.#keepHold(news));
    }
    return id;
  }

  clear(clear: SharedClear): void {
    if (!this.#engine.joined) return;
    const news = clearNews(clear, this.#id, this.#now());
    this.#engine.publish(JSON.stringify(news));
    const age = "age" in news ? news.age : 0;
    this.#quietly(this.#engine.run(DROP, `${this.#prefix}holds`, "-", age, fieldOf(clear)));
  }

  undo(id: string, of: Pick<SharedHold, "account" | "model">): void {
    if (!this.#engine.joined) return;
    this.#engine.publish(JSON.stringify({ kind: "undo", id, from: this.#id } satisfies News));
    this.#quietly(this.#engine.run(DROP, `${this.#prefix}holds`, id, 0, fieldOf(of)));
  }

  quota(quota: SharedQuota): void {
    // The latest word alone, a few times a second: replies bring one each.
    setLatest(this.#quotas, `${fieldOf(quota)} ${quota.name}`, quota, MOST_QUOTAS);
  }

  readAgain(): void {
    if (this.#engine.joined) this.#quietly(this.#read());
  }

  remember(name: string, what: string, forMs: number): void {
    if (this.#engine.joined) this.#engine.keepFor(`${this.#prefix}place:${name}`, what, forMs);
  }

  async recall(names: readonly string[]): Promise<readonly (string | undefined)[]> {
    if (!this.#engine.joined || names.length === 0) return [];
    const keys = names.map((name) => `${this.#prefix}place:${name}`);
    return await this.#engine.find(keys, RECALL_MS);
  }

  async mayPoll(account: string, withinMs: number): Promise<boolean> {
    if (!this.#engine.joined) return true;
    try {
      return await this.#engine.takeFor(`${this.#prefix}poll:${account}`, this.#id, Math.round(withinMs));
    } catch {
      return true;
    }
  }

  periodOf(period: Period, now: number): Span {
    const { ahead } = this.#presence;
    const { start, end } = this.#periods(period, now + ahead);
    return { start, end: end - ahead };
  }

  counter(name: string, period: Period, start: number, options: CounterOptions): SharedCounter | undefined {
    const end = () => this.#periods(period, start).end;
    return this.#sums.counter(`${name}:${period}:${start}`, end, options);
  }

  level(name: string, options: LevelOptions): SharedCounter | undefined {
    return this.#sums.counter(name, () => undefined, { ...options, used: 0 });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#engine.joined) {
      // What is leased goes back, and so does this gateway's name.
      await Promise.all([this.#sums.report(true), this.#presence.leave()]).catch(() => {});
    }
    this.#engine.close();
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #poolNow(): number {
    return this.#now() + this.#presence.ahead;
  }

  #quietly(job: Promise<unknown>): void {
    // The engine says itself that it is away.
    job.catch(() => {});
  }

  #reportLater(): void {
    this.#options.clock.setTimeout(() => {
      if (this.#closed) return;
      if (this.#engine.joined) this.#report();
      this.#reportLater();
    }, REPORT_MS);
  }

  #report(): void {
    const all = this.#reports++ % PRESENCE_REPORTS === 0;
    this.#quietly(this.#sums.report(all));
    if (all) this.#quietly(this.#hello());
    const quotas = [...this.#quotas];
    this.#quotas.clear();
    for (const [field, quota] of quotas) {
      const news = quotaNews(quota, this.#id, this.#now());
      const text = JSON.stringify(news);
      this.#engine.publish(text);
      this.#quietly(
        this.#engine.run(
          KEEP,
          `${this.#prefix}quotas`,
          field,
          this.#id,
          -news.age,
          news.age,
          QUOTA_MS,
          text,
          MOST_NOTES,
        ),
      );
    }
  }

  async #hello(): Promise<void> {
    await Promise.all([this.#presence.tell(), this.#engine.hears()]);
    const gateways = this.#presence.names;
    if (gateways.join("\n") === this.#standing.gateways.join("\n")) return;
    this.#standing = { ...this.#standing, gateways };
    this.#changed();
  }

  /** The engine answers again: all that it may not know, then all that this gateway may not. */
  async #back(): Promise<void> {
    await this.#hello();
    const holds = this.#listener?.holds() ?? [];
    await Promise.all([
      this.#sums.report(true),
      ...holds.map(async (hold) => {
        const news = holdNews(hold, `${this.#id}.${++this.#findings}`, this.#id, this.#now());
        this.#engine.publish(JSON.stringify(news));
        await this.#keepHold(news);
      }),
    ]);
    await this.#read();
    this.#sums.back();
  }

  #keepHold(news: ReturnType<typeof holdNews>): Promise<unknown> {
    if (news.left <= 0) return Promise.resolve();
    return this.#engine.run(
      KEEP,
      `${this.#prefix}holds`,
      fieldOf(news),
      news.id,
      news.left,
      news.age,
      news.left,
      JSON.stringify(news),
      MOST_NOTES,
    );
  }

  async #read(): Promise<void> {
    for (const what of ["holds", "quotas"]) {
      const notes = await this.#engine.run(NOTES, `${this.#prefix}${what}`);
      if (!Array.isArray(notes)) continue;
      for (let at = 0; at + 2 < notes.length; at += 3) {
        const news = readNews(String(notes[at + 2]));
        if (news === undefined || !("age" in news)) continue;
        this.#hear(news, Math.max(0, Number(notes[at + 1]) - news.age));
      }
    }
  }

  /** @param elapsed milliseconds since it was told */
  #hear(news: News | undefined, elapsed = 0): void {
    const listener = this.#listener;
    if (news === undefined || listener === undefined || news.from === this.#id) return;
    const now = this.#now();
    switch (news.kind) {
      case "hold":
        listener.hold(holdOf(news, now, elapsed), news.id);
        break;
      case "clear":
        listener.cleared({ account: news.account, model: news.model, before: now - news.age });
        break;
      case "undo":
        listener.undone(news.id);
        break;
      case "quota":
        listener.quota(quotaOf(news, now, elapsed));
    }
  }

  /** @param why the engine is away; absent: it is there */
  #turned(why: string | undefined): void {
    const { log, settings } = this.#options;
    const { name, whenAway } = settings;
    const { why: _before, ...standing } = this.#standing;
    this.#standing = {
      ...standing,
      state: why === undefined ? "joined" : "away",
      ...(why === undefined ? {} : { why }),
      since: this.#now(),
    };
    if (why === undefined) {
      const others = standing.gateways.length - 1;
      log.info(
        `one of the pool "${name}" now, with ${others} other ${others === 1 ? "gateway" : "gateways"}`,
      );
    } else {
      this.#sums.away();
      const then =
        whenAway === "share"
          ? "this gateway goes on with its share of budgets"
          : "requests under a budget or key limit are refused";
      log.warn(`the engine of the pool "${name}" is away (${why}); ${then}`);
    }
    this.#began?.();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Where a note stands. */
const fieldOf = ({ account, model }: { account: string; model?: string | undefined }): string =>
  model === undefined ? account : `${account} ${model}`;
