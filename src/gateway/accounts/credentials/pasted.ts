/**
 * Google credentials as people have them: refresh tokens a line each, JSON lists of them, the files
 * of `gcloud` (`authorized_user`) and of service accounts, in any mixture of JSON.
 */
import * as z from "zod";
import { cleanKey } from "../../../control/pastedText.ts";
import { parseJson } from "../../common/json.ts";
import { refuseKey } from "../../settings/keySchema.ts";
import {
  type GoogleOAuth,
  grantIn,
  type ServiceAccount,
  serviceAccountKeySchema,
  type TokenCredential,
} from "./credential.ts";
import { CLOUD_PLATFORM } from "./google.ts";
import type { OAuthClient } from "./grants.ts";

/** Credentials in one go; each is proved by a call. */
export const MAX_PASTED = 200;

export interface PastedCredential {
  /** `line 3`, `entry 2`: where the person finds it. */
  readonly place: string;
  readonly credential: TokenCredential;
  /** The Google Cloud project that it names. */
  readonly project: string | undefined;
}

export interface Pasted {
  readonly found: readonly PastedCredential[];
  readonly problems: readonly { readonly place: string; readonly message: string }[];
}

const token = z
  .string({ error: "is missing" })
  .overwrite(cleanKey)
  .min(20, { error: "is too short for a refresh token" })
  .max(2000, { error: "is too long for a refresh token" })
  .superRefine(refuseKey);

const clientId = z.string({ error: "is missing" }).min(1).max(1000);
const project = z.string().min(1).max(200).nullish();

/** https://google.aip.dev/auth/4113 */
const authorizedUserSchema = z.object({
  type: z.literal("authorized_user"),
  client_id: clientId,
  client_secret: z.string().min(1).max(10_000).nullish(),
  refresh_token: token,
  quota_project_id: project,
  account: z.string().max(320).nullish(),
});

const listedSchema = z.object({
  email: z.string().max(320).nullish(),
  refresh_token: token,
  client_id: clientId.nullish(),
  client_secret: z.string().min(1).max(10_000).nullish(),
  quota_project_id: project,
});

const WITHOUT_CLIENT =
  "names no OAuth client. A refresh token works only with the client that it was made with: give its id and secret";

