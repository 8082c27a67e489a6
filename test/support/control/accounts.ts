/** What the control API answers about accounts and credentials: all of it, with its bounds. */
import * as z from "zod";
import type { Result } from "../../../src/control/contract.ts";
import type { AccountMethods } from "../../../src/control/methods/accounts.ts";
import type { BackupMethods } from "../../../src/control/methods/backup.ts";
import type { CredentialMethods } from "../../../src/control/methods/credentials.ts";
import { PROTOCOLS } from "../../../src/control/protocol.ts";

const text = z.string().max(10_000);

const accountView = z.object({
  id: z.string().max(10_000),
  provider: z.string().max(10_000),
  label: z.string().max(10_000),
  priority: z.int(),
  enabled: z.boolean(),
  protocols: z.array(z.enum(PROTOCOLS)),
  readOnly: z.boolean(),
  pausable: z.boolean().exactOptional(),
  switched: z.boolean().exactOptional(),
});

const checkResult = z.discriminatedUnion("ok", [
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
  held: z.array(hold).max(50),
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
    .max(50),
  credential: z.enum(["key", "google", "openrouter", "service-account", "none"]),
  inFlight: z.int().exactOptional(),
  maxInFlight: z.int().exactOptional(),
  lastUsed: z.number().exactOptional(),
  usedBy: z.array(text).max(50).exactOptional(),
});
const lines = z.array(text).max(5000);

export const accountResultSchemas: { readonly [M in keyof AccountMethods]: z.ZodType<Result<M>> } = {
  "providers.list": z
    .array(
      z.object({
        id: text,
        label: text,
        protocols: z.array(z.enum(PROTOCOLS)),
        needsBaseUrl: z.boolean(),
        example: text.exactOptional(),
        keyRequired: z.boolean(),
        keyPage: text.exactOptional(),
      }),
    )
    .max(1000),
  "accounts.check": checkResult,
  "accounts.add": accountView,
  "accounts.remove": z.object({ removed: z.boolean() }),
  "local.detect": z
    .array(
      z.object({
        provider: text,
        label: text,
        baseUrl: text,
        models: z.array(z.string().max(500)).max(10_000),
      }),
    )
    .max(100),
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

const signInStarted = z.object({
  id: text,
  url: text,
  redirectUri: text,
  expiresAt: z.number(),
  notes: z.array(text).max(20),
});

const added = { ok: z.literal(true), account: accountView, models: z.array(z.string().max(500)).max(10_000) };
const notAdded = {
  ok: z.literal(false),
  reason: z.enum([
    "denied",
    "refused",
    "wrong-state",
    "timeout",
    "cancelled",
    "key-refused",
    "unreachable",
    "duplicate",
    "other",
  ]),
  message: text,
  canKeep: z.boolean().exactOptional(),
};
const addResult = z.discriminatedUnion("ok", [z.object(added), z.object(notAdded)]);
const placedResults = z
  .array(
    z.discriminatedUnion("ok", [z.object({ place: text, ...added }), z.object({ place: text, ...notAdded })]),
  )
  .max(5000);

const importEntries = z
  .array(
    z.object({
      id: text,
      provider: text,
      label: text,
      action: z.enum(["add", "duplicate", "conflict"]),
      newId: text.exactOptional(),
      sameAs: text.exactOptional(),
      needsKey: z.boolean(),
    }),
  )
  .max(1000);

export const credentialResultSchemas: { readonly [M in keyof CredentialMethods]: z.ZodType<Result<M>> } = {
  "accounts.signIn.google": signInStarted,
  "accounts.signIn.openrouter": signInStarted,
  "accounts.signIn.await": addResult,
  "accounts.signIn.paste": z.object({ accepted: z.boolean() }),
  "accounts.signIn.cancel": z.object({ cancelled: z.boolean() }),
  "accounts.addMany": placedResults,
  "accounts.export": z.object({
    text: z.string().max(16 * 1024 * 1024),
    accounts: z.int(),
    secrets: z.boolean(),
  }),
  "accounts.import.preview": z.object({
    entries: importEntries,
    exportedAt: z.number(),
    secrets: z.boolean(),
  }),
  "accounts.import.apply": z.array(accountView).max(1000),
  "accounts.discover": z
    .array(
      z.object({
        id: text,
        provider: text,
        label: text,
        source: text,
        name: text,
        masked: text,
        sameAs: text.exactOptional(),
      }),
    )
    .max(100),
  "accounts.discover.take": placedResults,
};

const restoredList = z.strictObject({ added: z.int(), replaced: z.int(), kept: z.int() });
const restorePlan = z.strictObject({
  accounts: importEntries,
  routes: restoredList,
  budgets: restoredList,
  prices: restoredList,
  keys: restoredList,
  settings: z.array(z.strictObject({ name: text, from: z.string(), to: z.string() })).max(100),
  left: z.array(z.strictObject({ name: text, why: z.enum(["config", "machine", "unknown"]) })).max(100),
  exportedAt: z.number(),
  changes: z.boolean(),
});

export const backupResultSchemas: { readonly [M in keyof BackupMethods]: z.ZodType<Result<M>> } = {
  "backup.export": z.strictObject({
    text: z.string().max(900_000),
    accounts: z.int(),
    routes: z.int(),
    budgets: z.int(),
    keys: z.int(),
  }),
  "backup.preview": restorePlan,
  "backup.apply": restorePlan,
};
