/** What a gateway offers to whoever leads or runs it, and what it needs. */
import type { Problem, ProxyState } from "../control/contract.ts";
import type { Protocol } from "../control/protocol.ts";
import type { Credentials, CredentialsOptions } from "./accounts/credentials/credentials.ts";
import type { AccountPool } from "./accounts/pool.ts";
import type { CutBy } from "./common/cut.ts";
import type { PoolPort } from "./pool/port.ts";
import type { Account } from "./providers/account.ts";
import type { Handed, LateState } from "./records/handed.ts";
import type { Published } from "./records/price.ts";
import type { PriceQuestion } from "./records/prices.ts";
import type { RequestRecord } from "./records/record.ts";
import type { RouteExplanation } from "./requests/explainRoute.ts";
import type { OfferedModel } from "./routing/catalog.ts";
import type { RouteSettings, Settings } from "./settings/settings.ts";
import type { ResponsesFile } from "./state/responsesFile.ts";
import type { SignaturePersistence } from "./state/signatureStore.ts";
import type { StateStore } from "./state/stateStore.ts";
import type { Traces } from "./telemetry/traces.ts";
import type { JsonReply } from "./upstream/fetchJson.ts";

export interface Gateway {
  readonly state: ProxyState;
  /** Requests in flight. */
  readonly active: number;
  /** What a person has to mend in the accounts. */
  readonly problems: readonly Problem[];
  /** No account of the person's own: only the sandbox answers. */
  readonly sandboxOnly: boolean;
  readonly accounts: readonly Account[];
  /** How accounts fare, their quotas, the person's budgets. */
  readonly pool: AccountPool;
  /** What goes to a receiver of the person's own. */
  readonly traces: Pick<Traces, "counts" | "use">;
  /** What the accounts show their providers; works also while the proxy is stopped. */
  readonly credentials: Credentials;
  /** Opens the data port. Resolves with `running` or `failed`; does not throw for a taken port. */
  start(): Promise<ProxyState>;
  /**
   * Refuses new requests, lets those in flight end for up to `drainMs`, then cuts them. The port is free
   * when this returns; resolves when all is over. Again with less time: those of before have no more either.
   */
  stop(drainMs?: number, by?: CutBy): Promise<void>;
  /** Opens the port anew; requests in flight end meanwhile, for up to `drainMs`. Else as `start`. */
  restart(drainMs: number): Promise<ProxyState>;
  /**
   * New settings, without dropping a request. Accounts and routes apply to the next request; a
   * change of port or LAN access opens the new listener before the old one closes.
   */
  apply(settings: Settings): Promise<ProxyState>;
  /** Also told when other gateways of the pool come and go, or its engine does. @returns a function that ends it */
  onState(listener: (state: ProxyState) => void): () => void;
  /**
   * Another process is to take over: what is known is saved, and from then on nothing is, and no token renewed.
   * Requests in flight go on; `stop` ends them. @param withinMs for renewals under way
   */
  leave(withinMs: number): Promise<void>;
  /**
   * What another process did and found out after it had left.
   * @param held as `AccountHealth.snapshot` has it
   * @throws PorticoError `unavailable` where this one has left itself
   */
  take(handed: readonly Handed[], held: unknown): void;
  /** What conversations need of requests that ended since it left, and was not given before. */
  late(): LateState | undefined;
  /** Takes up what was saved, as `start` does. Never rejects. */
  load(): Promise<void>;
  /** An account has another credential, or was seen to work: what held it back is forgotten. */
  mended(account: string): void;
  /** Keys can be read again: lists that could not be are due. Holds stay as they are. */
  askAgain(): void;
  /** A small request of our own to an account, kept or not: for checks and lists. */
  getJson(
    account: Account,
    path: string,
    protocol: Protocol,
    signal?: AbortSignal,
    body?: unknown,
  ): Promise<JsonReply>;
  /** Where a request for a model would go, and why. Reads model lists; sends the model nothing. */
  explain(
    model: string,
    protocol: Protocol,
    /** In place of those in force. */
    routes?: readonly RouteSettings[],
  ): Promise<RouteExplanation>;
  /** Of these models, as clients name them: those that some account serves and none can answer now. */
  unanswered(models: readonly string[]): string[];
  /** Every name a client can send. Reads model lists; waits for slow ones a few seconds. */
  models(): Promise<readonly OfferedModel[]>;
}

export interface GatewayOptions {
  /** Listen on exactly this address. */
  readonly host?: string;
  /** The level of the line that each request gets in the log; `info`, if not said otherwise. */
  readonly accessLog?: "info" | "debug";
  /** Gets every finished request. */
  readonly onRecord?: (record: RequestRecord) => void;
  /** Requests that could not be recorded, since the start. */
  readonly recordsDropped?: () => number;
  /** Where signatures of reasoning outlive the process; without, they are kept in memory. */
  readonly signatures?: SignaturePersistence;
  /** Where stored responses outlive the process, if `responses.onDisk` is set. */
  readonly responses?: ResponsesFile;
  /** Where what is known of the accounts outlives the process; without, it is kept in memory. */
  readonly state?: StateStore;
  /** What providers publish of their prices, for budgets in USD; absent: the person's own prices alone. */
  readonly prices?: (question: PriceQuestion) => Published;
  /** Secrets that traces must not tell; the same list until there is another. */
  readonly secrets?: () => readonly string[];
  /** Whether an account has something in the secret store; `undefined`: that is not known. */
  readonly hasSecret?: (account: string) => boolean | undefined;
  /** Other gateways that this one is a pool with; absent: it is alone. Whoever gives it closes it. */
  readonly shared?: PoolPort;
  /** Why the gateway's own key cannot be read now, for a person. */
  readonly keyFailure?: () => string | undefined;
  /** Where accounts sign in, if not at their providers' own addresses. */
  readonly credentials?: CredentialsOptions;
  /** What a person does here to add an account; absent: whatever there is. */
  readonly howToAdd?: string;
}
