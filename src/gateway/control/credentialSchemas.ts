/** What may arrive over the control API about credentials: params, and for its clients results. */
import * as z from "zod";
import type { Params, Result } from "../../control/contract.ts";
import type { CredentialMethods } from "../../control/credentials.ts";
import { headersSchema } from "../accounts/credentials/headers.ts";
import { keySchema } from "../accounts/credentials/keySchema.ts";
import { cleanKey } from "../pastedText.ts";
import { PROTOCOLS } from "../protocols/protocol.ts";
import { PROVIDER_IDS } from "../providers/ids.ts";
import { accountSchema } from "../settings.ts";

type CredentialMethod = keyof CredentialMethods;

const { id, label, priority, endpoints, models } = accountSchema.shape;

const draftShape = {
  id: id.exactOptional(),
  provider: z.enum(PROVIDER_IDS, { error: "is not a provider that Portico knows" }),
  label: label.unwrap().exactOptional(),
  priority: priority.unwrap().exactOptional(),
  endpoints: endpoints.unwrap().exactOptional(),
  models: models.unwrap().exactOptional(),
};
const draft = z.strictObject(draftShape);

/** What `accounts.check` and `accounts.add` take. */
export const newAccount = z.strictObject({
  ...draftShape,
  apiKey: keySchema.exactOptional(),
  headers: headersSchema.exactOptional(),
});

export const accountView = z.object({
  id: z.string().max(10_000),
  provider: z.string().max(10_000),
  label: z.string().max(10_000),
  priority: z.int(),
  enabled: z.boolean(),
  protocols: z.array(z.enum(PROTOCOLS)),
  readOnly: z.boolean(),
});

const accountId = z.string().min(1).max(64);
const again = z.strictObject({ again: accountId });
const project = z
  .string()
  .trim()
  .regex(/^[a-z0-9.:-]{1,200}$/i, { error: "must be the id of a Google Cloud project" })
  .exactOptional();
const client = z.strictObject({
  clientId: z.string().overwrite(cleanKey).min(1).max(1000),
  clientSecret: z.string().overwrite(cleanKey).min(1).max(1000).exactOptional(),
});
const signInId = z.string().max(100);
const path = z.string().min(1).max(4096);
/** Characters; a message over the control API has a mebibyte. */
const longText = z.string().max(900_000);
const passphrase = z.string().min(1).max(1000).exactOptional();
const importParams = z.strictObject({ text: longText, passphrase });

export const credentialParamSchemas: { readonly [M in CredentialMethod]: z.ZodType<Params<M>> } = {
  "accounts.signIn.google": z.union([
    again.extend({ client: client.exactOptional() }),
    z.strictObject({ account: draft, client, quotaProject: project }),
  ]),
  "accounts.signIn.openrouter": z.union([
    again,
    z.strictObject({ account: draft.omit({ provider: true }).exactOptional() }),
  ]),
  "accounts.signIn.await": z.strictObject({ id: signInId, keep: z.boolean().exactOptional() }),
  "accounts.signIn.paste": z.strictObject({ id: signInId, url: z.string().max(10_000) }),
  "accounts.signIn.cancel": z.strictObject({ id: signInId }),
  "accounts.addMany": z.strictObject({
    account: draft.omit({ id: true, label: true }),
    text: longText,
    client: client.exactOptional(),
    quotaProject: project,
  }),
  "accounts.export": z.strictObject({ ids: z.array(accountId).max(1000).exactOptional(), passphrase }),
  "accounts.import.preview": importParams,
  "accounts.import.apply": importParams,
  "accounts.discover": z.strictObject({ envFile: path.exactOptional() }).optional(),
  "accounts.discover.take": z.strictObject({
    ids: z.array(z.string().max(100)).min(1).max(100),
    envFile: path.exactOptional(),
  }),
};

const text = z.string().max(10_000);

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

export const credentialResultSchemas: { readonly [M in CredentialMethod]: z.ZodType<Result<M>> } = {
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
    entries: z
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
      .max(1000),
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
