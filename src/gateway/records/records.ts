/**
 * Recorded requests and what they add up to. Everything is written and read in a thread of its own; whatever
 * happens there, no request notices.
 */
import { randomBytes } from "node:crypto";
import type { Worker } from "node:worker_threads";
import type { RequestDetails, RequestPage, RequestsEvent } from "../../control/requests.ts";
import type { Stats, StatsQuery, Today } from "../../control/stats.ts";
import { PorticoError } from "../common/errors.ts";
import type { Clock, Log, Timer } from "../common/ports.ts";
import { within } from "../common/sleep.ts";
import type { Settings } from "../settings/settings.ts";
import { curlOf, type RecordedRequest, recordedRequestOf } from "./curl.ts";
import type { LastUse } from "./db/lastUses.ts";
import { type AccountFacts, isWorthKeeping } from "./entry.ts";
import { Link } from "./link.ts";
import type { Published, Rates } from "./price.ts";
import { PriceBook } from "./priceBook.ts";
import type { PriceQuestion } from "./prices.ts";
import { Queue } from "./queue.ts";
import type { RequestRecord } from "./record.ts";
import type { CallName, Calls, RecordedFacets, StoredSizes, ThreadData, ThreadSettings } from "./wire.ts";

export type { RecordedRequest } from "./curl.ts";
export type { AccountFacts } from "./entry.ts";
export type { PriceQuestion } from "./prices.ts";
export type { StoredSizes } from "./wire.ts";

export interface RecordsOptions {
  /** Absolute path of `portico.db`; made when it does not exist. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<Settings, "records" | "prices">;
  /** What is known of an account now; `undefined` for one that is gone. */
  readonly account: (id: string) => AccountFacts | undefined;
  /** Secrets that must not be in recorded bodies; the same list until there is another. */
  readonly secrets?: () => readonly string[];
  /** Starts the thread; for tests. */
  readonly start?: (data: ThreadData) => Worker;
}

/** Milliseconds between two times of letting go of what is too old. */
const SWEEP_MS = 60_000;
/** The same while the file cannot be used. */
const RETRY_MS = 5000;
/** Milliseconds that the last requests may take to be written, and the thread to end. */
const CLOSE_MS = 6000;

export const openRecords = (options: RecordsOptions): Records => new Records(options);

/** All that ask reject with a `PorticoError`, `unavailable` where the file cannot be read. */
export class Records {
  readonly #options: RecordsOptions;
  readonly #queue: Queue;
  readonly #link: Link;
  readonly #prices: PriceBook;
  readonly #problemListeners = new Set<() => void>();
  readonly #rowListeners = new Set<(event: RequestsEvent) => void>();
  #settings: RecordsOptions["settings"];
  #failure: string | undefined;
  #notice: string | undefined;
  #lost: string | undefined;
  #dropped = 0;
  #ready = false;
  /** As the thread has them. */
  #secrets: readonly string[] | undefined;
  #sweep: Timer | undefined;
  #closed = false;

  constructor(options: RecordsOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { clock, log } = options;
    this.#queue = new Queue({
      clock,
      account: options.account,
      session: randomBytes(6).toString("hex"),
      // Before it is ready, what was sent is asked for again when it is.
      send: (message) => {
        if (!this.#ready) return;
        if (message.bodies !== undefined) this.#sendSecrets();
        this.#link.post(message);
      },
    });
    this.#link = new Link({
      clock,
      data: () => ({ file: options.file, settings: threadSettings(this.#settings) }),
      ...(options.start === undefined ? {} : { start: options.start }),
      onMessage: (message) => this.#receive(message),
      onLost: (why) => {
        this.#ready = false;
        this.#secrets = undefined;
        this.#queue.lost();
        log.warn(`the thread of the recorded requests was lost: ${why}`);
        this.#lost =
          "Requests are not being recorded at the moment: what records them failed. It is started anew.";
        this.#tellProblem();
      },
    });
    this.#prices = new PriceBook(async (question) => (await this.rates([question]))[0], clock);
    this.#sweepLater();
  }

