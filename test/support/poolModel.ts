/**
 * Gateways of one pool over an engine that is a model: what it has been sent it carries out in turns, what it answers and tells
 * is on its way until it is delivered, and it may stop in between any two of these.
 */

import type { Counter, CounterSurroundings } from "../../src/gateway/pool/counter.ts";
import { type News, readNews } from "../../src/gateway/pool/news.ts";
import type { CounterOptions } from "../../src/gateway/pool/port.ts";
import { Presence } from "../../src/gateway/pool/presence.ts";
import { COUNT, type Script } from "../../src/gateway/pool/scripts.ts";
import { Sums } from "../../src/gateway/pool/sums.ts";
import { fakeClock } from "./clock.ts";

interface Field {
  readonly number: number;
  readonly own: number;
  readonly base: number;
  readonly held: number;
  readonly at: number;
}

interface Asked {
  readonly script: Script;
  readonly args: readonly (string | number)[];
  answered(value: unknown): void;
}

/** In a turn of the engine. */
interface Sent<T> {
  readonly what: T;
  readonly turn: number;
}

type Told = (text: string) => void;

/** What `COUNT` and `HELLO` do, in another language: a test of both holds them together. */
export class ModelEngine {
  #floor = 0;
  readonly #fields = new Map<string, Field>();
  readonly #gateways = new Map<string, { at: number; name: string }>();

  wipe(): void {
    this.#floor = 0;
    this.#fields.clear();
    this.#gateways.clear();
  }

  run(script: Script, args: readonly (string | number)[], now: number, publish: Told): unknown {
    return script === COUNT ? this.#count(args, now, publish) : this.#hello(args, now, publish);
  }

