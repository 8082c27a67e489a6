/** Tells a webhook what a person has to know of accounts and budgets, each thing once until it is mended. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AttentionWatch } from "../../control/attention.ts";
import type { AccountView, Problem } from "../../control/contract.ts";
import { readIfThere, writeWhole } from "../common/dataFolder.ts";
import { parseJson } from "../common/json.ts";
import type { Log } from "../common/ports.ts";
import type { Webhook } from "./webhook.ts";

/** Body of a notice. */
export interface Notice {
  /** Of this notice: one that came twice is the same. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly event: "problem";
  /** As `portico status --json` has it: `credential`, `billing`, `budget-usd-day`, … */
  readonly cause: string;
  /** In English; never a provider's own words, which may quote what was sent. */
  readonly message: string;
  readonly account?: { readonly id: string; readonly label: string };
}

export interface NotifierOptions {
  readonly webhook: Pick<Webhook, "send" | "close">;
  /** Where it is remembered over restarts what was told. */
  readonly file: string;
  readonly now: () => number;
  readonly log: Pick<Log, "warn">;
  accounts(): Promise<readonly Pick<AccountView, "id" | "label">[]>;
}

const isBudget = (cause: string | undefined): boolean => cause?.startsWith("budget-") === true;
/** Errors, and budgets that are nearly used up. */
const concerns = ({ severity, cause }: Problem): boolean => severity === "error" || isBudget(cause);
/** What an account's cause means; others need no more than a look. */
const WORDS: Readonly<Record<string, string>> = {
  credential: "needs a new key, or to be signed in to again",
  billing: "has no credit left, or a payment failed",
  permission: "may not do what was asked of it",
  "no-key": "has no key here",
};
const toldSchema = z.object({ told: z.array(z.string().max(500)).max(1000) });

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #watch: AttentionWatch;
  #told: readonly string[];
  #kept: Promise<void> = Promise.resolve();

  private constructor(options: NotifierOptions, told: readonly string[]) {
    this.#options = options;
    this.#told = told;
    const memory = { get: () => this.#told, set: (next: readonly string[]) => this.#keep(next) };
    this.#watch = new AttentionWatch(memory, concerns);
  }

  static async open(options: NotifierOptions): Promise<Notifier> {
    const kept = toldSchema.safeParse(parseJson((await readIfThere(options.file)) ?? ""));
    return new Notifier(options, kept.data?.told ?? []);
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
  }

  async close(): Promise<void> {
    this.#options.webhook.close();
    await this.#kept;
  }

  async #tell(fresh: ReturnType<AttentionWatch["look"]>): Promise<void> {
    const { accounts, now, webhook } = this.#options;
    const known = await accounts().catch(() => []);
    for (const { account: id, cause, message } of fresh) {
      const account =
        id === undefined ? undefined : { id, label: known.find((each) => each.id === id)?.label ?? id };
      const notice: Notice = {
        id: randomUUID(),
        time: new Date(now()).toISOString(),
        event: "problem",
        cause,
        message:
          account === undefined || isBudget(cause)
            ? message
            : `${account.label}: ${WORDS[cause] ?? "needs attention"}`,
        ...(account === undefined ? {} : { account }),
      };
      webhook.send(notice);
    }
  }

  #keep(told: readonly string[]): void {
    this.#told = told;
    const { file, log } = this.#options;
    this.#kept = this.#kept
      .then(() => writeWhole(file, `${JSON.stringify({ told: this.#told })}\n`))
      .catch((error: unknown) =>
        log.warn("what was told to the webhook could not be kept", { error: String(error) }),
      );
  }
}
