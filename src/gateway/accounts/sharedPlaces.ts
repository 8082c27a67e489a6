/**
 * Where conversations and what accounts keep (responses, encrypted reasoning) are, for a client that comes to another
 * gateway of the pool: told as it is found out, read where this gateway does not know.
 */
import { PROTOCOLS } from "../../control/protocol.ts";
import { setLatest } from "../common/latest.ts";
import type { Clock } from "../common/ports.ts";
import type { PoolPort } from "../pool/port.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Bindings } from "./bindings.ts";
import { IDLE_MS, type StickyEntry, type StickySessions } from "./schedule/sticky.ts";
import type { Sharing } from "./sharing.ts";

/** Milliseconds for which others are told of what an account keeps, its thinking included. */
const KEPT_MS = 24 * 3_600_000;
/** Milliseconds after which they are told once more of a conversation that goes on. */
const AGAIN_MS = IDLE_MS / 4;
/** Conversations of which it is known when others were told. */
const MOST_TOLD = 10_000;
/** Models of one request for which others are asked. */
const MOST_MODELS = 3;

export interface SharedPlacesOptions {
  readonly pool: PoolPort;
  readonly accounts: Pick<Sharing, "nameOf" | "idOf">;
  readonly clock: Pick<Clock, "monotonic">;
  readonly sticky: StickySessions;
  readonly bindings: Bindings;
}

export class SharedPlaces {
  readonly #options: SharedPlacesOptions;
  readonly #told = new Map<string, { readonly what: string; readonly at: number }>();

  constructor(options: SharedPlacesOptions) {
    this.#options = options;
    if (!this.areShared) return;
    options.sticky.onSet = (entry) => this.#tellSession(entry);
    options.bindings.onMade = (id, account, client) => {
      const name = options.accounts.nameOf(account);
      if (name !== undefined) options.pool.remember(this.#bindingName(id, client), name, KEPT_MS);
    };
  }

  /** Is there anybody to ask? */
  get areShared(): boolean {
    return this.#options.pool.standing !== undefined;
  }

  /** Looks for what this gateway does not know. @param bindings as the client sees them */
  async recallBindings(bindings: Bindings, ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => bindings.get(id) === undefined);
    if (unknown.length === 0) return;
    const { pool, accounts } = this.#options;
    const found = await pool.recall(unknown.map((id) => this.#bindingName(id, bindings.client)));
    for (const [at, id] of unknown.entries()) {
      const account = accounts.idOf(found[at] ?? "");
      if (account !== undefined) bindings.learn(id, account);
    }
  }

  /** The same of a conversation. */
  async recallSession(session: string | undefined, candidates: readonly Candidate[]): Promise<void> {
    if (session === undefined) return;
    const { pool, accounts, sticky } = this.#options;
    const models = [...new Set(candidates.map(({ model }) => model))]
      .slice(0, MOST_MODELS)
      .filter((model) => sticky.get(session, model) === undefined);
    if (models.length === 0) return;
    const found = await pool.recall(models.map((model) => this.#sessionName(session, model)));
    for (const [at, model] of models.entries()) {
      const [name = "", spoken, thinks] = (found[at] ?? "").split(" ");
      const account = accounts.idOf(name);
      const protocol = PROTOCOLS.find((each) => each === spoken);
      if (account === undefined) continue;
      sticky.learn(session, model, account, {
        ...(protocol && { protocol }),
        ...(thinks === "thinks" && { holdsThinking: true }),
      });
    }
  }

  #tellSession({ session, model, account, protocol, holdsThinking }: StickyEntry): void {
    const { pool, accounts, clock } = this.#options;
    const name = accounts.nameOf(account);
    if (name === undefined) return;
    const what = `${name} ${protocol ?? "-"} ${holdsThinking === true ? "thinks" : "-"}`;
    const key = `${session} ${model}`;
    const before = this.#told.get(key);
    const at = clock.monotonic();
    if (before?.what === what && at - before.at < AGAIN_MS) return;
    setLatest(this.#told, key, { what, at }, MOST_TOLD);
    pool.remember(this.#sessionName(session, model), what, holdsThinking === true ? KEPT_MS : IDLE_MS);
  }

  #sessionName(session: string, model: string): string {
    return this.#options.pool.nameOf("session", session, model);
  }

  #bindingName(id: string, client: string | undefined): string {
    return this.#options.pool.nameOf("binding", client ?? "", id);
  }
}
