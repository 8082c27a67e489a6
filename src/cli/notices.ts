/** Notices of `portico serve` to the webhook of its config file, which may change while it runs. */
import type { ListedAccount } from "../control/accounts.ts";
import type { Problem, Status } from "../control/contract.ts";
import { type Log, type Network, systemClock } from "../gateway/common/ports.ts";
import { Notifier } from "../gateway/notify/notifier.ts";
import { Webhook } from "../gateway/notify/webhook.ts";
import type { NotifySettings } from "../gateway/settings/notifySettings.ts";
import { Agents } from "../gateway/upstream/agents.ts";

const CONNECT_MS = 10_000;

interface NoticesOptions {
  /** What was told is remembered there. */
  readonly file: string;
  readonly network: Network;
  readonly log: Log;
  accounts(): Promise<readonly ListedAccount[]>;
}

export class Notices {
  readonly #options: NoticesOptions;
  readonly #agents: Agents;
  #notifier: Notifier | undefined;
  #settings: NotifySettings | undefined;
  #problems: readonly Problem[] | undefined;

  constructor(options: NoticesOptions) {
    this.#options = options;
    this.#agents = new Agents(options.network, { connectTimeoutMs: CONNECT_MS });
  }

  /** @param settings absent: nobody is told */
  async use(settings: NotifySettings | undefined): Promise<void> {
    const before = this.#settings;
    if (settings?.url === before?.url && settings?.secret === before?.secret) return;
    this.#settings = settings;
    await this.#notifier?.close();
    this.#notifier = settings === undefined ? undefined : await this.#open(settings);
    if (this.#problems !== undefined) this.#notifier?.look(this.#problems);
  }

  look({ problems }: Pick<Status, "problems">): void {
    this.#problems = problems;
    this.#notifier?.look(problems);
  }

  async close(): Promise<void> {
    await this.#notifier?.close();
    await this.#agents.close();
  }

  #open(settings: NotifySettings): Promise<Notifier> {
    const { file, log, accounts } = this.#options;
    const dispatcher = (url: URL) => this.#agents.for(url);
    const webhook = new Webhook({ ...settings, clock: systemClock, log, dispatcher });
    return Notifier.open({ webhook, file, now: () => systemClock.now(), log, accounts });
  }
}
