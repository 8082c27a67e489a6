/** Holds and quotas of accounts: told to the other gateways at once, and kept in the engine for those who come later. */
import { setLatest } from "../common/latest.ts";
import type { Engine } from "./engine.ts";
import { clearNews, holdNews, holdOf, type News, quotaNews, quotaOf, readNews } from "./news.ts";
import type { PoolListener, SharedClear, SharedHold, SharedQuota } from "./port.ts";
import { DROP, KEEP, NOTES } from "./scripts.ts";

/** Milliseconds that a quota is told to those who come later. */
const QUOTA_MS = 3_600_000;
/** Holds, and quotas, in the engine. */
export const MOST_NOTES = 10_000;
/** To be told at once. */
const MOST_QUOTAS = 1000;
/** Clears and undone findings that are told when the engine is back. */
export const MOST_UNTOLD = 1000;

export interface NotesOptions {
  readonly engine: Pick<Engine, "joined" | "run" | "publish">;
  readonly prefix: string;
  /** This gateway's. */
  readonly id: string;
  /** Milliseconds since 1970. */
  now(): number;
}

export class Notes {
  readonly #options: NotesOptions;
  readonly #quotas = new Map<string, SharedQuota>();
  /** What was found out while the engine was away; holds are asked for then. By note and finding. */
  readonly #untold = new Map<string, () => Promise<unknown>>();
  #listener: PoolListener | undefined;
  #findings = 0;

  constructor(options: NotesOptions) {
    this.#options = options;
  }

  listen(listener: PoolListener): void {
    this.#listener = listener;
  }

  /** @returns the finding's id */
  hold(hold: SharedHold): string {
    const found = this.#newId();
    const { engine, id, now } = this.#options;
    if (engine.joined) {
      const news = holdNews(hold, found, id, now());
      engine.publish(JSON.stringify(news));
      quietly(this.#keepHold(news));
    }
    return found;
  }

  clear(clear: SharedClear): void {
    const { engine, id, now } = this.#options;
    this.#say(fieldOf(clear), async () => {
      const news = clearNews(clear, id, now());
      // Gone before it is told: who reads in between would have it again.
      await engine.run(DROP, this.#key("holds"), "-", "age" in news ? news.age : 0, fieldOf(clear));
      engine.publish(JSON.stringify(news));
    });
  }

  undo(found: string, of: Pick<SharedHold, "account" | "model">): void {
    const { engine, id } = this.#options;
    this.#say(found, async () => {
      await engine.run(DROP, this.#key("holds"), found, 0, fieldOf(of));
      engine.publish(JSON.stringify({ kind: "undo", id: found, from: id } satisfies News));
    });
  }

  /** Now, or when the engine is back. */
  #say(what: string, say: () => Promise<unknown>): void {
    if (this.#options.engine.joined) quietly(say());
    else setLatest(this.#untold, what, say, MOST_UNTOLD);
  }

  quota(quota: SharedQuota): void {
    // The latest word alone, a few times a second: replies bring one each.
    setLatest(this.#quotas, `${fieldOf(quota)} ${quota.name}`, quota, MOST_QUOTAS);
  }

  /** To be called every now and then. */
  report(): void {
    const { engine, id, now } = this.#options;
    const quotas = [...this.#quotas];
    this.#quotas.clear();
    for (const [field, quota] of quotas) {
      const news = quotaNews(quota, id, now());
      const text = JSON.stringify(news);
      engine.publish(text);
      const times = [-news.age, news.age, QUOTA_MS] as const;
      quietly(engine.run(KEEP, this.#key("quotas"), field, id, ...times, text, MOST_NOTES));
    }
  }

  /** What the engine may not know. @throws EngineAway */
  async tell(): Promise<void> {
    const { engine, id, now } = this.#options;
    // First what is over: what was found out later is told after it.
    for (const [what, say] of [...this.#untold]) {
      await say();
      this.#untold.delete(what);
    }
    await Promise.all(
      (this.#listener?.holds() ?? []).map(async (hold) => {
        const news = holdNews(hold, this.#newId(), id, now());
        engine.publish(JSON.stringify(news));
        await this.#keepHold(news);
      }),
    );
  }

  /** What this gateway may not know. @throws EngineAway */
  async read(): Promise<void> {
    for (const what of ["holds", "quotas"] as const) {
      const notes = await this.#options.engine.run(NOTES, this.#key(what));
      if (!Array.isArray(notes)) continue;
      for (let at = 0; at + 2 < notes.length; at += 3) {
        const news = readNews(String(notes[at + 2]));
        if (news === undefined || !("age" in news) || news.from === this.#options.id) continue;
        this.hear(news, Math.max(0, Number(notes[at + 1]) - news.age));
      }
    }
  }

  /** @param elapsed milliseconds since it was told */
  hear(news: News, elapsed = 0): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const now = this.#options.now();
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

  #newId(): string {
    return `${this.#options.id}.${++this.#findings}`;
  }

  #key(what: "holds" | "quotas"): string {
    return `${this.#options.prefix}${what}`;
  }

  #keepHold(news: ReturnType<typeof holdNews>): Promise<unknown> {
    if (news.left <= 0) return Promise.resolve();
    const times = [news.left, news.age, news.left] as const;
    const text = JSON.stringify(news);
    return this.#options.engine.run(
      ...([KEEP, this.#key("holds"), fieldOf(news), news.id, ...times, text, MOST_NOTES] as const),
    );
  }
}

function quietly(job: Promise<unknown>): void {
  // The engine says itself that it is away.
  job.catch(() => {});
}

/** Where a note stands. */
const fieldOf = ({ account, model }: { account: string; model?: string | undefined }): string =>
  model === undefined ? account : `${account} ${model}`;
