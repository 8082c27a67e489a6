/** Methods about credentials: signing in, adding many, export and import, finding what lies about. */
import type { AccountView } from "../contract.ts";
import type {
  AddManyParams,
  AddResult,
  Exported,
  FoundCredential,
  GoogleSignInParams,
  ImportParams,
  ImportPreview,
  OpenRouterSignInParams,
  PlacedResult,
  SignInStarted,
} from "../credentials.ts";
import { type MethodsOf, method, type Shape } from "./method.ts";
import { account } from "./shapes.ts";

const signIn: Shape<SignInStarted> = {
  id: "string",
  url: "string",
  redirectUri: "string",
  expiresAt: "number",
  notes: ["string"],
};
const placed: Shape<PlacedResult[]> = [{ place: "string", ok: "boolean" }];

export const credentialMethods = {
  "accounts.signIn.google": method<GoogleSignInParams, SignInStarted>(signIn),
  "accounts.signIn.openrouter": method<OpenRouterSignInParams, SignInStarted>(signIn),
  /** Waits for the sign-in's end, proves the account with a real call, and adds it. */
  "accounts.signIn.await": method<{ id: string; keep?: boolean }, AddResult>({ ok: "boolean" }),
  /** The address of the page that the browser could not open. */
  "accounts.signIn.paste": method<{ id: string; url: string }, { accepted: boolean }>({
    accepted: "boolean",
  }),
  "accounts.signIn.cancel": method<{ id: string }, { cancelled: boolean }>({ cancelled: "boolean" }),
  /** Each is proved by a real call; those that fail are not added. */
  "accounts.addMany": method<AddManyParams, PlacedResult[]>(placed),
  /** Secrets go along only under a passphrase. Without `ids`: all. */
  "accounts.export": method<{ ids?: string[]; passphrase?: string }, Exported>({
    text: "string",
    accounts: "number",
    secrets: "boolean",
  }),
  "accounts.import.preview": method<ImportParams, ImportPreview>({
    entries: [{ id: "string", provider: "string", label: "string", action: "string", needsKey: "boolean" }],
    exportedAt: "number",
    secrets: "boolean",
  }),
  /** All that the preview would add, or nothing. */
  "accounts.import.apply": method<ImportParams, AccountView[]>([account]),
  /** Looks in the environment, in Google's well-known file and in `envFile`. Takes nothing. */
  "accounts.discover": method<{ envFile?: string } | undefined, FoundCredential[]>([
    { id: "string", provider: "string", label: "string", source: "string", name: "string", masked: "string" },
  ]),
  "accounts.discover.take": method<{ ids: string[]; envFile?: string }, PlacedResult[]>(placed),
};
export type CredentialMethods = MethodsOf<typeof credentialMethods>;