  #hello(args: readonly (string | number)[], now: number, publish: Told): unknown {
    const [id = "", name = "", lasts = 0, , says, , news] = args;
    if (Number(lasts) === 0) this.#gateways.delete(String(id));
    else if (Number(says) === 1) {
      if (!this.#gateways.has(String(id))) publish(String(news));
      this.#gateways.set(String(id), { at: now, name: String(name) });
    }
    for (const [each, { at }] of this.#gateways) if (now - at > Number(lasts)) this.#gateways.delete(each);
    return [String(now), ...[...this.#gateways].map(([each, { at, name }]) => `${each} ${now - at} ${name}`)];
  }

  #count(args: readonly (string | number)[], now: number, publish: Told): unknown {
    const [
      number = 0,
      asOwn = 0,
      asHeld = 0,
      seen = 0,
      before = 0,
      need = 0,
      more = 0,
      limit = 0,
      gateways = 1,
    ] = args.slice(1, 10).map(Number);
    const [me = "", silent, head] = [String(args[0]), Number(args[11]), String(args[13])];
    let [own, held, bases, since, others, latest] = [asOwn, asHeld, 0, 0, 0, 0];
    const mine = this.#fields.get(me);
    for (const [id, each] of this.#fields) {
      latest = Math.max(latest, each.at);
      if (id === me) continue;
      bases += each.base;
      since += each.own - each.base;
      if (now - each.at <= silent) others += each.held;
    }
    const late = mine !== undefined && number <= mine.number;
    if (late) [own, held] = [mine.own, mine.held];
    const base = mine?.base ?? own;
    if (mine === undefined && seen > Math.max(this.#floor, bases + base) + since) this.#floor = seen - since;
    const total = Math.max(this.#floor, bases + base) + since + own - base;
    const lost = mine === undefined && before === 1;
    let [granted, revision] = [0, latest];
    if (!late) {
      revision = Math.max(now, latest + 1);
      if ((need > 0 || more === 1) && !lost) {
        const free = Math.floor(limit - total - others - held);
        const slice = more === 1 ? Math.min(64, Math.floor(free / (4 * gateways))) : 0;
        granted = Math.max(0, Math.min(free, Math.max(Math.min(need, 64), slice)));
      }
      this.#fields.set(me, { number, own, base, held: held + granted, at: revision });
      if (head !== "" && own + held + granted > (mine === undefined ? 0 : mine.own + mine.held)) {
        const taken = total + others + held + granted;
        publish(`${head}"taken":${taken},"leased":${granted},"revision":${revision}}`);
      }
    }
    return [granted, String(total), String(others), lost ? 1 : 0, String(revision)];
  }
}

/** Microtasks that an answer may take to arrive. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One that uses the sum, and is told of requests that come and end. */
class ModelGateway {
  readonly id: string;
  readonly presence: Presence;
  readonly sums: Sums;
  readonly counter: Counter;
  readonly asked: Asked[] = [];
  /** On their way from the engine, on a connection each. */
  readonly answers: Sent<() => void>[] = [];
  readonly news: Sent<string>[] = [];
  #joined = false;
  #reports = 0;
  #claimed = 0;
  passed = 0;
  refused = 0;

  constructor(name: string, limit: number, clock: ReturnType<typeof fakeClock>["clock"]) {
    this.id = name;
    const engine = {
      run: (script: Script, _key: string, ...args: readonly (string | number)[]) =>
        new Promise<unknown>((resolve, reject) => {
          this.asked.push({ script, args, answered: resolve });
          this.#failing.push(() => reject(new Error("away")));
        }),
    };
    const ids = { id: name, channel: "news" };
    const presence = new Presence(engine, clock, { ...ids, key: "gateways", name });
    this.presence = presence;
    const joined = () => this.#joined;
    const surroundings: CounterSurroundings = {
      get joined() {
        return joined();
      },
      refuses: false,
      get gateways() {
        return presence.count;
      },
      saidSince: (moment) => presence.saidSince(moment),
      monotonic: () => clock.monotonic(),
    };
    this.sums = new Sums({ engine, surroundings, prefix: "", ...ids, now: () => clock.now() });
    const options: CounterOptions = { exact: true, used: 0, claimed: () => this.#claimed };
    const counter = this.sums.counter("sum", () => undefined, options);
    if (counter === undefined) throw new Error("none");
    counter.limit = limit;
    this.counter = counter;
  }

  readonly #failing: (() => void)[] = [];

  get joined(): boolean {
    return this.#joined;
  }

  /** One request comes. */
  begin(): void {
    const room = this.counter.room();
    if (room === "yes") {
      this.#claimed += 1;
      this.passed += 1;
    } else if (room === "ask") void this.counter.ask();
    else this.refused += 1;
  }

  end(): void {
    if (this.#claimed === 0) return;
    this.#claimed -= 1;
    this.counter.add(1);
  }

  report(): void {
    if (!this.#joined) return;
    const all = this.#reports++ % 4 === 0;
    void this.sums.report(all);
    if (all || this.sums.settling) this.presence.tell().catch(() => {});
  }

  /** No answer came in time. */
  notices(): void {
    for (const fail of this.#failing.splice(0)) fail();
    if (!this.#joined) return;
    this.#joined = false;
    this.sums.away();
  }

  async comesBack(): Promise<void> {
    await this.presence.look();
    await this.sums.report(true);
    await this.presence.tell();
    this.sums.back();
    this.#joined = true;
  }

  hears(text: string): void {
    const news: News | undefined = readNews(text);
    if (news === undefined || news.from === this.id) return;
    if (news.kind === "here") this.presence.heard(news.from, news.name);
    if (news.kind === "taken") this.sums.heard(news);
  }
}

export class PoolModel {
  readonly #time = fakeClock(1_800_000_000_000);
  readonly #engine = new ModelEngine();
  readonly #limit: number;
  #turn = 0;
  readonly gateways: ModelGateway[] = [];
  frozen = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get passed(): number {
    return this.gateways.reduce((sum, { passed }) => sum + passed, 0);
  }

  async join(): Promise<void> {
    const gateway = new ModelGateway(`g${this.gateways.length}`, this.#limit, this.#time.clock);
    this.gateways.push(gateway);
    await this.back(gateway);
  }

  /** It has subscribed already. */
  async back(gateway: ModelGateway): Promise<void> {
    const back = gateway.comesBack();
    await this.until(() => gateway.joined);
    await back;
  }

  async until(isSo: () => boolean): Promise<void> {
    for (let each = 0; !isSo(); each++) {
      if (each > 1000) throw new Error("it never is");
      await this.quiet();
    }
  }

  /**
   * The engine carries out what these have asked, one command of each, and sends what there is to say; not to all, where it is
   * stopped in the midst.
   * @param sends by connection, two of each gateway: answers, then news
   */
  async turn(of: (gateway: number) => boolean, sends?: (connection: number) => boolean): Promise<void> {
    await settle();
    if (this.frozen) return;
    this.#turn += 1;
    const turn = this.#turn;
    const published: Sent<string>[] = [];
    const answers = this.gateways.map((gateway, index) => {
      const asked = of(index) ? gateway.asked.shift() : undefined;
      if (asked === undefined) return undefined;
      // No two words in one millisecond: a sum that is emptied goes on with later revisions.
      this.pass(1);
      const now = this.#time.clock.now();
      const value = this.#engine.run(asked.script, asked.args, now, (what) => published.push({ what, turn }));
      return { what: () => asked.answered(value), turn };
    });
    for (const [index, gateway] of this.gateways.entries()) {
      const answer = answers[index];
      if (answer !== undefined && sends?.(2 * index) !== false) gateway.answers.push(answer);
      if (sends?.(2 * index + 1) !== false) gateway.news.push(...published);
    }
    if (sends !== undefined) this.frozen = true;
    await settle();
  }

  /** What is next on a connection arrives; news that were sent in an earlier turn than an answer arrive before it. */
  async deliver(connection: number): Promise<void> {
    const gateway = this.gateways[Math.floor(connection / 2) % this.gateways.length];
    if (gateway === undefined) return;
    const [answer] = gateway.answers;
    if (connection % 2 === 0 && answer !== undefined) {
      while ((gateway.news[0]?.turn ?? answer.turn) < answer.turn)
        gateway.hears(gateway.news.shift()?.what ?? "");
      gateway.answers.shift()?.what();
    } else if (connection % 2 === 1) gateway.hears(gateway.news.shift()?.what ?? "");
    await settle();
  }

  /** All that is on its way arrives, and what has been asked is answered unless the engine stands still. */
  async quiet(): Promise<void> {
    const busy = () =>
      this.gateways.some(
        ({ asked, answers, news }) => answers.length + news.length + (this.frozen ? 0 : asked.length) > 0,
      );
    do {
      await this.turn(() => true);
      for (let each = 0; each < 2 * this.gateways.length; each++) await this.deliver(each);
    } while (busy());
  }

  pass(milliseconds: number): void {
    this.#time.pass(milliseconds);
  }

  wipe(): void {
    this.#engine.wipe();
  }
}
