/** Adding accounts whose credential is at hand: proved with a real call first, and never twice. */
import type { AccountView, CheckResult, NewAccount } from "../../../control/contract.ts";
import type { AccountDraft, AddResult, PlacedResult } from "../../../control/credentials.ts";
import { PorticoError } from "../../common/errors.ts";
import type { AccountKey } from "../../providers/account.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Credential } from "./credential.ts";
import { missingAddress } from "./draft.ts";
import { GrantRefused, type Grants, withTokens } from "./grants.ts";
import { refusedMessage } from "./refused.ts";
import { sent } from "./tokens.ts";
import { identityOf, type Present } from "./transfer/plan.ts";

/** Accounts proved at once. */
const AT_ONCE = 4;

export interface AddingDeps {
  readonly grants: Pick<Grants, "renew">;
  readonly provider: (id: string) => Provider | undefined;
  /** The accounts there are, with their credentials. */
  present(): Promise<Present[]>;
  check(account: NewAccount, key: AccountKey, signal: AbortSignal): Promise<CheckResult>;
  /** @throws PorticoError `invalid_request` naming the field */
  add(account: AccountDraft, credential: Credential): Promise<AccountView>;
}

export interface Wanted {
  readonly place: string;
  readonly draft: AccountDraft;
  readonly credential: Credential;
}

export interface AddOptions {
  readonly signal: AbortSignal;
  /** Add it although the call that should prove it failed. */
  readonly keep?: boolean;
}

/** What was proved, which may hold newer tokens than what was given. */
export type Proved =
  | { readonly ok: true; readonly credential: Credential; readonly models: string[] }
  | { readonly ok: false; readonly credential: Credential; readonly result: AddResult & { ok: false } };

export class Adding {
  readonly #deps: AddingDeps;

  constructor(deps: AddingDeps) {
    this.#deps = deps;
  }

  /** A real, cheap call. Keeps nothing. */
  async prove(draft: AccountDraft, given: Credential, signal: AbortSignal): Promise<Proved> {
    let credential = given;
    const failed = (reason: Extract<CheckResult, { ok: false }>["reason"], message: string): Proved => ({
      ok: false,
      credential,
      result: { ok: false, reason, message, canKeep: true },
    });
    const problem = missingAddress(draft);
    if (problem !== undefined) return failed("other", problem);
    if (given.kind !== "apiKey" && given.accessToken === undefined) {
      try {
        credential = withTokens(given, await this.#deps.grants.renew(given));
      } catch (error) {
        if (error instanceof GrantRefused) {
          const label = draft.label ?? "the account";
          const message = error.final ? refusedMessage(label, given, error) : error.message;
          return failed("key-refused", message);
        }
        if (error instanceof PorticoError) return failed("unreachable", error.message);
        throw error;
      }
    }
    const checked = await this.#deps.check(draft, sent(credential), signal);
    if (checked.ok) return { ok: true, credential, models: checked.models };
    return failed(checked.reason, checked.message);
  }

  /** Proves it and adds it. */
  async add(
    draft: AccountDraft,
    given: Credential,
    { signal, keep = false }: AddOptions,
  ): Promise<AddResult> {
    const twin = await this.sameAs(draft, given);
    if (twin !== undefined) return duplicate(twin);
    const proved = await this.prove(draft, given, signal);
    if (!proved.ok && !keep) return proved.result;
    signal.throwIfAborted();
    try {
      const account = await this.#deps.add(draft, proved.credential);
      return { ok: true, account, models: proved.ok ? proved.models : [] };
    } catch (error) {
      if (!(error instanceof PorticoError)) throw error;
      return { ok: false, reason: "other", message: error.message };
    }
  }

  /** Each for itself: one that fails keeps no other back. In the order given. */
  async addAll(wanted: readonly Wanted[], signal: AbortSignal): Promise<PlacedResult[]> {
    const results = new Map<Wanted, PlacedResult>();
    const waiting = [...wanted];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { place, draft, credential } = next;
        results.set(next, { place, ...(await this.add(draft, credential, { signal })) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return wanted.flatMap((each) => results.get(each) ?? []);
  }

  /** @returns the label of the account that has this credential at this place */
  async sameAs(draft: AccountDraft, credential: Credential): Promise<string | undefined> {
    const { provider } = this.#deps;
    const identity = identityOf({ ...draft, id: "" }, credential, provider);
    const twin = (await this.#deps.present()).find(
      (each) =>
        each.credential !== undefined && identityOf(each.account, each.credential, provider) === identity,
    );
    return twin === undefined ? undefined : (twin.account.label ?? twin.account.id);
  }
}

function duplicate(label: string): AddResult {
  return {
    ok: false,
    reason: "duplicate",
    message: `That is the account "${label}", which is here already.`,
  };
}
