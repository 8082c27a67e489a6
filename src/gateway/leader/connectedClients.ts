/** The clients that are connected to this Portico by their settings: who is refused while it is stopped, and whom a change cut off. */
import type { ClientState } from "../../control/clients.ts";
import type { Problem } from "../../control/contract.ts";
import type { Log } from "../common/ports.ts";

/** What is to be known of a client here. */
export type Written = Pick<ClientState, "label" | "baseUrl" | "outdated" | "connected">;

export interface ConnectedClientsDeps {
  /** Those that some Portico has written to, and this one's address; absent: it has none now. */
  readonly read: () => Promise<
    { readonly baseUrl: string; readonly clients: readonly Written[] } | undefined
  >;
  readonly log: Pick<Log, "debug" | "info">;
  onChange(): void;
}

/** Of the problem, as `Problem.cause`. */
const CAUSE = "clients-outdated";

export class ConnectedClients {
  readonly #deps: ConnectedClientsDeps;
  #labels: readonly string[] = [];
  #problem: Problem | undefined;
  #lookedAt: string | undefined;

  constructor(deps: ConnectedClientsDeps) {
    this.#deps = deps;
  }

  /** In the order of the table. */
  get labels(): readonly string[] {
    return this.#labels;
  }

  get problems(): readonly Problem[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  /**
   * @param now stands for the address and key: looked at anew only where it is another than before
   * @param resumed labels of those that had their own settings until now
   */
  async lookAfter(now: string, resumed: readonly string[]): Promise<void> {
    if (now === this.#lookedAt) return;
    this.#lookedAt = now;
    await this.look();
    const refused = this.#labels.filter((label) => !resumed.includes(label));
    if (refused.length > 0 && this.#lookedAt === now)
      this.#deps.log.info(`connected by their settings, and refused until now: ${refused.join(", ")}`);
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const { read, log, onChange } = this.#deps;
    try {
      const found = await read();
      if (found === undefined) return;
      const { clients, baseUrl } = found;
      const labels = clients.flatMap(({ label, ...each }) => (each.baseUrl === baseUrl ? [label] : []));
      const problem = problemOf(clients);
      const same = problem?.message === this.#problem?.message && labels.join() === this.#labels.join();
      this.#labels = labels;
      this.#problem = problem;
      if (!same) onChange();
    } catch (error) {
      // The key cannot be read now, or a client's record.
      log.debug("what clients are connected to could not be read", { error: String(error) });
    }
  }
}

function problemOf(clients: readonly Written[]): Problem | undefined {
  const of = (why: ClientState["outdated"]) =>
    clients.flatMap(({ label, outdated }) => (outdated === why ? [label] : []));
  const moved = of("address");
  const keys = of("key");
  const said = [
    ...(moved.length === 0
      ? []
      : [`${moved.join(", ")}: connected to an address that Portico no longer has.`]),
    ...(keys.length === 0 ? [] : [`${keys.join(", ")}: connected with a key that is no longer taken.`]),
  ];
  if (said.length === 0) return undefined;
  return { severity: "warning", message: `${said.join(" ")} Connect brings them up to date.`, cause: CAUSE };
}
