/** The connection to the engine of a pool: asked with a deadline, and away as soon as it does not answer in time. */
import { Redis, type RedisOptions } from "ioredis";
import { messageOf } from "../common/errors.ts";
import type { Clock } from "../common/ports.ts";
import { COUNT, type Script } from "./scripts.ts";

/** Milliseconds within which the engine answers, or is away. */
export const ANSWER_MS = 200;
/** Milliseconds between two looks whether it is back, and at most so between two tries to connect. */
const AGAIN_MS = 100;
/** Milliseconds between two tries to connect where it has been away for long. */
const LATER_MS = 250;
/** Milliseconds after which a connection on which nothing comes is given up. */
const MUTE_MS = 3000;
const CONNECT_MS = 2000;

export interface EngineOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** PEM certificate of who has signed the engine's; absent: those that Node.js knows. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly channel: string;
  onMessage(text: string): void;
  /** Subscribed again, not yet joined: rejects where the engine does not answer. */
  onBack(): Promise<void>;
  /** @param why for a person; absent: the engine answers */
  onState(why: string | undefined): void;
}

export class EngineAway extends Error {}

/** Turns of the event loop in which an answer that lies there is read. */
const TURNS = 4;

function afterTurns(turns: number, run: () => void): void {
  if (turns === 0) run();
  else setImmediate(() => afterTurns(turns - 1, run));
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #commands: Redis;
  readonly #news: Redis;
  #state: "new" | "joined" | "away" = "new";
  #failure: string | undefined;
  #looking = false;
  /** Times that it was lost, also in the midst of a look. */
  #losses = 0;
  #startedAt = 0;
  #closed = false;
  #mute: number | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#commands = new Redis(options.url, this.#settings());
    this.#news = new Redis(options.url, this.#settings());
    for (const client of [this.#commands, this.#news]) {
      client.on("error", (error: unknown) => {
        this.#failure = messageOf(error) || String((error as { code?: unknown }).code ?? "");
      });
      client.on("close", () => this.#lost(this.#failure ?? "the connection was closed"));
    }
    this.#news.on("message", (_channel: string, text: string) => options.onMessage(text));
  }

  get joined(): boolean {
    return this.#state === "joined";
  }

  /** Connects, in the background. */
  start(): void {
    this.#startedAt = this.#options.clock.monotonic();
    // Why it cannot comes as an event, which is said.
    for (const client of [this.#commands, this.#news]) client.connect().catch(() => {});
    this.#lookAgain();
  }

  /** @throws EngineAway where it does not answer in time, or refuses: it is away then */
  async run(script: Script, key: string, ...args: readonly (string | number)[]): Promise<unknown> {
    return await this.#answer(
      this.#commands
        .evalsha(script.sha, 1, key, ...args)
        .catch((error: unknown) =>
          /^NOSCRIPT/.test(messageOf(error))
            ? this.#commands.eval(script.lua, 1, key, ...args)
            : Promise.reject(error),
        ),
    );
  }

  /** For a time, if nobody has. @throws EngineAway */
  async takeFor(key: string, value: string, milliseconds: number): Promise<boolean> {
    return (await this.#answer(this.#commands.set(key, value, "PX", milliseconds, "NX"))) === "OK";
  }

  /** Does what others publish still come here? @throws EngineAway */
  async hears(): Promise<void> {
    await this.#answer(this.#news.ping());
  }

  /** Never rejects. */
  keepFor(key: string, value: string, milliseconds: number): void {
    this.#answer(this.#commands.set(key, value, "PX", milliseconds)).catch(() => {});
  }

  /** @param withinMs after which nothing is found. Never rejects. */
  async find(keys: readonly string[], withinMs: number): Promise<readonly (string | undefined)[]> {
    const found = Promise.all(
      keys.map(async (key) => (await this.#answer(this.#commands.get(key))) ?? undefined),
    ).catch(() => []);
    return await new Promise((resolve) => {
      const timer = this.#options.clock.setTimeout(() => setImmediate(() => resolve([])), withinMs);
      void found.then((values) => {
        timer.cancel();
        resolve(values);
      });
    });
  }

  /** Never rejects: who does not hear it reads it later. */
  publish(text: string): void {
    if (this.#commands.status !== "ready") return;
    this.#answer(this.#commands.publish(this.#options.channel, text)).catch(() => {});
  }

  close(): void {
    this.#closed = true;
    this.#commands.disconnect();
    this.#news.disconnect();
  }

  #settings() {
    const { ca } = this.#options;
    return {
      lazyConnect: true,
      // What was not said in time is said anew, as it is then.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      // Needs rights that a user of one prefix does not have.
      enableReadyCheck: false,
      disableClientInfo: true,
      protocol: 2,
      connectTimeout: CONNECT_MS,
      retryStrategy: (times) =>
        this.#closed ? null : Math.min(times > 100 ? LATER_MS : AGAIN_MS, 25 * times),
      ...(ca === undefined ? {} : { tls: { ca } }),
    } satisfies RedisOptions;
  }

  /** A command's answer, in time. */
  #answer<T>(asked: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.setTimeout(() => {
        // Where this process was kept busy, the answer may lie there unread: that is looked at before.
        afterTurns(TURNS, () => failed(new EngineAway("it does not answer")));
      }, ANSWER_MS);
      const failed = (error: unknown) => {
        timer.cancel();
        const away = error instanceof EngineAway ? error : new EngineAway(messageOf(error));
        reject(away);
        if (!over) this.#lost(away.message);
        over = true;
      };
      let over = false;
      asked.then((value) => {
        over = true;
        timer.cancel();
        resolve(value);
      }, failed);
    });
  }

  #lost(why: string): void {
    if (this.#closed) return;
    this.#losses += 1;
    const before = this.#state;
    this.#state = "away";
    if (before !== "away") this.#options.onState(why);
    this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    this.#options.clock.setTimeout(
      () => {
        this.#look().then(
          (back) => {
            this.#looking = false;
            if (!back) this.#lookAgain();
          },
          () => {
            this.#looking = false;
            this.#lookAgain();
          },
        );
      },
      this.#state === "new" ? 5 : AGAIN_MS,
    );
  }

  /** @returns whether all is well */
  async #look(): Promise<boolean> {
    if (this.#closed || this.#state === "joined") return true;
    const clients = [this.#commands, this.#news];
    const now = this.#options.clock.monotonic();
    if (clients.some(({ status }) => status !== "ready")) {
      const why = this.#failure ?? (now - this.#startedAt > CONNECT_MS ? "it does not answer" : undefined);
      if (this.#state === "new" && why !== undefined) this.#lost(why);
      this.#mute = undefined;
      return false;
    }
    this.#mute ??= now;
    if (now - this.#mute > MUTE_MS) {
      this.#mute = undefined;
      for (const client of clients) client.disconnect(true);
      return false;
    }
    const losses = this.#losses;
    // Subscribed first, then told, then read: so nothing is missed in between.
    await this.#answer(this.#news.subscribe(this.#options.channel));
    await this.#answer(this.#commands.ping());
    // Known before they are needed: so each answer is one way there and back.
    const { lua } = COUNT;
    await this.#answer(this.#commands.script("LOAD", lua).catch(() => undefined));
    await this.#options.onBack();
    // A connection that broke meanwhile may be there again, and nobody has subscribed on it.
    if (this.#closed || this.#losses !== losses) return false;
    this.#mute = undefined;
    this.#failure = undefined;
    this.#state = "joined";
    this.#options.onState(undefined);
    return true;
  }
}
