/** Where what the gateway learned outlives it: health, conversations, quotas, budgets, bindings. */
import * as z from "zod";

/** Both may fail: the gateway then goes on with what it learns itself. */
export interface StateStore {
  /** What `save` was given last; `undefined` where there is nothing. */
  load(): Promise<GatewayState | undefined>;
  save(state: GatewayState): Promise<void>;
}

/** Each part is checked by whoever it belongs to, entry by entry. */
export const stateSchema = z.object({
  version: z.literal(1),
  /** Milliseconds since 1970. */
  savedAt: z.number(),
  health: z.array(z.unknown()).default([]),
  sessions: z.array(z.unknown()).default([]),
  quotas: z.array(z.unknown()).default([]),
  budgets: z.array(z.unknown()).default([]),
  bindings: z.array(z.unknown()).default([]),
  keys: z.unknown().optional(),
});
export type GatewayState = z.output<typeof stateSchema>;
