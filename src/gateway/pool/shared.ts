/** A gateway that is one of a pool: the only file with what speaks to the engine, loaded where a pool is configured. */
import { createHmac, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Clock, Log } from "../common/ports.ts";
import type { Period, Span } from "../settings/budgetPeriod.ts";
import type { PoolSettings } from "../settings/poolSettings.ts";
import { ANSWER_MS, Engine } from "./engine.ts";
import { type News, readNews } from "./news.ts";
import { Notes } from "./notes.ts";
import { type Owned, Owners } from "./owners.ts";
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
import { Sums } from "./sums.ts";

/** Milliseconds between two reports of sums, and of quotas. */
export const REPORT_MS = 250;
/** Of them, how many until this gateway says that it is there, and sums are looked at that nobody uses here. */
const PRESENCE_REPORTS = 4;
/** Milliseconds that a request waits for what others may remember. */
const RECALL_MS = 20;
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
  readonly #channel: string;
  readonly #periods: ReturnType<typeof periodsIn>;
  readonly #presence: Presence;
  readonly #sums: Sums;
  readonly #notes: Notes;
  readonly #owners: Owners;
  readonly #listeners = new Set<() => void>();
  #standing: PoolStanding;
  #reports = 0;
  #began: (() => void) | undefined;
  #closed = false;

  constructor(options: SharedOptions) {
    const { settings, clock } = options;
    this.#options = options;
    this.#name = (options.name ?? hostname()).slice(0, 60) || "gateway";
    this.#key = createHmac("sha256", settings.secret).update("portico pool accounts").digest();
    this.#prefix = `portico:${settings.name}:`;
    this.#channel = `${this.#prefix}news`;
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
      channel: this.#channel,
      onMessage: (text) => this.#hear(readNews(text)),
      onBack: () => this.#back(),
      onState: (why) => this.#turned(why),
    });
    const engine = this.#engine;
    const presence = new Presence(engine, clock, {
      key: `${this.#prefix}gateways`,
      channel: this.#channel,
      id: this.#id,
      name: this.#name,
    });
    this.#presence = presence;
    this.#notes = new Notes({ engine, prefix: this.#prefix, id: this.#id, now: () => this.#now() });
    this.#owners = new Owners({ engine, key: `${this.#prefix}owners`, id: this.#id });
    this.#sums = new Sums({
      engine,
      prefix: this.#prefix,
      channel: this.#channel,
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
        saidSince: (moment) => presence.saidSince(moment),
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
    this.#notes.listen(listener);
    this.readAgain();
  }

  nameOf(...parts: readonly string[]): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify(parts))
      .digest("base64url")
      .slice(0, NAME_LENGTH);
  }

  hold(hold: SharedHold): string {
    return this.#notes.hold(hold);
  }

  clear(clear: SharedClear): void {
    this.#notes.clear(clear);
  }

  undo(id: string, of: Pick<SharedHold, "account" | "model">): void {
    this.#notes.undo(id, of);
  }

  quota(quota: SharedQuota): void {
    this.#notes.quota(quota);
  }

  owns(accounts: readonly Owned[]): void {
    this.#owners.owns(accounts);
    if (this.#engine.joined) this.#quietly(this.#hearOwners());
  }

  othersWith(account: string): readonly string[] {
    return this.#owners.othersWith(account).map((id) => this.#presence.nameOf(id) ?? "another gateway");
  }

  readAgain(): void {
    if (this.#engine.joined) this.#quietly(this.#notes.read());
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
      // What is leased goes back, and so does this gateway's name; an engine that is lost meanwhile forgets them by itself.
      await Promise.all([this.#sums.leave(), this.#presence.leave(), this.#owners.leave()]).catch(() => {});
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
    // Until all have told what they used, nobody knows what is left: so that is soon.
    if (all || this.#sums.settling) this.#quietly(this.#hello());
    this.#notes.report();
  }

  async #hello(): Promise<void> {
    await Promise.all([this.#presence.tell(), this.#engine.hears(), this.#hearOwners()]);
    this.#counted();
  }

  async #hearOwners(): Promise<void> {
    if (await this.#owners.tell()) this.#changed();
  }

  /** Others may be there than before. */
  #counted(): void {
    const gateways = this.#presence.names;
    if (gateways.join("\n") === this.#standing.gateways.join("\n")) return;
    this.#standing = { ...this.#standing, gateways };
    this.#changed();
  }

  /** The engine answers again: all that it may not know, then all that this gateway may not. */
  async #back(): Promise<void> {
    await this.#presence.look();
    await Promise.all([this.#sums.report(true), this.#notes.tell()]);
    await this.#notes.read();
    // Now that all is told: others go by it.
    await this.#hello();
    this.#sums.back();
  }

  #hear(news: News | undefined): void {
    if (news === undefined || news.from === this.#id) return;
    switch (news.kind) {
      case "here":
        this.#presence.heard(news.from, news.name);
        this.#counted();
        break;
      case "taken":
        this.#sums.heard(news);
        break;
      default:
        this.#notes.hear(news);
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
