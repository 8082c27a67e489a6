/** What the gateway asks about a protocol beside translating it: the second face of a protocol's folder. */

import type { Protocol } from "../../control/protocol.ts";
import type { Usage } from "./chat.ts";

/**
 * Adds up what one reply says about tokens and cost. There is one per protocol and reply: translation feeds it
 * from decoded events, passthrough from the objects that `UsageScan` finds in the bytes.
 */
export interface UsageReader {
  /** An object of counts in the order of the reply. Anything else is passed over, never thrown at. */
  add(counts: unknown): void;
  /** `undefined` until something was counted. */
  readonly usage: Usage | undefined;
}

export interface UsageFormat {
  /** The keys under which replies hold their objects of counts. */
  readonly keys: readonly string[];
  /** Does each object tell everything anew, so that the last one that counts anything decides? */
  readonly restated: boolean;
  reader(): UsageReader;
}

export interface Wire {
  readonly protocol: Protocol;
  readonly usage: UsageFormat;
}

/** A reader for protocols that restate their counts. @param decode `undefined` where nothing is counted */
export function lastUsage(decode: (counts: unknown) => Usage | undefined): UsageReader {
  let usage: Usage | undefined;
  return {
    add(counts) {
      usage = decode(counts) ?? usage;
    },
    get usage() {
      return usage;
    },
  };
}

/** What a whole reply says of its usage. @param candidates the places where it may stand, the best one last */
export function usageIn(format: UsageFormat, ...candidates: readonly unknown[]): Usage | undefined {
  const reader = format.reader();
  for (const counts of candidates) reader.add(counts);
  return reader.usage;
}
