/** Serves the methods about client keys. */
import * as z from "zod";
import type { KeyMethods } from "../../../control/methods/keys.ts";
import { clientKeyFields } from "../../settings/clientKeys.ts";
import type { Served } from "./served.ts";

const { models, accounts, budgets, perMinute, atOnce, from, note } = clientKeyFields.shape;
const expiresAt = z.int().positive().exactOptional();
const limits = { models, accounts, budgets, perMinute, atOnce, from, expiresAt, note };
const id = z.string().min(1).max(64);
const name = z.string().min(1).max(100);
const MOST_GRACE_MS = 30 * 86_400_000;

const orNone = <T extends z.ZodType>(schema: z.ZodExactOptional<T>) =>
  schema.unwrap().nullable().exactOptional();

export const keyMethods: Served<KeyMethods> = {
  "keys.list": { params: z.undefined(), run: ({ keys }) => keys.list() },
  "keys.add": { params: z.strictObject({ name, ...limits }), run: ({ keys }, key) => keys.add(key) },
  "keys.update": {
    params: z.strictObject({
      id,
      name: name.exactOptional(),
      enabled: z.boolean().exactOptional(),
      models: orNone(models),
      accounts: orNone(accounts),
      budgets: orNone(budgets),
      perMinute: orNone(perMinute),
      atOnce: orNone(atOnce),
      from: orNone(from),
      expiresAt: orNone(expiresAt),
      note: orNone(note),
    }),
    run: ({ keys }, change) => keys.update(change),
  },
  "keys.rotate": {
    params: z.strictObject({ id, graceMs: z.int().min(0).max(MOST_GRACE_MS).exactOptional() }),
    run: ({ keys }, { id, graceMs }) => keys.rotate(id, graceMs),
  },
  "keys.revoke": {
    params: z.strictObject({ id }),
    run: async ({ keys }, { id }) => ({ revoked: await keys.revoke(id) }),
  },
};
