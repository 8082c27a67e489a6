/** What may arrive over the control API about credentials. */
import * as z from "zod";
import type { Params } from "../../../control/contract.ts";
import type { CredentialMethods } from "../../../control/credentials.ts";
import { cleanKey } from "../../../control/pastedText.ts";
import { PROVIDER_IDS } from "../../providers/ids.ts";
import { headersSchema } from "../../settings/accountHeaders.ts";
import { keySchema } from "../../settings/keySchema.ts";
import { accountSchema } from "../../settings/settings.ts";

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
