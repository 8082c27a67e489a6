/** What may arrive over the control API about accounts at work. */
import * as z from "zod";
import type { AccountMethods } from "../../../control/accounts.ts";
import type { Params } from "../../../control/contract.ts";
import { PROTOCOLS } from "../../../control/protocol.ts";
import { keySchema } from "../../settings/keySchema.ts";
import { accountSchema } from "../../settings/settings.ts";
import { routeRules } from "./settings.ts";

type AccountMethod = keyof AccountMethods;

const { label, priority, enabled } = accountSchema.shape;
const id = z.string().min(1).max(64);

export const accountParamSchemas: { readonly [M in AccountMethod]: z.ZodType<Params<M>> } = {
  "accounts.list": z.undefined(),
  "accounts.update": z.strictObject({
    id,
    enabled: enabled.unwrap().exactOptional(),
    priority: priority.unwrap().exactOptional(),
    label: label.unwrap().exactOptional(),
  }),
  "accounts.test": z.strictObject({ id }),
  "accounts.replaceKey": z.strictObject({
    id,
    apiKey: keySchema,
    keep: z.boolean().exactOptional(),
  }),
  "accounts.quotas.refresh": z.undefined(),
  "accounts.clear": z.strictObject({ id, model: z.string().min(1).max(500).exactOptional() }),
  "route.explain": z.strictObject({
    model: z.string().trim().min(1).max(500),
    protocol: z.enum(PROTOCOLS).exactOptional(),
    routes: routeRules.exactOptional(),
  }),
};
