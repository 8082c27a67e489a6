/** The sign-ins under way: started, awaited, pasted into and cancelled by their ids. Bounded in number and time. */
import { randomBytes } from "node:crypto";
import type { AddResult, SignInStarted } from "../../../../control/credentials.ts";
import { PorticoError } from "../../../common/errors.ts";
import type { Clock, Log, Timer } from "../../../common/ports.ts";
import type { Credential } from "../credential.ts";
import type { Flow } from "./flow.ts";
import { SignInSession } from "./session.ts";

/** Milliseconds a person has in the browser. */
export const SIGN_IN_MS = 5 * 60_000;
/** Milliseconds a finished sign-in waits to be added. */
const KEEP_MS = 10 * 60_000;
const MAX_SIGN_INS = 16;

/** Proves and adds what came of a sign-in. */
export type Complete = (
  credential: Credential,
  options: { keep: boolean; signal: AbortSignal },
) => Promise<AddResult>;

export interface SignInsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs?: number;
  readonly portFor?: (attempt: number) => number;
}

interface Entry {
  readonly session: SignInSession;
  readonly complete: Complete;
  /** One at a time: a second caller gets what the first gets. */
  completing: Promise<AddResult> | undefined;
  /** Forgets it when nobody comes for it. */
  forgetting: Timer | undefined;
}

export class SignIns {
  readonly #deps: SignInsDeps;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: SignInsDeps) {
    this.#deps = deps;
  }

  /** @throws PorticoError `unavailable` when no port can be had or too many are under way */
  async start(flow: Flow, notes: string[], complete: Complete): Promise<SignInStarted> {
    if (this.#entries.size >= MAX_SIGN_INS) {
      throw new PorticoError("unavailable", "Too many sign-ins are under way. Cancel one.");
    }
    const { clock, log, timeoutMs = SIGN_IN_MS, portFor } = this.#deps;
    const session = await SignInSession.open(flow, {
      clock,
      log,
      timeoutMs,
      ...(portFor === undefined ? {} : { portFor }),
    });
    const id = randomBytes(12).toString("base64url");
    const entry: Entry = { session, complete, completing: undefined, forgetting: undefined };
    this.#entries.set(id, entry);
    void session.outcome.then(() => {
      if (this.#entries.get(id) === entry) {
        entry.forgetting = clock.setTimeout(() => this.#drop(id), KEEP_MS);
      }
    });
    return {
      id,
      url: session.url,
      redirectUri: session.redirectUri,
      expiresAt: clock.now() + timeoutMs,
      notes,
    };
  }

  /** @throws the signal's reason when the caller no longer waits; the sign-in goes on */
  async await(id: string, keep: boolean, signal: AbortSignal): Promise<AddResult> {
    const entry = this.#entry(id);
    const outcome = await orAborted(entry.session.outcome, signal);
    if (!outcome.ok) {
      this.#drop(id);
      return outcome;
    }
    entry.completing ??= entry.complete(outcome.credential, { keep, signal }).finally(() => {
      entry.completing = undefined;
    });
    const result = await entry.completing;
    if (result.ok || result.canKeep !== true) this.#drop(id);
    return result;
  }

  /** @throws PorticoError `not_found`, or `invalid_request` that says what is wrong with the address */
  paste(id: string, url: string): void {
    this.#entry(id).session.paste(url);
  }

  /** @returns whether there was one. Whoever awaits it is told. */
  cancel(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    const over = entry.session.done;
    entry.session.cancel();
    if (over) this.#drop(id);
    return true;
  }

  close(): void {
    for (const [id, { session }] of [...this.#entries]) {
      session.cancel();
      this.#drop(id);
    }
  }

  #drop(id: string): void {
    this.#entries.get(id)?.forgetting?.cancel();
    this.#entries.delete(id);
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new PorticoError("not_found", "There is no such sign-in, or it is over.");
    return entry;
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
