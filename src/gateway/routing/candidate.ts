/** What routing hands to the attempt loop. */

import type { Protocol } from "../../control/protocol.ts";
import type { RouteEdit } from "../protocols/editBody.ts";
import type { ServedModel } from "../protocols/modelList.ts";
import type { Account } from "../providers/account.ts";

/** One place a request can go to. */
export interface Candidate {
  readonly account: Account;
  /** The protocol of the endpoint to use. */
  readonly protocol: Protocol;
  /** The model's name there. */
  readonly model: string;
  /** Index of the route's target it came from; candidates of one target are alternatives. */
  readonly target: number;
  /** The account's list is not known, or lacks the model: it may serve it. */
  readonly unsure?: boolean;
  /** It alone can read what the request brings: it goes first, whatever the strategy. */
  readonly bound?: boolean;
  /** What the route changes in a request. */
  readonly edit?: RouteEdit;
  /** The route it comes from, as its `model` pattern; absent: the catalog named it. */
  readonly route?: string;
  /** The background rule that a request for it met. */
  readonly background?: string;
}

/** A model of the gateway's list; its id is a name that a client can send. */
export interface ModelInfo extends ServedModel {
  readonly account: string;
}
