/** What tells an account's credential from others, for gateways that share it: never a token, which is renewed. */
import type { Owned } from "../../pool/owners.ts";
import type { AccountSettings } from "../../settings/settings.ts";
import type { Credential } from "./credential.ts";
import type { AccountTokens } from "./tokens.ts";

/**
 * As secret as the credential.
 * @returns `undefined`: there is none, or nothing about it lasts
 * @throws PorticoError where it cannot be read now
 */
export async function identityOf(
  { id, credentials, headers }: Pick<AccountSettings, "id" | "credentials" | "headers">,
  tokens: Pick<AccountTokens, "stored">,
): Promise<string | undefined> {
  const written = credentials?.apiKey;
  if (written !== undefined || headers !== undefined) return keyed(written, headers);
  const stored = await tokens.stored(id);
  return stored === undefined ? undefined : lasting(stored);
}

/**
 * How this gateway has a sign-in that others of its pool may have as well.
 * @returns `undefined`: it has a credential that is good for many
 * @throws PorticoError where it cannot be read now
 */
export async function signInOf(
  { id, credentials, headers }: Pick<AccountSettings, "id" | "credentials" | "headers">,
  tokens: Pick<AccountTokens, "stored">,
): Promise<Omit<Owned, "account"> | undefined> {
  if (credentials?.apiKey !== undefined || headers !== undefined) return undefined;
  const stored = await tokens.stored(id);
  if (stored?.kind !== "googleOAuth") return undefined;
  return { owning: stored.signedInHere === true ? "own" : "copied", rotates: stored.rotates === true };
}

function lasting(credential: Credential): string | undefined {
  switch (credential.kind) {
    case "apiKey":
      return keyed(credential.apiKey, credential.headers);
    case "googleOAuth":
      // Whoever signed in is not always known.
      return credential.email === undefined
        ? undefined
        : JSON.stringify(["oauth", credential.clientId, credential.email]);
    case "serviceAccount":
      return JSON.stringify(["serviceAccount", credential.json.client_email]);
  }
}

/** The same wherever it is kept. */
const keyed = (key: string | undefined, headers: Readonly<Record<string, string>> | undefined): string =>
  JSON.stringify(["apiKey", key ?? "", Object.entries(headers ?? {}).sort()]);
