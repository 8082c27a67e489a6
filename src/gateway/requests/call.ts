/** A client's request as the attempt loop sees it, whatever protocol it came in. */

import type { Protocol } from "../../control/protocol.ts";
import type { Framing } from "../protocols/codec.ts";
import type { Operation } from "../protocols/operation.ts";
import type { AccountKey } from "../providers/account.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Outgoing } from "../upstream/exchange.ts";

export interface Call {
  /** Id of the request, in the log, in replies and in headers. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly operation: Operation;
  /** The model the client named; `""` where the operation has none. */
  readonly model: string;
  readonly stream: boolean;
  /** Of the stream that it wants; `sse` where it wants none. */
  readonly framing: Framing;
  /** The parsed body; `undefined` for bodies that are not JSON. */
  readonly json: unknown;
  /** Does the body hold this text? A search of bytes, for what is nearly never there. */
  readonly mentions?: (text: string) => boolean;
  /** The client's headers, names and values in turn. */
  readonly headers: readonly string[];
  /**
   * The request as it goes to this candidate in the client's own protocol, credentials included.
   * @param body instead of the client's bytes, for a request that had to be edited
   */
  outgoing(
    candidate: Candidate,
    key: AccountKey | undefined,
    body?: Readonly<Record<string, unknown>>,
  ): Outgoing;
}
