/** What routing hands to the attempt loop. */
import type { Account } from "../accounts/account.ts";
import type { Protocol } from "../protocols/protocol.ts";

/** One place a request can go to. */
export interface Candidate {
  readonly account: Account;
  /** The protocol of the endpoint to use. */
  readonly protocol: Protocol;
  /** The model's name there. */
  readonly model: string;
  /** Index of the route's target it came from; candidates of one target are alternatives. */
  readonly target: number;
}

export interface ModelInfo {
  /** Name a client can send. */
  readonly id: string;
  readonly account: string;
  readonly provider: string;
  readonly label?: string;
  /** Unix seconds; absent where the provider does not say. */
  readonly created?: number;
  /** Tokens. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}
