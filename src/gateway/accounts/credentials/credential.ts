/**
 * What an account shows its provider, as the secret store has it: one value per account. A plain key
 * is kept as it is; everything else is JSON that says so.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { cleanKey, keyProblem } from "../../../control/pastedText.ts";
import { parseJson } from "../../common/json.ts";
import { headersSchema } from "../../settings/accountHeaders.ts";

const VERSION = 1;
/** In every JSON value, so that no provider's key is ever taken for one. */
const MARK = "credential";

const secret = z.string().min(1).max(10_000);

const apiKeySchema = z.object({
  kind: z.literal("apiKey"),
  /** Absent where only headers go. */
  apiKey: secret.exactOptional(),
  /** Of the person's own, for a server of their own. */
  headers: headersSchema.exactOptional(),
});

const token = {
  accessToken: secret.exactOptional(),
  /** Milliseconds since 1970. */
  expiresAt: z.number().exactOptional(),
  /** Milliseconds since 1970 from which a new one is fetched. */
  renewAt: z.number().exactOptional(),
  /** Billed and counted there, as `x-goog-user-project`. */
  quotaProject: z.string().min(1).max(200).exactOptional(),
};

const googleOAuthSchema = z.object({
  kind: z.literal("googleOAuth"),
  clientId: z.string().min(1).max(1000),
  clientSecret: secret.exactOptional(),
  refreshToken: secret,
  scopes: z.array(z.string().max(500)).max(50),
  email: z.string().max(320).exactOptional(),
  /** The client belongs to the tool whose file this came from (`gcloud`): nobody signs in with it here. */
  foreignClient: z.literal(true).exactOptional(),
  /** Granted to this Portico alone, by a sign-in here: of no use once the account is gone. */
  signedInHere: z.literal(true).exactOptional(),
  /** A renewal has replaced its refresh token: it is good for one Portico. */
  rotates: z.literal(true).exactOptional(),
  ...token,
});

/** The fields of Google's key file that a grant needs. https://google.aip.dev/auth/4112 */
export const serviceAccountKeySchema = z.object({
  type: z.literal("service_account"),
  client_email: z.string().min(3).max(320),
  private_key: z
    .string()
    .max(20_000)
    .regex(/^-----BEGIN (?:RSA )?PRIVATE KEY-----/, { error: "must be a PEM private key" }),
  private_key_id: z.string().max(200).exactOptional(),
  project_id: z.string().max(200).exactOptional(),
});

const serviceAccountSchema = z.object({
  kind: z.literal("serviceAccount"),
  json: serviceAccountKeySchema,
  scopes: z.array(z.string().max(500)).max(50),
  ...token,
});

export const credentialSchema = z.discriminatedUnion("kind", [
  apiKeySchema,
  googleOAuthSchema,
  serviceAccountSchema,
]);
export type Credential = z.output<typeof credentialSchema>;
export type ApiKeyCredential = z.output<typeof apiKeySchema>;
export type GoogleOAuth = z.output<typeof googleOAuthSchema>;
export type ServiceAccount = z.output<typeof serviceAccountSchema>;
/** Those that are exchanged for access tokens. */
export type TokenCredential = GoogleOAuth | ServiceAccount;

const envelopeSchema = z.looseObject({ portico: z.literal(MARK), version: z.int().positive() });

/** As it is kept. */
export function encodeCredential(credential: Credential): string {
  if (credential.kind === "apiKey" && credential.headers === undefined && credential.apiKey !== undefined) {
    return credential.apiKey;
  }
  return JSON.stringify({ portico: MARK, version: VERSION, ...credential });
}

/** @throws Error, without any of its text, when a newer Portico wrote it or it is damaged. */
export function decodeCredential(text: string): Credential {
  const json = ownJson(text);
  if (json === undefined) return { kind: "apiKey", apiKey: sendable(text) };
  if (json.version > VERSION) {
    throw new Error("The credential was stored by a newer Portico. Update Portico to use this account.");
  }
  const parsed = credentialSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error("The stored credential is damaged. Remove the account and add it again.");
}

/** A key that got here by hand, or before keys were cleaned. */
function sendable(text: string): string {
  const key = cleanKey(text);
  const problem = keyProblem(key);
  if (problem !== undefined) throw new Error(`The stored key ${problem}. Then replace it.`);
  return key;
}

function ownJson(text: string): z.output<typeof envelopeSchema> | undefined {
  return text.startsWith("{") ? envelopeSchema.safeParse(parseJson(text)).data : undefined;
}

/** What is exchanged for access tokens: it stays when they are renewed. */
export const grantIn = (credential: TokenCredential): string =>
  credential.kind === "googleOAuth" ? credential.refreshToken : credential.json.private_key;

/** The address of whoever signed in, where it is known. */
export function ownerOf(credential: Credential): string | undefined {
  if (credential.kind === "apiKey") return undefined;
  return credential.kind === "googleOAuth" ? credential.email : credential.json.client_email;
}

/** Every secret in a stored value, for the log's redaction: the value itself and its parts. */
export function secretsIn(text: string): string[] {
  let credential: Credential;
  try {
    credential = decodeCredential(text);
  } catch {
    return [text];
  }
  return [text, ...secretsOf(credential)];
}

/** Every secret in a credential. */
export function secretsOf(credential: Credential): string[] {
  const found =
    credential.kind === "apiKey"
      ? [credential.apiKey, ...Object.values(credential.headers ?? {})]
      : credential.kind === "googleOAuth"
        ? [credential.refreshToken, credential.clientSecret, credential.accessToken]
        : [credential.json.private_key, credential.accessToken];
  return found.filter((each) => each !== undefined);
}

/**
 * Would ending the one end the other? Google ends all that a person granted a client.
 * https://developers.google.com/identity/protocols/oauth2/native-app#tokenrevoke
 */
export function sharesGrant(a: GoogleOAuth, b: GoogleOAuth): boolean {
  if (a.refreshToken === b.refreshToken) return true;
  return a.clientId === b.clientId && (a.email ?? b.email) === (b.email ?? a.email);
}

/**
 * Tells whether two credentials are the same person's at the same provider; a renewed token changes
 * nothing. For comparing in memory: never stored or shown.
 */
export function fingerprint(credential: Credential): string {
  return createHash("sha256")
    .update(JSON.stringify(identity(credential)))
    .digest("hex");
}

function identity(credential: Credential): unknown[] {
  switch (credential.kind) {
    case "apiKey":
      return ["apiKey", credential.apiKey ?? "", Object.entries(credential.headers ?? {}).sort()];
    case "googleOAuth":
      return ["googleOAuth", credential.clientId, credential.email ?? credential.refreshToken];
    case "serviceAccount":
      return ["serviceAccount", credential.json.client_email];
  }
}
