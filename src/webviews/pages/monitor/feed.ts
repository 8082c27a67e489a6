/**
 * The list of requests: as long as there are requests, of which only the part that is looked at is here.
 *
 * What is kept is a snapshot (all requests up to `upTo`, by pages) and before it what has come since.
 * While the list is held, new requests wait outside, so that nothing moves under the reader's eyes.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { RequestFilter, RequestPage, RequestRow, RequestsEvent } from "../../../control/requests.ts";
import { fits } from "./filter.ts";

export type FeedState =
  | { kind: "loading" }
  /** `old`: why it could not be read anew. */
  | { kind: "ready"; old?: string }
  | { kind: "failed"; message: string };

type List = (
  params: { filter?: RequestFilter; upTo?: number; offset?: number; limit: number },
  signal: AbortSignal,
) => Promise<RequestPage>;

export interface FeedOptions {
  list: List;
  /** What went wrong, for a person; `undefined`: it was cancelled. */
  messageOf(thrown: unknown): string | undefined;
}

/** Rows asked for at once. */
export const PAGE = 250;
/** Pages kept; those looked at longest ago go. */
export const MAX_PAGES = 40;
/** Pages asked for at the same time. */
const MAX_LOADING = 4;
/** Rows before the snapshot, of which the older ones join it when there are as many again. A multiple of `PAGE`. */
export const MAX_LIVE = 1000;
/** Rows that wait; where more do, the list is read anew when they are asked for. */
export const MAX_WAITING = 1000;

export class Feed {
  readonly state: Signal<FeedState> = signal<FeedState>({ kind: "loading" });
  /** Grows with everything that changes what `rowAt` says. */
  readonly version: Signal<number> = signal(0);
  /** Requests that came while the list was held. */
  readonly waiting: ReadonlySignal<number>;
  /** How many rows were put in before the others by the last change. */
  added = 0;

