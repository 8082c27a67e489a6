/** What may arrive over the control API about accounts at work: params, and for its clients results. */
import * as z from "zod";
import type { AccountMethods } from "../../control/accounts.ts";
import type { Params, Result } from "../../control/contract.ts";
import { keySchema } from "../accounts/credentials/keySchema.ts";
import { PROTOCOLS } from "../protocols/protocol.ts";
import { accountSchema } from "../settings.ts";
import { accountView } from "./credentialSchemas.ts";
import { routeRules } from "./settingSchemas.ts";

type AccountMethod = keyof AccountMethods;

/** Of all accounts together; what is beyond is in `accounts.list`. */
export const MAX_HELD_SHOWN = 50;
/** Of one account in a list. */
export const MAX_LISTED = 50;

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

const text = z.string().max(10_000);

export const checkResult = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), models: z.array(z.string().max(500)).max(10_000) }),
  z.object({
    ok: z.literal(false),
    reason: z.enum(["key-refused", "unreachable", "other"]),
    message: text,
  }),
]);

const hold = z.object({
  model: text.exactOptional(),
  condition: z.enum(["cooling", "exhausted", "needs-attention"]),
  reason: text,
  until: z.number().exactOptional(),
  resetAt: z.number().exactOptional(),
});
export const heldAccount = hold.extend({ account: text, label: text });

const listed = accountView.extend({
  state: z.enum(["ready", "cooling", "exhausted", "needs-attention", "disabled"]),
  held: z.array(hold).max(MAX_LISTED),
  quotas: z
    .array(
      z.object({
        model: text.exactOptional(),
        name: text,
        unit: text,
        remaining: z.number().exactOptional(),
        limit: z.number().exactOptional(),
        resetAt: z.number().exactOptional(),
        window: z.enum(["minute", "hour", "day", "week", "month"]).exactOptional(),
        readAt: z.number().exactOptional(),
      }),
    )
    .max(MAX_LISTED),
  credential: z.enum(["key", "google", "openrouter", "service-account", "none"]),
  inFlight: z.int().exactOptional(),
  maxInFlight: z.int().exactOptional(),
  lastUsed: z.number().exactOptional(),
  usedBy: z.array(text).max(MAX_LISTED).exactOptional(),
});
const lines = z.array(text).max(5000);

export const accountResultSchemas: { readonly [M in AccountMethod]: z.ZodType<Result<M>> } = {
  "accounts.list": z.array(listed).max(2000),
  "accounts.update": accountView,
  "accounts.test": checkResult,
  "accounts.replaceKey": checkResult,
  "accounts.quotas.refresh": z.array(listed).max(2000),
  "accounts.clear": z.array(listed).max(2000),
  "route.explain": z.object({
    routing: lines,
    scheduling: lines,
    chosen: z.object({ account: text, model: text, protocol: z.enum(PROTOCOLS) }).exactOptional(),
  }),
};