/** Never throws: what cannot be understood is a problem at its place, and never quoted. */
export function parsePasted(text: string, client: OAuthClient | undefined): Pasted {
  const trimmed = text.trim();
  if (trimmed === "") return told([["the text", "is empty"]]);
  const pasted = /^[[{]/.test(trimmed) ? parsePastedJson(trimmed, client) : parseLines(text, client);
  if (pasted.found.length <= MAX_PASTED) return withoutRepeats(pasted);
  const message = `holds more than ${MAX_PASTED} credentials. Add them in parts.`;
  return told([["the text", message]]);
}

/** What stands at one place, or what is wrong there, for a person. */
type Entry = Omit<PastedCredential, "place"> | string;

function parseLines(text: string, client: OAuthClient | undefined): Pasted {
  const lines = text.split(/\r?\n/).flatMap((raw, index) => {
    const line = raw.trim();
    return line === "" || line.startsWith("#")
      ? []
      : [[`line ${index + 1}`, fromToken(line, client)] as const];
  });
  return told(lines);
}

/** What was found, and what is wrong, each at its place. */
function told(entries: readonly (readonly [place: string, entry: Entry])[]): Pasted {
  const found: PastedCredential[] = [];
  const problems: { place: string; message: string }[] = [];
  for (const [place, entry] of entries) {
    if (typeof entry === "string") problems.push({ place, message: entry });
    else found.push({ place, ...entry });
  }
  return { found, problems };
}

function parsePastedJson(text: string, client: OAuthClient | undefined): Pasted {
  const json = parseJson(text);
  if (!Array.isArray(json)) {
    if (json !== undefined) return told([["the file", parseEntry(json, client)]]);
    // The parser's own message quotes the text, which is secret.
    const message = "begins like JSON but is none. Paste the whole file, from its first brace to its last.";
    return told([["the text", message]]);
  }
  if (json.length === 0) return told([["the text", "is an empty list"]]);
  return told(json.map((entry, index) => [`entry ${index + 1}`, parseEntry(entry, client)]));
}

function parseEntry(entry: unknown, client: OAuthClient | undefined): Entry {
  if (typeof entry === "string") return fromToken(entry, client);
  if (typeof entry !== "object" || entry === null) return "is neither an object nor a token";
  const type = "type" in entry ? entry.type : undefined;
  if (type === "service_account") return fromServiceAccount(entry);
  if (type === "authorized_user") return fromAuthorizedUser(entry);
  if (type !== undefined && "type" in entry) {
    const named = typeof type === "string" && /^[\w-]{1,60}$/.test(type) ? `"${type}"` : "unknown";
    return `is of the type ${named}, which Portico does not take; it takes authorized_user and service_account files and refresh tokens`;
  }
  if ("installed" in entry || "web" in entry) {
    return "is an OAuth client, not a sign-in with it. Choose to sign in with Google and give this client";
  }
  const parsed = listedSchema.safeParse(entry);
  if (!parsed.success) return messageOf(parsed.error);
  const { refresh_token, client_id, client_secret, email, quota_project_id } = parsed.data;
  const own = client_id == null ? client : clientOf(client_id, client_secret);
  if (own === undefined) return WITHOUT_CLIENT;
  return {
    credential: oauthOf(refresh_token, own, email, quota_project_id),
    project: quota_project_id ?? undefined,
  };
}

function fromToken(text: string, client: OAuthClient | undefined): Entry {
  const parsed = token.safeParse(text);
  if (!parsed.success) return messageOf(parsed.error);
  if (client === undefined) return WITHOUT_CLIENT;
  return { credential: oauthOf(parsed.data, client, undefined), project: undefined };
}

function fromServiceAccount(entry: object): Entry {
  const parsed = serviceAccountKeySchema.safeParse(entry);
  if (!parsed.success) return messageOf(parsed.error);
  const credential: ServiceAccount = { kind: "serviceAccount", json: parsed.data, scopes: [CLOUD_PLATFORM] };
  return { credential, project: parsed.data.project_id };
}

function fromAuthorizedUser(entry: object): Entry {
  const parsed = authorizedUserSchema.safeParse(entry);
  if (!parsed.success) return messageOf(parsed.error);
  const { client_id, client_secret, refresh_token, quota_project_id, account } = parsed.data;
  const client = clientOf(client_id, client_secret);
  const own = oauthOf(refresh_token, client, account, quota_project_id);
  return { credential: { ...own, foreignClient: true }, project: quota_project_id ?? undefined };
}

function clientOf(clientId: string, clientSecret: string | null | undefined): OAuthClient {
  return clientSecret == null ? { clientId } : { clientId, clientSecret };
}

function oauthOf(
  refreshToken: string,
  client: OAuthClient,
  email: string | null | undefined,
  quotaProject?: string | null,
): GoogleOAuth {
  return {
    kind: "googleOAuth",
    ...client,
    refreshToken,
    scopes: [],
    ...(email == null || email === "" ? {} : { email }),
    ...(quotaProject == null ? {} : { quotaProject }),
  };
}

function withoutRepeats({ found, problems }: Pasted): Pasted {
  const seen = new Map<string, string>();
  const once: PastedCredential[] = [];
  const repeats: { place: string; message: string }[] = [];
  for (const each of found) {
    const { credential, place } = each;
    const key = grantIn(credential);
    const first = seen.get(key);
    if (first !== undefined) repeats.push({ place, message: `is the same as ${first}` });
    else {
      seen.set(key, place);
      once.push(each);
    }
  }
  return { found: once, problems: [...problems, ...repeats] };
}

/** Names the field, never its value. */
function messageOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "is not valid";
  const field = issue.path.join(".");
  return field === "" ? issue.message : `${field} ${issue.message}`;
}
