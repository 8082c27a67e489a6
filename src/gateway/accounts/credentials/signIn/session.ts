/** One sign-in from its start to its end: what the browser brings back, a pasted address, a time-out, a cancel. */

import { createHash, randomBytes } from "node:crypto";
import { deferred } from "../../../common/deferred.ts";
import { badRequest, messageOf } from "../../../common/errors.ts";
import { foreignText } from "../../../common/log.ts";
import type { Clock, Log } from "../../../common/ports.ts";
import type { Credential } from "../credential.ts";
import { type Flow, type Secrets, SignInFailed, type SignInReason } from "./flow.ts";
import { type Loopback, listenOnLoopback } from "./loopback.ts";
import type { Page } from "./page.ts";

export type SignInOutcome =
  | { readonly ok: true; readonly credential: Credential }
  | { readonly ok: false; readonly reason: SignInReason; readonly message: string };

export interface SessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
  readonly portFor?: (attempt: number) => number;
}

export class SignInSession {
  readonly #flow: Flow;
  readonly #deps: SessionDeps;
  readonly #secrets = makeSecrets();
  readonly #end = new AbortController();
  readonly #outcome = deferred<SignInOutcome>();
  #loopback: Loopback | undefined;
  #redirectUri = "";
  #url = "";
  #done = false;
  /** A code is good for one exchange. */
  #exchanging = false;

  private constructor(flow: Flow, deps: SessionDeps) {
    this.#flow = flow;
    this.#deps = deps;
  }

  /** @throws PorticoError `unavailable` when no port can be had */
  static async open(flow: Flow, deps: SessionDeps): Promise<SignInSession> {
    const session = new SignInSession(flow, deps);
    await session.#open();
    return session;
  }

  /** Where the person's browser goes. */
  get url(): string {
    return this.#url;
  }

  get redirectUri(): string {
    return this.#redirectUri;
  }

  get done(): boolean {
    return this.#done;
  }

  /** Resolves when it is over, whichever way. */
  get outcome(): Promise<SignInOutcome> {
    return this.#outcome.promise;
  }

  /**
   * The address that the browser could not reach, where it runs on another computer.
   * @throws PorticoError `invalid_request` where that is no such address; the sign-in goes on
   */
  paste(text: string): void {
    if (this.#done) throw badRequest("This sign-in is over. Start again.");
    const url = URL.parse(text.trim());
    const redirect = new URL(this.#redirectUri);
    if (url === null || url.origin !== redirect.origin || url.pathname !== redirect.pathname) {
      throw badRequest(
        `That is not the address of the page after the sign-in. It begins with ${redirect.origin}${this.#flow.path({ ...this.#secrets, state: "…" })}. Copy it from the browser's address bar, although the page could not be opened.`,
        "url",
      );
    }
    void this.#receive(url);
  }

  cancel(): void {
    this.#finish({
      ok: false,
      reason: "cancelled",
      message: "The sign-in was cancelled. Nothing was added.",
    });
  }

  async #open(): Promise<void> {
    const { clock, timeoutMs, portFor } = this.#deps;
    const path = this.#flow.path(this.#secrets);
    this.#loopback = await listenOnLoopback({
      onRequest: async (url) => {
        // The first part is the same for each sign-in of a provider; what follows tells them apart.
        const ours = url.pathname.split("/")[1] === path.split("/")[1];
        return ours ? await this.#receive(url) : undefined;
      },
      ...(portFor === undefined ? {} : { portFor }),
    });
    this.#redirectUri = `http://${this.#flow.host}:${this.#loopback.port}${path}`;
    this.#url = this.#flow.authorizationUrl(this.#redirectUri, this.#secrets);
    const timer = clock.setTimeout(() => {
      const minutes = Math.round(timeoutMs / 60_000);
      const message = `Nothing came back from ${this.#flow.label} within ${minutes === 1 ? "a minute" : `${minutes} minutes`}. Was the browser closed? Nothing was added; start again.`;
      this.#finish({ ok: false, reason: "timeout", message });
    }, timeoutMs);
    this.#end.signal.addEventListener("abort", () => timer.cancel(), { once: true });
  }

  async #receive(callback: URL): Promise<Page> {
    if (this.#done || this.#exchanging) {
      return { ok: false, text: "This sign-in is over or under way already. You can close this tab." };
    }
    this.#exchanging = true;
    try {
      const signal = this.#end.signal;
      const credential = await this.#flow.finish(callback, this.#redirectUri, this.#secrets, signal);
      this.#finish({ ok: true, credential });
    } catch (error) {
      this.#finish(this.#failure(error));
    }
    const outcome = await this.outcome;
    return outcome.ok
      ? { ok: true, text: `${this.#flow.label} let Portico in. You can close this tab.` }
      : { ok: false, text: `${outcome.message} You can close this tab.` };
  }

  #failure(error: unknown): SignInOutcome {
    if (error instanceof SignInFailed) return { ok: false, reason: error.reason, message: error.message };
    const why = messageOf(error);
    if (!this.#end.signal.aborted) this.#deps.log.error(`the sign-in failed: ${foreignText(why)}`);
    return { ok: false, reason: "other", message: "The sign-in failed. Portico's log has the details." };
  }

  /** Only the first end counts. */
  #finish(outcome: SignInOutcome): void {
    if (this.#done) return;
    this.#done = true;
    this.#loopback?.close();
    this.#outcome.resolve(outcome);
    this.#end.abort();
  }
}

function makeSecrets(): Secrets {
  const verifier = randomBytes(32).toString("base64url");
  return {
    state: randomBytes(24).toString("base64url"),
    verifier,
    challenge: createHash("sha256").update(verifier).digest("base64url"),
  };
}