  /** Requests that there was no room for, since the start. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** For a person: why requests are not recorded, or what happened to those that were. */
  get problem(): string | undefined {
    const dropped =
      this.#queue.dropped === 0
        ? undefined
        : `${this.#queue.dropped.toLocaleString("en-US")} requests were not recorded.`;
    const why = this.#failure ?? this.#lost;
    if (why !== undefined) return dropped === undefined ? why : `${why} ${dropped}`;
    return this.#notice ?? dropped;
  }

  /** Never throws, never waits. What there is no room for is dropped, counted and told. */
  add(record: RequestRecord): void {
    if (!this.#settings.records.enabled || this.#closed || !isWorthKeeping(record)) return;
    this.#queue.add(record);
    if (this.#queue.dropped === this.#dropped) return;
    const first = this.#dropped === 0;
    this.#dropped = this.#queue.dropped;
    if (first) this.#tellProblem();
  }

  list(params: Calls["list"][0] = { limit: 100 }): Promise<RequestPage> {
    return this.#ask("list", params);
  }

  /** @throws PorticoError `not_found` */
  async get({ id }: { id: string }): Promise<RequestDetails> {
    const found = await this.#ask("get", { id });
    if (found === undefined) throw new PorticoError("not_found", "This request is no longer recorded.");
    return found;
  }

  facets(): Promise<RecordedFacets> {
    return this.#ask("facets", undefined);
  }

  exportPart(params: Calls["exportPart"][0]): Promise<Calls["exportPart"][1]> {
    return this.#ask("exportPart", params);
  }

  /** Takes all requests and bodies out, those in damaged files too; statistics stay. */
  clear(): Promise<{ removed: number }> {
    return this.#ask("clear", undefined)
      .then((cleared) => {
        // What was set aside is gone as well.
        this.#notice = undefined;
        this.#tellProblem();
        return cleared;
      })
      .finally(() => this.sweep());
  }

  /** @param baseUrl of the gateway, without a trailing slash */
  async curl(params: { id: string }, baseUrl: string): Promise<{ command: string; complete: boolean }> {
    return curlOf(await this.get(params), baseUrl);
  }

  /** What a client sent, to send it again. @throws PorticoError `not_found` */
  async recorded(id: string): Promise<RecordedRequest> {
    return recordedRequestOf(await this.get({ id }));
  }

  async stats(query: StatsQuery): Promise<Stats> {
    const stats = await this.#ask("stats", query);
    if (query.by !== "account") return stats;
    const groups = stats.groups.map((group) => ({
      ...group,
      label: this.#options.account(group.key)?.label ?? group.label,
    }));
    return { ...stats, groups };
  }

  today(params: { utcOffsetMinutes?: number } = {}): Promise<Today> {
    return this.#ask("today", { now: this.#options.clock.now(), ...params });
  }

  /** When each account was used last, and by whom in the last `recentMs`. */
  lastUses(recentMs: number): Promise<LastUse[]> {
    return this.#ask("lastUses", { now: this.#options.clock.now(), recentMs });
  }

  storage(): Promise<StoredSizes> {
    return this.#ask("storage", undefined);
  }

  /** What models cost, in the order of the questions; `undefined`: not known. Works without the file. */
  async rates(questions: readonly PriceQuestion[]): Promise<(Rates | undefined)[]> {
    await this.#link.up();
    const rates = await this.#link.call("rates", { questions: [...questions] });
    return rates.map((each) => each ?? undefined);
  }

  /** What a model costs: at once where it was asked for lately. For `GatewayOptions.prices`. */
  price(question: PriceQuestion): Published {
    return this.#prices.rates(question);
  }

  onProblem(listener: () => void): () => void {
    this.#problemListeners.add(listener);
    return () => this.#problemListeners.delete(listener);
  }

  /** Requests that ended and were written, at most 20 times a second; nothing is done while nobody listens. */
  onRows(listener: (event: RequestsEvent) => void): () => void {
    this.#rowListeners.add(listener);
    if (this.#rowListeners.size === 1) this.#link.post({ kind: "listen", on: true });
    return () => {
      if (!this.#rowListeners.delete(listener) || this.#rowListeners.size > 0) return;
      this.#link.post({ kind: "listen", on: false });
    };
  }

  configure(settings: RecordsOptions["settings"]): void {
    this.#settings = settings;
    this.#prices.forget();
    this.#link.post({ kind: "configure", settings: threadSettings(settings) });
  }

  /** Resolves when all that was added is in the file, or could not be written. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Lets go of what is beyond the limits, as it otherwise does every minute. */
  async sweep(): Promise<void> {
    await this.#ask("sweep", { now: this.#options.clock.now() }).catch((error: unknown) => {
      this.#options.log.debug(`the recorded requests could not be cut back: ${String(error)}`);
    });
  }

  /**
   * Nothing is written from then on.
   * @param withinMs for all of it: the last requests are written, then the thread ends
   * @returns those that were not
   */
  async close(withinMs = CLOSE_MS): Promise<readonly RequestRecord[]> {
    if (this.#closed) return [];
    this.#closed = true;
    this.#sweep?.cancel();
    // A thread that is down, or busy, answers late or never.
    const { clock } = this.#options;
    const began = clock.monotonic();
    await within(withinMs, clock, this.#queue.flush());
    await this.#link.close(Math.max(0, withinMs - (clock.monotonic() - began)));
    return this.#queue.close();
  }

  /** Bodies are cleaned in the thread, which has to know of what. */
  #sendSecrets(): void {
    const secrets = this.#options.secrets?.() ?? [];
    if (secrets === this.#secrets) return;
    this.#secrets = secrets;
    this.#link.post({ kind: "secrets", secrets });
  }

  /** What was added before is in the answer. */
  async #ask<Name extends CallName>(name: Name, params: Calls[Name][0]): Promise<Calls[Name][1]> {
    await this.#link.up();
    await this.#queue.sendAll();
    return await this.#link.call(name, params);
  }

  #receive(message: Parameters<ConstructorParameters<typeof Link>[0]["onMessage"]>[0]): void {
    switch (message.kind) {
      case "ready":
        this.#ready = true;
        if (this.#rowListeners.size > 0) this.#link.post({ kind: "listen", on: true });
        this.#queue.ready(message.batch);
        if (this.#lost === undefined) return;
        this.#lost = undefined;
        this.#tellProblem();
        return;
      case "written":
        if (message.outcome === "later") {
          this.#queue.failed();
          return;
        }
        this.#link.settled();
        this.#queue.done(message.batch);
        return;
      case "problem":
        if (message.message !== undefined) this.#options.log.warn(message.message);
        else if (this.#queue.dropped > 0) {
          this.#options.log.warn(`${this.#queue.dropped} requests were not recorded`);
        }
        this.#failure = message.message;
        this.#tellProblem();
        // What nobody asks for again would be told for a minute after it is over.
        if (this.#failure !== undefined) this.#sweepLater(RETRY_MS);
        return;
      case "notice":
        this.#options.log.warn(message.message);
        this.#notice = message.message;
        this.#tellProblem();
        return;
      case "rows":
        for (const listener of this.#rowListeners) listener(message.event);
    }
  }

  #tellProblem(): void {
    for (const listener of this.#problemListeners) listener();
  }

  #sweepLater(inMs = SWEEP_MS): void {
    this.#sweep?.cancel();
    if (this.#closed) return;
    this.#sweep = this.#options.clock.setTimeout(() => {
      void this.sweep().then(() => this.#sweepLater(this.#failure === undefined ? SWEEP_MS : RETRY_MS));
    }, inMs);
  }
}

function threadSettings({ records, prices }: RecordsOptions["settings"]): ThreadSettings {
  const { maxAgeDays, maxRows, maxBytes, bodiesMaxBytes, bodiesMaxHours, bodyMaxBytes } = records;
  return { limits: { maxAgeDays, maxRows, maxBytes, bodiesMaxBytes, bodiesMaxHours }, prices, bodyMaxBytes };
}
