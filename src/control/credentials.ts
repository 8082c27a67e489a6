/** The part of the contract about credentials: signing in, adding many, moving accounts between computers. Types only. */
import type { AccountView, NewAccount } from "./contract.ts";
import type { Open } from "./open.ts";

/** What an account is to be, whichever way its credential comes. */
export type AccountDraft = Omit<NewAccount, "apiKey" | "headers">;

export interface GoogleClient {
  clientId: string;
  clientSecret?: string;
}

export type GoogleSignInParams =
  /** `account.provider`: `gemini` or `vertex`. The client is the person's own, of type "Desktop app". */
  | { account: AccountDraft; client: GoogleClient; quotaProject?: string }
  /** Sign in again, with the client that the account has unless another is given. */
  | { again: string; client?: GoogleClient };

export type OpenRouterSignInParams = { account?: Omit<AccountDraft, "provider"> } | { again: string };

export interface SignInStarted {
  id: string;
  /** For the person's browser. */
  url: string;
  /** Where the browser comes back to; a person whose browser cannot get there pastes that address. */
  redirectUri: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** What the person should know beforehand. */
  notes: string[];
}

export type AddFailure =
  | "denied"
  | "refused"
  | "wrong-state"
  | "timeout"
  | "cancelled"
  | "key-refused"
  | "unreachable"
  | "duplicate"
  | "other";

export type AddResult =
  | { ok: true; account: AccountView; models: string[] }
  /**
   * Nothing was added. `canKeep`: there is a credential, and only the call that should prove it failed;
   * asking again tries it again, with `keep` it is added all the same.
   */
  | { ok: false; reason: Open<AddFailure>; message: string; canKeep?: boolean };

/** Where it was found: a line of what was pasted, a variable. */
export type PlacedResult = { place: string } & AddResult;

export interface AddManyParams {
  /** `provider`: `gemini` or `vertex`; the label is made from each entry's address. */
  account: Omit<AccountDraft, "id" | "label">;
  /** Refresh tokens a line each, JSON `[{email, refresh_token}]`, or one or more of Google's credential files. */
  text: string;
  /** For tokens that name none. */
  client?: GoogleClient;
  quotaProject?: string;
}

export interface Exported {
  /** The whole file. */
  text: string;
  accounts: number;
  /** Encrypted under the passphrase. */
  secrets: boolean;
}

export interface ImportParams {
  text: string;
  /** Where the file has secrets. */
  passphrase?: string;
}

export type ImportAction =
  /** New here. */
  | "add"
  /** Here already, under whatever id: passed over. */
  | "duplicate"
  /** Another account has its id: added under `newId`. */
  | "conflict";

export interface ImportEntry {
  id: string;
  provider: string;
  label: string;
  action: Open<ImportAction>;
  newId?: string;
  /** The account that is the same. */
  sameAs?: string;
  /** It needs a key, and the file brings none. */
  needsKey: boolean;
}

export interface ImportPreview {
  entries: ImportEntry[];
  /** Milliseconds since 1970. */
  exportedAt: number;
  secrets: boolean;
}

/** A credential that lies about on this computer. Its value is never part of it. */
export interface FoundCredential {
  id: string;
  provider: string;
  label: string;
  /** `the environment`, or the file's path. */
  source: string;
  /** `OPENAI_API_KEY` and the like. */
  name: string;
  /** Enough to recognise it, too little to use it. */
  masked: string;
  /** The account that has it already. */
  sameAs?: string;
}
