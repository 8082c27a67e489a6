/** Tells a webhook what a person has to know of accounts, budgets and client keys, each thing once until it is mended. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AttentionWatch, SIGN_IN_TWICE } from "../../control/attention.ts";
import type { Problem } from "../../control/contract.ts";
import { readJsonIfThere, writeWhole } from "../common/dataFolder.ts";
import { messageOf } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import type { Log } from "../common/ports.ts";
import { type PacedAccount, PaceWatch } from "./pace.ts";
import type { Webhook } from "./webhook.ts";

/** Body of a notice. */
export interface Notice {
  /** Of this notice: one that came twice is the same. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly event: "problem";
  /** As `portico status --json` has it: `credential`, `billing`, `budget-usd-day`, `key-expires-7d`, …; `pace` of a quota. */
  readonly cause: string;
  /** In English; never a provider's own words, which may quote what was sent. */
  readonly message: string;
  readonly account?: { readonly id: string; readonly label: string };
  /** Id of the client key that it is about. */
  readonly key?: string;
}

export interface NotifierOptions {
  readonly webhook: Pick<Webhook, "send" | "close">;
  /** Where it is remembered over restarts what was told. */
  readonly file: string;
  readonly now: () => number;
  readonly log: Pick<Log, "warn">;
  accounts(): Promise<readonly PacedAccount[]>;
}

const isBudget = (cause: string | undefined): boolean => cause?.startsWith("budget-") === true;
/** Errors, budgets that are nearly used up, sign-ins that will end, and what is to come of client keys. */
const concerns = ({ severity, cause, key }: Problem): boolean =>
  severity === "error" || isBudget(cause) || cause === SIGN_IN_TWICE || key !== undefined;
/** What an account's cause means; others need no more than a look. */
const WORDS: Readonly<Record<string, string>> = {
  credential: "needs a new key, or to be signed in to again",
  billing: "has no credit left, or a payment failed",
  permission: "may not do what was asked of it",
  "no-key": "has no key here",
  [SIGN_IN_TWICE]: "is signed in to at another gateway of the pool as well, and one of them will lose it",
};
/** Milliseconds between two looks at how fast quotas go: to list accounts is work. */
const PACE_MS = 60_000;
const toldSchema = z.object({
  told: z.array(z.string().max(500)).max(1000),
  pace: z.record(z.string().max(1000), z.number()).default({}),
  /** Notices that the webhook had not taken when the gateway stopped. */
  left: z.array(z.record(z.string(), z.unknown())).default([]),
});

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #watch: AttentionWatch;
  readonly #pace: PaceWatch;
  #told: readonly string[];
  #pacedAt = -Infinity;
  #left: readonly object[] = [];
  #kept: Promise<void> = Promise.resolve();

  private constructor(options: NotifierOptions, { told, pace, left }: z.output<typeof toldSchema>) {
    this.#options = options;
    this.#told = told;
    this.#pace = new PaceWatch(pace);
    const memory = { get: () => this.#told, set: (next: readonly string[]) => this.#keep(next) };
    this.#watch = new AttentionWatch(memory, { concerns, now: options.now });
    for (const notice of left) options.webhook.send(notice);
  }

  static async open(options: NotifierOptions): Promise<Notifier> {
    const kept = toldSchema.safeParse(await readJsonIfThere(options.file));
    return new Notifier(options, kept.data ?? { told: [], pace: {}, left: [] });
  }

  /** To be called with each status. */
  look(problems: readonly Problem[]): void {
    // A budget that was nearly used up, and now is, is another piece of news.
    const told = problems.map((problem) =>
      isBudget(problem.cause) && problem.severity === "error"
        ? { ...problem, cause: `${problem.cause}-reached` }
        : problem,
    );
    const fresh = this.#watch.look(told);
    if (fresh.length > 0) void this.#tell(fresh);
    const now = this.#options.now();
    // Also where the clock was set back.
    if (Math.abs(now - this.#pacedAt) < PACE_MS) return;
    this.#pacedAt = now;
    void this.#tellPace(now);
  }

  /** What nobody has taken goes first when it is opened again. */
  async close(): Promise<void> {
    this.#left = this.#options.webhook.close();
    this.#keep(this.#told);
    await this.#kept;
  }

  async #tell(fresh: ReturnType<AttentionWatch["look"]>): Promise<void> {
    const known = await this.#accounts();
    for (const { account: id, key, cause, message } of fresh) {
      const account =
        id === undefined ? undefined : { id, label: known.find((each) => each.id === id)?.label ?? id };
      const own = account === undefined || isBudget(cause);
      const text = own ? message : `${account.label}: ${WORDS[cause] ?? "needs attention"}`;
      this.#send(compact({ cause, message: text, account, key }));
    }
  }

  async #tellPace(now: number): Promise<void> {
    const fresh = this.#pace.look(await this.#accounts(), now);
    for (const notice of fresh) this.#send({ cause: "pace", ...notice });
    if (fresh.length > 0) this.#keep(this.#told);
  }

  /** Never rejects: a notice without an account's name is one all the same. */
  async #accounts(): Promise<readonly PacedAccount[]> {
    const { accounts, log } = this.#options;
    try {
      return await accounts();
    } catch (error) {
      log.warn("the accounts could not be listed for the webhook", { error: messageOf(error) });
      return [];
    }
  }

  #send(about: Pick<Notice, "cause" | "message" | "account" | "key">): void {
    const { now, webhook } = this.#options;
    const time = new Date(now()).toISOString();
    webhook.send({ id: randomUUID(), time, event: "problem", ...about } satisfies Notice);
  }

  #keep(told: readonly string[]): void {
    this.#told = told;
    const { file, log } = this.#options;
    this.#kept = this.#kept
      .then(() =>
        writeWhole(
          file,
          `${JSON.stringify({ told: this.#told, pace: this.#pace.kept, left: this.#left })}\n`,
        ),
      )
      .catch((error: unknown) =>
        log.warn("what was told to the webhook could not be kept", { error: String(error) }),
      );
  }
}
