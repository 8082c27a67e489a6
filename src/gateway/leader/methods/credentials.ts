/** Serves the methods about credentials. */
import * as z from "zod";
import type { CredentialMethods } from "../../../control/methods/credentials.ts";
import { cleanKey } from "../../../control/pastedText.ts";
import { draft } from "./newAccount.ts";
import type { Served } from "./served.ts";

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

export const credentialMethods: Served<CredentialMethods> = {
  "accounts.signIn.google": {
    params: z.union([
      again.extend({ client: client.exactOptional() }),
      z.strictObject({ account: draft, client, quotaProject: project }),
    ]),
    run: ({ credentials }, params) => credentials.signInWithGoogle(params),
  },
  "accounts.signIn.openrouter": {
    params: z.union([again, z.strictObject({ account: draft.omit({ provider: true }).exactOptional() })]),
    run: ({ credentials }, params) => credentials.signInWithOpenRouter(params),
  },
  "accounts.signIn.await": {
    params: z.strictObject({ id: signInId, keep: z.boolean().exactOptional() }),
    run: ({ credentials }, { id, keep = false }, { signal }) => credentials.awaitSignIn(id, keep, signal),
  },
  "accounts.signIn.paste": {
    params: z.strictObject({ id: signInId, url: z.string().max(10_000) }),
    run({ credentials }, { id, url }) {
      credentials.pasteSignIn(id, url);
      return { accepted: true };
    },
  },
  "accounts.signIn.cancel": {
    params: z.strictObject({ id: signInId }),
    run: ({ credentials }, { id }) => ({ cancelled: credentials.cancelSignIn(id) }),
  },
  "accounts.addMany": {
    params: z.strictObject({
      account: draft.omit({ id: true, label: true }),
      text: longText,
      client: client.exactOptional(),
      quotaProject: project,
    }),
    run: ({ credentials }, params, { signal }) => credentials.addMany(params, signal),
  },
  "accounts.export": {
    params: z.strictObject({ ids: z.array(accountId).max(1000).exactOptional(), passphrase }),
    run: ({ credentials }, params) => credentials.exportAccounts(params),
  },
  "accounts.import.preview": {
    params: importParams,
    run: ({ credentials }, params) => credentials.previewImport(params),
  },
  "accounts.import.apply": {
    params: importParams,
    run: ({ credentials }, params) => credentials.importAccounts(params),
  },
  "accounts.discover": {
    params: z.strictObject({ envFile: path.exactOptional() }).optional(),
    run: ({ credentials }, params) => credentials.discover(params?.envFile),
  },
  "accounts.discover.take": {
    params: z.strictObject({
      ids: z.array(z.string().max(100)).min(1).max(100),
      envFile: path.exactOptional(),
    }),
    run: ({ credentials }, { ids, envFile }, { signal }) => credentials.takeDiscovered(ids, envFile, signal),
  },
};
