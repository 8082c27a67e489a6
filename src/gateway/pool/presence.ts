/** Who is in the pool, and what its clock is: the engine's, which all have in common. */
import type { Clock } from "../common/ports.ts";
import type { Engine } from "./engine.ts";
import { HELLO } from "./scripts.ts";

/** Milliseconds that a gateway's word lasts, with the engine and with those who heard of it. */
const PRESENT_MS = 5000;
const MOST_GATEWAYS = 1000;
/** Milliseconds by which the engine's clock may seem to differ from before because an answer was slow. */
const CLOCK_MS = 2000;

export class Presence {
  readonly #engine: Pick<Engine, "run">;
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #key: string;
  readonly #id: string;
  readonly #name: string;
  /** By id; `heard` of the monotonic clock. */
  readonly #present = new Map<string, { readonly name: string; readonly heard: number }>();
  #ahead = 0;

  constructor(
    engine: Pick<Engine, "run">,
    clock: Pick<Clock, "now" | "monotonic">,
    own: { readonly key: string; readonly id: string; readonly name: string },
  ) {
    this.#engine = engine;
    this.#clock = clock;
    this.#key = own.key;
    this.#id = own.id;
    this.#name = own.name;
  }

  /** Names, this gateway's included. */
  get names(): readonly string[] {
    const names = [...this.#present.values()].map(({ name }) => name);
    return names.length === 0 ? [this.#name] : names.toSorted();
  }

  get count(): number {
    return Math.max(1, this.#present.size);
  }

  /** Milliseconds by which the engine's clock is ahead of this gateway's. */
  get ahead(): number {
    return this.#ahead;
  }

  /** This gateway is there. @throws EngineAway */
  async tell(): Promise<void> {
    const asked = this.#clock.monotonic();
    const answer = await this.#engine.run(HELLO, this.#key, this.#id, this.#name, PRESENT_MS, MOST_GATEWAYS);
    const [engine, ...words] = (answer as readonly unknown[]).map(String);
    const heard = this.#clock.monotonic();
    const ahead = Math.round(Number(engine) + (heard - asked) / 2 - this.#clock.now());
    // Periods begin and end by it, so it does not waver.
    if (Math.abs(ahead - this.#ahead) > CLOCK_MS) this.#ahead = ahead;
    for (const word of words) {
      const [id = "", ...name] = word.split(" ");
      this.#present.set(id, { name: name.join(" "), heard });
    }
    // An engine that was emptied knows of nobody until all have said that they are there.
    for (const [id, { heard: last }] of this.#present) {
      if (heard - last > PRESENT_MS) this.#present.delete(id);
    }
  }

  /** It goes. @throws EngineAway */
  async leave(): Promise<void> {
    await this.#engine.run(HELLO, this.#key, this.#id, this.#name, 0, MOST_GATEWAYS);
  }
}
