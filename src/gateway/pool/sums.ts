/** The sums that this gateway and others add to, and what is said of them to the engine. */
import { Counter, type CounterSurroundings, type Word } from "./counter.ts";
import type { Engine } from "./engine.ts";
import { type TakenNews, takenHead } from "./news.ts";
import type { CounterOptions } from "./port.ts";
import { COUNT } from "./scripts.ts";

/** Milliseconds of silence after which nothing is held of a sum any more: its gateway is gone. */
const SILENT_MS = 60_000;
/** Milliseconds by which a sum outlives its period. */
const KEPT_MS = 24 * 3_600_000;
export const MOST_COUNTERS = 10_000;
/** Of which nothing is new here, and that are looked at all the same, at once. */
const MOST_LOOKS = 100;

interface Counted {
  readonly counter: Counter;
  /** Milliseconds since 1970, by the pool's clock; `undefined`: it has none. */
  readonly end: number | undefined;
}

export interface SumsOptions {
  readonly engine: Pick<Engine, "run">;
  readonly surroundings: CounterSurroundings;
  readonly prefix: string;
  readonly channel: string;
  /** This gateway's. */
  readonly id: string;
  /** Milliseconds since 1970, by the pool's clock. */
  now(): number;
}

export class Sums {
  readonly #options: SumsOptions;
  readonly #counters = new Map<string, Counted>();
  #opened = 0;

  constructor(options: SumsOptions) {
    this.#options = options;
  }

  /** @param end milliseconds since 1970, by the pool's clock, if it has one @returns `undefined`: there are too many */
  counter(key: string, end: () => number | undefined, options: CounterOptions): Counter | undefined {
    const known = this.#counters.get(key);
    if (known !== undefined) return known.counter;
    if (this.#counters.size >= MOST_COUNTERS) return undefined;
    const until = end();
    const { surroundings, id } = this.#options;
    // One that was closed and is opened again is another to the engine, which counts both.
    const member = `${id}.${++this.#opened}`;
    const head = options.exact ? takenHead(id, key) : "";
    const counter = new Counter(options, surroundings, (word) => this.#tell(key, member, head, until, word));
    this.#counters.set(key, { counter, end: until });
    // What others have used of it is known before it is asked for.
    if (surroundings.joined) void Promise.resolve().then(() => counter.report());
    return counter;
  }

  /** @param all also some of those of which this gateway has nothing to tell. Never rejects. */
  async report(all: boolean): Promise<void> {
    const now = this.#options.now();
    const told: Promise<void>[] = [];
    let looks = all ? MOST_LOOKS : 0;
    for (const [key, counted] of [...this.#counters]) {
      const { counter, end } = counted;
      counter.settle();
      if (counter.untold || (all && counter.holds)) told.push(counter.report());
      else if (end !== undefined && end + SILENT_MS < now) this.#counters.delete(key);
      else if (looks > 0) {
        looks -= 1;
        told.push(counter.report());
        // The others' turn is next.
        this.#counters.delete(key);
        this.#counters.set(key, counted);
      }
    }
    await Promise.all(told);
  }

  /** What all have taken of a sum, as another gateway's word had it. */
  heard({ sum, taken, leased, revision }: TakenNews): void {
    this.#counters.get(sum)?.counter.heard(taken, leased, revision);
  }

  /** This gateway goes: what it has leased and does not use goes back. Never rejects. */
  async leave(): Promise<void> {
    await Promise.all([...this.#counters.values()].map(({ counter }) => counter.leave()));
  }

  get settling(): boolean {
    for (const { counter } of this.#counters.values()) if (counter.settling) return true;
    return false;
  }

  away(): void {
    for (const { counter } of this.#counters.values()) counter.away();
  }

  back(): void {
    for (const { counter } of this.#counters.values()) counter.back();
  }

  async #tell(
    key: string,
    member: string,
    head: string,
    end: number | undefined,
    word: Word,
  ): ReturnType<ConstructorParameters<typeof Counter>[2]> {
    const { engine, prefix, channel, surroundings, now } = this.#options;
    const answer = await engine.run(
      COUNT,
      `${prefix}sum:${key}`,
      member,
      word.number,
      word.own,
      word.held,
      word.seen,
      word.before ? 1 : 0,
      word.need,
      word.more ? 1 : 0,
      word.limit,
      surroundings.gateways,
      Math.max(KEPT_MS, Math.round((end ?? now()) - now() + KEPT_MS)),
      SILENT_MS,
      channel,
      head,
    );
    const [granted = 0, total = 0, others = 0, lost, revision = 0] = (answer as readonly unknown[]).map(
      Number,
    );
    return { granted, total, others, lost: lost === 1, revision };
  }
}
