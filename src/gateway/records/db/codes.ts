/** Small numbers for what has few values. They are in files: add at the end, never change one. */

import { PROTOCOLS } from "../../../control/protocol.ts";
import type { RequestLane, RequestOutcome } from "../../../control/requests.ts";

/** 0 stands for none. */
const LANE_CODES: readonly RequestLane[] = ["A", "B", "sandbox"];
const OUTCOME_CODES: readonly RequestOutcome[] = ["ok", "failed", "client-gone"];

export interface Code<T> {
  /** 0 also for a value that is not among them. */
  to(value: string | undefined): number;
  from(code: unknown): T | undefined;
}

function codes<T extends string>(values: readonly T[]): Code<T> {
  return {
    to: (value) => (value === undefined ? 0 : values.indexOf(value as T) + 1),
    from: (code) => (typeof code === "number" ? values[code - 1] : undefined),
  };
}

export const protocolCode = codes(PROTOCOLS);
export const laneCode = codes(LANE_CODES);
export const outcomeCode = codes(OUTCOME_CODES);

/** What the sums of `…Parts` are by. */
export const BY_CODES = { all: 0, model: 1, account: 2, client: 3, protocol: 4, key: 5 } as const;

export const FLAG = {
  streamKnown: 1,
  stream: 2,
  failedOver: 4,
  stickyKnown: 8,
  sticky: 16,
  estimated: 32,
  /** Statistics count it. */
  counted: 64,
} as const;

export const NANO = 1e9;
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
