/** What the records' thread does with what it is sent. */
import type { RequestRow } from "../../control/requests.ts";
import { asPorticoError, PorticoError } from "../common/errors.ts";
import { BodyKeeper } from "./bodies.ts";
import { requestColumns } from "./db/columns.ts";
import { Store, StoreError } from "./db/store.ts";
import type { ToWrite } from "./db/writer.ts";
import type { Entry } from "./entry.ts";
import { costAt } from "./price.ts";
import { PriceList } from "./prices.ts";
import type { CallName, Calls, FromThread, ThreadData, ThreadSettings, ToThread } from "./wire.ts";

/** Rows that wait to be told, and how often they are. */
const TOLD_AT_ONCE = 500;
const TELL_MS = 50;

type Handlers = { [Name in CallName]: (params: Calls[Name][0]) => Calls[Name][1] | Promise<Calls[Name][1]> };

export class RecordsThread {
  readonly #post: (message: FromThread) => void;
  readonly #store: Store;
  readonly #prices: PriceList;
  #settings: ThreadSettings;
  readonly #bodies = new BodyKeeper();
  #now = 0;
  /** Named as it was sent; nothing is written twice. */
  #lastBatch: string | undefined;
  #listening = false;
  #rows: RequestRow[] = [];
  #missed = 0;
  #pricesMissing = false;
  #telling: NodeJS.Timeout | undefined;
  /** One thing after the other, in the order in which they came. */
  #turn: Promise<void> = Promise.resolve();
  readonly #handlers: Handlers;