  readonly #options: FeedOptions;
  readonly #waitingCount = signal(0);
  #filter: RequestFilter = {};
  #upTo = 0;
  #total = 0;
  /** By number, the newest page is 0; the order is that of their last use. */
  readonly #pages = new Map<number, RequestRow[]>();
  readonly #loading = new Map<number, AbortController>();
  /** Newest first. */
  #live: RequestRow[] = [];
  /** Newest first. */
  #waiting: RequestRow[] = [];
  /** Some that wait are not here, or not known one by one. */
  #gap = false;
  #held = false;
  #reading: AbortController | undefined;
  /** What came while the snapshot was on its way. */
  #early: RequestsEvent[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
    this.waiting = this.#waitingCount;
  }

  /** How many rows the list has. */
  get count(): number {
    return this.#live.length + this.#total;
  }

  get filter(): RequestFilter {
    return this.#filter;
  }

  /** Newest first; `undefined`: not here yet. */
  rowAt(index: number): RequestRow | undefined {
    if (index < this.#live.length) return this.#live[index];
    const place = index - this.#live.length;
    return this.#pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** Where a request stands, where it is among those that are here. */
  indexOf(id: string): number | undefined {
    const live = this.#live.findIndex((row) => row.id === id);
    if (live !== -1) return live;
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => row.id === id);
      if (at !== -1) return this.#live.length + page * PAGE + at;
    }
    return undefined;
  }

  /** Reads the list from its beginning, with another filter if one is given. */
  async read(filter: RequestFilter = this.#filter): Promise<void> {
    this.#cancelAll();
    this.#filter = filter;
    await this.#ask(PAGE, (page) => this.#start(page));
  }

  /** After the page was hidden or cut off: reads anew, or while the list is held, counts what is new. */
  async refresh(): Promise<void> {
    if (!this.#held || this.state.value.kind !== "ready") return this.read();
    this.#early = [];
    await this.#ask(1, ({ total }) => {
      this.#waiting = [];
      const fresh = total - this.count;
      this.#gap = fresh !== 0;
      this.#waitingCount.value = Math.max(0, fresh);
      this.state.value = { kind: "ready" };
    });
  }

  /** Sees to it that these rows come; those on their way that nobody looks at any more are cancelled. */
  show(first: number, last: number): void {
    if (this.#total === 0 || this.#reading !== undefined) return;
    const lastPage = Math.ceil(this.#total / PAGE) - 1;
    const from = Math.max(0, Math.floor((first - this.#live.length) / PAGE));
    const to = Math.min(lastPage, Math.floor((last - this.#live.length) / PAGE));
    for (const [page, controller] of this.#loading) {
      if (page >= from - 1 && page <= to + 1) continue;
      controller.abort();
      this.#loading.delete(page);
    }
    for (let page = from; page <= to; page += 1) {
      const rows = this.#pages.get(page);
      if (rows === undefined) this.#load(page);
      else {
        this.#pages.delete(page);
        this.#pages.set(page, rows);
      }
    }
  }

  /** While held, the list stays as it is. */
  hold(held: boolean): void {
    this.#held = held;
  }

  /** Lets in what waits. */
  async showWaiting(): Promise<void> {
    if (this.#gap) return this.read();
    if (this.#waiting.length === 0) return;
    const rows = this.#waiting;
    this.#waiting = [];
    this.#waitingCount.value = 0;
    this.#put(rows);
  }

  receive(event: RequestsEvent): void {
    if (this.#reading !== undefined || this.state.value.kind !== "ready") {
      // The snapshot may be older than these; without end they do not come.
      if (this.#early.length < 100) this.#early.push(event);
      else this.#early = [{ rows: [], missed: 1 }];
      return;
    }
    this.#take(event);
  }

  close(): void {
    this.#cancelAll();
  }

  /** From the beginning of the list; nothing comes of it where it is cancelled meanwhile. */
  async #ask(limit: number, take: (page: RequestPage) => void): Promise<void> {
    const controller = new AbortController();
    this.#reading = controller;
    try {
      const page = await this.#options.list({ filter: this.#filter, limit }, controller.signal);
      if (controller.signal.aborted) return;
      this.#reading = undefined;
      take(page);
    } catch (thrown) {
      if (controller.signal.aborted) return;
      this.#reading = undefined;
      this.#fail(thrown);
    }
  }

  #take({ rows, missed }: RequestsEvent): void {
    const newest = Math.max(this.#upTo, this.#live[0]?.seq ?? 0, this.#waiting[0]?.seq ?? 0);
    const fresh: RequestRow[] = [];
    for (const row of rows) {
      if (row.seq <= newest) continue;
      if (fits(row, this.#filter)) fresh.push(row);
    }
    fresh.sort((a, b) => b.seq - a.seq);
    if (missed > 0) {
      // Which of them belong here is not known.
      if (this.#held) this.#wait(fresh, missed);
      else void this.read();
    } else if (this.#held) this.#wait(fresh, 0);
    else this.#put(fresh);
  }

  #wait(rows: RequestRow[], missed: number): void {
    if (rows.length === 0 && missed === 0) return;
    const all = [...rows, ...this.#waiting];
    if (missed > 0 || all.length > MAX_WAITING) this.#gap = true;
    this.#waiting = all.slice(0, MAX_WAITING);
    this.#waitingCount.value += rows.length + missed;
  }

  #put(rows: RequestRow[]): void {
    if (rows.length === 0) return;
    this.#live = [...rows, ...this.#live];
    if (this.#live.length >= 2 * MAX_LIVE) this.#settle();
    this.#changed(rows.length);
  }

  /** The oldest of those before the snapshot become its first pages; the others move back by whole pages. */
  #settle(): void {
    const moved = Math.floor((this.#live.length - MAX_LIVE) / PAGE) * PAGE;
    const settled = this.#live.slice(-moved);
    this.#live = this.#live.slice(0, -moved);
    for (const controller of this.#loading.values()) controller.abort();
    this.#loading.clear();
    const pages = [...this.#pages];
    this.#pages.clear();
    for (const [page, rows] of pages) this.#pages.set(page + moved / PAGE, rows);
    for (let page = 0; page < moved / PAGE; page += 1) {
      this.#pages.set(page, settled.slice(page * PAGE, (page + 1) * PAGE));
    }
    this.#forget();
    this.#upTo = settled[0]?.seq ?? this.#upTo;
    this.#total += moved;
  }

  #start({ rows, total, upTo }: RequestPage): void {
    this.#pages.clear();
    this.#live = [];
    this.#waiting = [];
    this.#gap = false;
    this.#waitingCount.value = 0;
    this.#upTo = upTo;
    this.#total = total;
    if (rows.length > 0) this.#pages.set(0, rows);
    this.state.value = { kind: "ready" };
    this.#changed(0);
    for (const event of this.#early.splice(0)) this.#take(event);
  }

  #load(page: number): void {
    if (this.#loading.has(page) || this.#loading.size >= MAX_LOADING) return;
    const controller = new AbortController();
    this.#loading.set(page, controller);
    const params = { filter: this.#filter, upTo: this.#upTo, offset: page * PAGE, limit: PAGE };
    this.#options.list(params, controller.signal).then(
      ({ rows, total }) => {
        if (controller.signal.aborted) return;
        this.#loading.delete(page);
        this.#pages.set(page, rows);
        this.#forget();
        // The oldest go as time passes, and all of them when somebody clears the list.
        this.#total = total;
        if (this.state.value.kind === "ready" && this.state.value.old !== undefined) {
          this.state.value = { kind: "ready" };
        }
        this.#changed(0);
      },
      (thrown) => {
        if (controller.signal.aborted) return;
        this.#loading.delete(page);
        this.#fail(thrown);
      },
    );
  }

  #forget(): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) return;
      this.#pages.delete(page);
    }
  }

  #fail(thrown: unknown): void {
    const message = this.#options.messageOf(thrown);
    if (message === undefined) return;
    this.state.value =
      this.state.value.kind === "ready" ? { kind: "ready", old: message } : { kind: "failed", message };
  }

  #cancelAll(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    for (const controller of this.#loading.values()) controller.abort();
    this.#loading.clear();
    this.#early = [];
  }

  #changed(added: number): void {
    this.added = added;
    this.version.value += 1;
  }
}
