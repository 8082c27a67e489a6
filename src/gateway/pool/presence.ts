/** Who is in the pool, and what its clock is: the engine's, which all have in common. */
import type { Clock } from "../common/ports.ts";
import type { Engine } from "./engine.ts";
import { hereNews } from "./news.ts";
import { HELLO } from "./scripts.ts";

/** Milliseconds that a gateway's word lasts, with the engine and with those who heard of it. */
export const PRESENT_MS = 5000;
const MOST_GATEWAYS = 1000;
/** Milliseconds by which the engine's clock may seem to differ from before because an answer was slow. */
const CLOCK_MS = 2000;

interface Present {
  readonly name: string;
  /** Milliseconds of the monotonic clock: when it was heard of, and when it said so itself, at the earliest. */
  readonly heard: number;
  readonly said: number;
}

export interface PresenceOptions {
  readonly key: string;
  readonly channel: string;
  readonly id: string;
  readonly name: string;
}

export class Presence {
  readonly #engine: Pick<Engine, "run">;
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #options: PresenceOptions;
  /** By id. */
  readonly #present = new Map<string, Present>();
  #ahead = 0;

  constructor(
    engine: Pick<Engine, "run">,
    clock: Pick<Clock, "now" | "monotonic">,
    options: PresenceOptions,
  ) {
    this.#engine = engine;
    this.#clock = clock;
    this.#options = options;
  }

  /** Names, this gateway's included. */
  get names(): readonly string[] {
    const { id: own, name } = this.#options;
    const others = [...this.#present].flatMap(([id, each]) => (id === own ? [] : [each.name]));
    return [name, ...others].toSorted();
  }

  /** @returns `undefined` where it is not there */
  nameOf(id: string): string | undefined {
    return this.#present.get(id)?.name;
  }

  get count(): number {
    return this.#present.size + (this.#present.has(this.#options.id) ? 0 : 1);
  }

  /** Milliseconds by which the engine's clock is ahead of this gateway's. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Have all others who are there said so after this moment of the monotonic clock? */
  saidSince(moment: number): boolean {
    return [...this.#present].every(([id, { said }]) => id === this.#options.id || said > moment);
  }

  /** One was not there before. What it has used it has told already. */
  heard(id: string, name: string): void {
    if (this.#present.size >= MOST_GATEWAYS) return;
    const now = this.#clock.monotonic();
    this.#present.set(id, {
      name,
      heard: now,
      said: this.#present.get(id)?.said ?? Number.NEGATIVE_INFINITY,
    });
  }

  /** This gateway is there. @throws EngineAway */
  async tell(): Promise<void> {
    await this.#ask(true);
  }

  /** The engine is back: who was there before it was away has as long again to come back. @throws EngineAway */
  async look(): Promise<void> {
    const now = this.#clock.monotonic();
    for (const [id, each] of this.#present) this.#present.set(id, { ...each, heard: now });
    await this.#ask(false);
  }

  /** It goes. @throws EngineAway */
  async leave(): Promise<void> {
    const { key, id, name } = this.#options;
    await this.#engine.run(HELLO, key, id, name, 0, MOST_GATEWAYS, 0, "", "");
  }

  async #ask(says: boolean): Promise<void> {
    const { key, channel, id: own, name } = this.#options;
    const asked = this.#clock.monotonic();
    const answer = await this.#engine.run(
      ...([HELLO, key, own, name, PRESENT_MS, MOST_GATEWAYS] as const),
      ...([says ? 1 : 0, channel, JSON.stringify(hereNews(own, name))] as const),
    );
    const [engine, ...words] = (answer as readonly unknown[]).map(String);
    const heard = this.#clock.monotonic();
    const ahead = Math.round(Number(engine) + (heard - asked) / 2 - this.#clock.now());
    // Periods begin and end by it, so it does not waver.
    if (Math.abs(ahead - this.#ahead) > CLOCK_MS) this.#ahead = ahead;
    for (const word of words) {
      const [id = "", age, ...rest] = word.split(" ");
      this.#present.set(id, { name: rest.join(" "), heard, said: asked - Math.max(0, Number(age)) });
    }
    // An engine that was emptied knows of nobody until all have said that they are there.
    for (const [id, { heard: last }] of this.#present) {
      if (heard - last > PRESENT_MS) this.#present.delete(id);
    }
  }
}