  constructor({ file, settings }: ThreadData, post: (message: FromThread) => void) {
    this.#post = post;
    this.#settings = settings;
    this.#prices = new PriceList(() => this.#now);
    this.#prices.configure(settings.prices);
    this.#store = new Store(file, {
      onProblem: (message) => post({ kind: "problem", message }),
      onNotice: (message) => post({ kind: "notice", message }),
    });
    this.#handlers = {
      list: (params) => this.#store.read(({ reader }) => reader.list(params)),
      get: ({ id }) => this.#store.read(({ reader }) => reader.get(id)),
      facets: () => this.#store.read(({ reader }) => reader.facets()),
      exportPart: (params) => this.#store.read(({ reader }) => reader.exportPart(params)),
      clear: () => ({ removed: this.#store.clear() }),
      stats: (query) => this.#store.read(({ stats }) => stats.query(query)),
      today: ({ now, utcOffsetMinutes }) =>
        this.#store.read(({ stats }) => stats.today(now, utcOffsetMinutes)),
      lastUses: (params) => this.#store.read(({ stats }) => stats.lastUses(params)),
      storage: () => this.#store.sizes(),
      sweep: ({ now }) => this.#sweep(now),
      rates: async ({ questions }) => {
        await this.#loadPrices();
        return questions.map((question) => this.#prices.rates(question) ?? null);
      },
    };
    this.#lastBatch = this.#store.lastBatch();
    post({ kind: "ready", batch: this.#lastBatch });
  }

  /** Never throws. */
  receive(message: ToThread): void {
    this.#inTurn(
      () => this.#handle(message),
      () => {
        // A bug of ours: what cannot be written is not tried for ever.
        if (message.kind === "write") this.#post({ kind: "written", batch: message.batch, outcome: "never" });
      },
    );
  }

  /** A job's failure is told and is its own alone: those after it have their turn. */
  #inTurn(job: () => void | Promise<void>, onFailure: () => void = () => {}): void {
    this.#turn = this.#turn.then(job).catch((error: unknown) => {
      onFailure();
      this.#post({ kind: "notice", message: `The records failed: ${String(error)}` });
    });
  }

  async #handle(message: ToThread): Promise<void> {
    switch (message.kind) {
      case "write":
        this.#now = message.now;
        return await this.#write(message);
      case "call":
        return await this.#answer(message.id, message.name, message.params);
      case "configure":
        this.#settings = message.settings;
        this.#prices.configure(message.settings.prices);
        return;
      case "secrets":
        this.#bodies.know(message.secrets);
        return;
      case "listen":
        this.#listening = message.on;
        if (message.on) return;
        this.#rows = [];
        this.#missed = 0;
        return;
      case "close":
        this.#tell();
        this.#store.close();
        this.#post({ kind: "closed" });
    }
  }

  async #write({ batch, entries, bodies }: ToThread & { kind: "write" }): Promise<void> {
    if (batch === this.#lastBatch) {
      this.#post({ kind: "written", batch, outcome: "written" });
      return;
    }
    const parsed = JSON.parse(entries) as (Entry & { cost?: number | undefined })[];
    if (parsed.some(({ tokens }) => tokens !== undefined)) await this.#loadPrices();
    const items = parsed.map((entry, index): ToWrite => {
      const raw = bodies?.get(index);
      entry.cost = this.#costOf(entry);
      return {
        entry,
        ...(raw === undefined ? {} : { bodies: this.#bodies.kept(raw, this.#settings.bodyMaxBytes) }),
      };
    });
    const first = this.#store.write(items, batch);
    if (first !== undefined) this.#lastBatch = batch;
    this.#post({ kind: "written", batch, outcome: first === undefined ? "later" : "written" });
    if (first !== undefined && this.#listening) this.#note(items, first);
  }

  /** The person's own price comes first; then what the provider says that it charged; then the list. */
  #costOf({ tokens, stated, account, provider, base, modelUsed }: Entry): number | undefined {
    if (tokens === undefined || account === undefined || modelUsed === undefined) return undefined;
    const own = this.#prices.own(account, modelUsed);
    if (own === undefined && stated !== undefined) return stated;
    const rates = own ?? this.#prices.rates({ account, provider, base, model: modelUsed });
    return rates === undefined ? undefined : costAt(rates, tokens);
  }

  /** Without the list, prices that the person gave are known all the same. */
  async #loadPrices(): Promise<void> {
    try {
      await this.#prices.load();
    } catch (error) {
      if (!this.#pricesMissing) {
        this.#post({ kind: "notice", message: `The list of prices could not be loaded: ${String(error)}` });
      }
      this.#pricesMissing = true;
    }
  }

  async #answer(id: number, name: CallName, params: unknown): Promise<void> {
    try {
      const handler = this.#handlers[name] as (params: unknown) => unknown;
      this.#post({ kind: "answer", id, value: await handler(params) });
    } catch (thrown) {
      const { kind, message } =
        thrown instanceof StoreError
          ? new PorticoError("unavailable", thrown.message)
          : asPorticoError(thrown);
      const detail = kind === "internal" ? `the records failed: ${String(thrown)}` : message;
      this.#post({ kind: "refused", id, error: kind, message: detail });
    }
  }

  /** Small steps; what else is to be done comes in between. */
  async #sweep(now: number): Promise<undefined> {
    this.#now = now;
    const step = (): void => {
      if (this.#store.sweep(this.#settings.limits, now)) later();
    };
    const later = (): void => {
      setTimeout(() => this.#inTurn(step), 0).unref();
    };
    step();
    return undefined;
  }

  /** @param first place of the first of them */
  #note(items: readonly ToWrite[], first: number): void {
    const room = Math.max(0, TOLD_AT_ONCE - this.#rows.length);
    const told = items.slice(0, room);
    this.#rows.push(...told.map(({ entry }, index) => requestColumns.listedEntry(entry, first + index)));
    this.#missed += items.length - told.length;
    this.#telling ??= setTimeout(() => this.#tell(), TELL_MS);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    if (this.#rows.length === 0) return;
    this.#post({ kind: "rows", event: { rows: this.#rows, missed: this.#missed } });
    this.#rows = [];
    this.#missed = 0;
  }
}
