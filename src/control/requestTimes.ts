/** When a request ended: lists are in that order, so that is the time they show. Pure. */
import type { RequestRow } from "./requests.ts";

/** Milliseconds since 1970. */
export const endedAt = ({ time, durationMs }: Pick<RequestRow, "time" | "durationMs">): number =>
  time + durationMs;
