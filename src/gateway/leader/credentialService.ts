/** What the control API does with credentials, over the accounts and the gateway that it is given. */

import type { AccountView, CheckResult, NewAccount } from "../../control/contract.ts";
import type {
  AccountDraft,
  AddManyParams,
  AddResult,
  Exported,
  FoundCredential,
  GoogleSignInParams,
  ImportEntry,
  ImportParams,
  ImportPreview,
  OpenRouterSignInParams,
  PlacedResult,
  SignInStarted,
} from "../../control/credentials.ts";
import type { StoredAccount } from "../accounts/accountsFile.ts";
import { Adding, type Wanted } from "../accounts/credentials/adding.ts";
import type { Credential } from "../accounts/credentials/credential.ts";
import type { Credentials } from "../accounts/credentials/credentials.ts";
import { discover, type Found, type Surroundings } from "../accounts/credentials/discover.ts";
import { googleProviderOf, withDefaults } from "../accounts/credentials/draft.ts";
import { TESTING_NOTE } from "../accounts/credentials/google.ts";
import { parsePasted } from "../accounts/credentials/pasted.ts";
import { FOREIGN_CLIENT } from "../accounts/credentials/refused.ts";
import { type GoogleSignIn, googleFlow } from "../accounts/credentials/signIn/google.ts";
import { openRouterFlow } from "../accounts/credentials/signIn/openrouter.ts";
import { type Complete, SignIns, type SignInsDeps } from "../accounts/credentials/signIn/signIns.ts";
import {
  type BackedUpSettings,
  readTransfer,
  writeBackup,
  writeTransfer,
} from "../accounts/credentials/transfer/file.ts";
import { type Planned, type Present, planImport } from "../accounts/credentials/transfer/plan.ts";
import { badRequest, PorticoError } from "../common/errors.ts";
import { compact } from "../common/json.ts";
import { foreignText } from "../common/log.ts";
import type { Clock, Log } from "../common/ports.ts";
import type { AccountKey } from "../providers/account.ts";
import type { Provider } from "../providers/provider.ts";
import { PROVIDERS } from "../providers/providers.ts";
import { draftOf } from "./accountStore.ts";

/** Behind the methods of `control/credentials.ts`. Failures with a meaning are `PorticoError`s. */
export interface CredentialService {
  signInWithGoogle(params: GoogleSignInParams): Promise<SignInStarted>;
  signInWithOpenRouter(params: OpenRouterSignInParams): Promise<SignInStarted>;
  awaitSignIn(id: string, keep: boolean, signal: AbortSignal): Promise<AddResult>;
  pasteSignIn(id: string, url: string): void;
  cancelSignIn(id: string): boolean;
  addMany(params: AddManyParams, signal: AbortSignal): Promise<PlacedResult[]>;
  exportAccounts(params: { ids?: string[]; passphrase?: string }): Promise<Exported>;
  previewImport(params: ImportParams): Promise<ImportPreview>;
  importAccounts(params: ImportParams): Promise<AccountView[]>;
  /** Every account with its secret, and what else a backup holds. @throws where a secret cannot be read now */
  writeBackup(own: BackedUpSettings, passphrase: string): Promise<{ text: string; accounts: number }>;
  /** @throws PorticoError `invalid_request` that says what is wrong with the file or the passphrase */
  readBackup(params: ImportParams): Promise<ReadBackup>;
  /** All that are not here yet, or nothing and an exception. */
  addPlanned(planned: readonly Planned[]): Promise<AccountView[]>;
  discover(envFile: string | undefined): Promise<FoundCredential[]>;
  takeDiscovered(ids: string[], envFile: string | undefined, signal: AbortSignal): Promise<PlacedResult[]>;
  close(): void;
}

export interface ReadBackup {
  readonly exportedAt: number;
  readonly planned: readonly Planned[];
  readonly own: BackedUpSettings;
}

export interface CredentialServiceDeps {
  readonly credentials: Credentials;
  readonly providers: readonly Provider[];
  readonly accounts: () => readonly StoredAccount[];
  /** Ids that the config file has taken. */
  readonly fixedIds: () => readonly string[];
  readonly check: (account: NewAccount, key: AccountKey, signal: AbortSignal) => Promise<CheckResult>;
  readonly add: (account: AccountDraft, credential: Credential) => Promise<AccountView>;
  /** All of them, or none and an exception. */
  readonly addAll: (entries: readonly Present[]) => Promise<AccountView[]>;
  /** Another credential for an account that is there. */
  readonly replace: (id: string, credential: Credential) => Promise<AccountView>;
  readonly surroundings: Surroundings;
  readonly clock: Clock;
  readonly log: Log;
  readonly signIns?: Pick<SignInsDeps, "timeoutMs" | "portFor">;
}

export function createCredentialService(deps: CredentialServiceDeps): CredentialService {
  const { credentials, clock, log, accounts, check } = deps;
  const { tokens, grants } = credentials;
  const provider = (id: string) => deps.providers.find((each) => each.id === id);
  const signIns = new SignIns({ clock, log, ...deps.signIns });
  const adding = new Adding({ grants, provider, present, check, add: deps.add });

  function present(): Promise<Present[]> {
    return Promise.all(
      accounts().map(async (account) => ({
        account,
        // One that cannot be read is like none: nothing is its duplicate.
        credential: await tokens.stored(account.id).catch(() => undefined),
      })),
    );
  }

  async function existing(id: string): Promise<Present> {
    const account = accounts().find((each) => each.id === id);
    if (account === undefined) throw new PorticoError("not_found", `There is no account "${id}".`);
    return { account, credential: await tokens.stored(id).catch(() => undefined) };
  }

  /** A sign-in in place of an account's own: proved like a new one, kept under the old id. */
  async function signInAgain(
    account: StoredAccount,
    credential: Credential,
    { keep, signal }: { keep: boolean; signal: AbortSignal },
  ): Promise<AddResult> {
    const proved = await adding.prove(draftOf(account), credential, signal);
    if (!proved.ok && !keep) return proved.result;
    const view = await deps.replace(account.id, proved.credential);
    return { ok: true, account: view, models: proved.ok ? proved.models : [] };
  }

  const withGoogle = (wanted: GoogleSignIn, complete: Complete): Promise<SignInStarted> =>
    signIns.start(googleFlow(wanted, credentials.google, grants), [TESTING_NOTE], complete);

  /** What another computer may have from now on does not end with the account here. */
  async function shared(id: string): Promise<void> {
    await tokens.share(id).catch((error: unknown) => {
      log.warn(`removing the account here will end its sign-in everywhere: ${foreignText(String(error))}`, {
        account: id,
      });
    });
  }

  async function plan(params: ImportParams) {
    const transfer = await readTransfer(params.text, params.passphrase);
    return { transfer, planned: planImport(transfer, await present(), provider, deps.fixedIds()) };
  }

  async function addPlanned(planned: readonly Planned[]): Promise<AccountView[]> {
    const added = await deps.addAll(planned.filter(({ action }) => action !== "duplicate"));
    log.info("accounts imported", { accounts: added.length });
    return added;
  }

  return {
    async signInWithGoogle(params) {
      if ("again" in params) {
        const { account, credential } = await existing(params.again);
        if (credential?.kind !== "googleOAuth") {
          throw badRequest(`"${account.label ?? account.id}" has no sign-in with Google to repeat.`, "again");
        }
        const { quotaProject, email, clientId, clientSecret, foreignClient } = credential;
        if (foreignClient === true && params.client === undefined) {
          throw badRequest(`"${account.label ?? account.id}": ${FOREIGN_CLIENT}`, "client");
        }
        const client = params.client ?? compact({ clientId, clientSecret });
        const provider = googleProviderOf(account.provider);
        return withGoogle({ provider, client, quotaProject, email }, (got, options) =>
          signInAgain(account, got, options),
        );
      }
      const { account, client, quotaProject } = params;
      const provider = googleProviderOf(account.provider);
      return withGoogle({ provider, client, quotaProject }, (got, options) =>
        adding.add(withDefaults(account, got, quotaProject), got, options),
      );
    },

    async signInWithOpenRouter(params) {
      const flow = openRouterFlow(credentials.openrouter, credentials.fetch);
      if ("again" in params) {
        const { account } = await existing(params.again);
        if (account.provider !== "openrouter") {
          throw badRequest(`"${account.label ?? account.id}" is no account of OpenRouter.`, "again");
        }
        return signIns.start(flow, [], (got, options) => signInAgain(account, got, options));
      }
      const draft = { ...params.account, provider: "openrouter" };
      return signIns.start(flow, [], (got, options) => adding.add(draft, got, options));
    },

    awaitSignIn: (id, keep, signal) => signIns.await(id, keep, signal),
    pasteSignIn: (id, url) => signIns.paste(id, url),
    cancelSignIn: (id) => signIns.cancel(id),

    async addMany({ account, text, client, quotaProject }, signal) {
      googleProviderOf(account.provider);
      const { found, problems } = parsePasted(text, client);
      const wanted = found.map(({ place, credential, project }): Wanted => {
        const counted =
          quotaProject === undefined || credential.kind === "serviceAccount"
            ? credential
            : { ...credential, quotaProject };
        return {
          place,
          draft: withDefaults(account, counted, quotaProject ?? project),
          credential: counted,
        };
      });
      const results = await adding.addAll(wanted, signal);
      const bad = problems.map(({ place, message }): PlacedResult => {
        return { place, ok: false, reason: "other", message: `${place} ${message}.` };
      });
      return [...results, ...bad];
    },

    async exportAccounts({ ids, passphrase }) {
      const all = await present();
      const wanted = ids === undefined ? all : all.filter(({ account }) => ids.includes(account.id));
      const missing = ids?.find((id) => !all.some(({ account }) => account.id === id));
      if (missing !== undefined) throw new PorticoError("not_found", `There is no account "${missing}".`);
      const secrets = new Map(
        wanted.flatMap(({ account, credential }) =>
          credential === undefined ? [] : [[account.id, withoutTokens(credential)] as const],
        ),
      );
      const text = await writeTransfer(
        wanted.map(({ account }) => account),
        clock.now(),
        passphrase === undefined ? undefined : { credentials: secrets, passphrase },
      );
      if (passphrase !== undefined) await Promise.all([...secrets.keys()].map(shared));
      log.info("accounts exported", { accounts: wanted.length, secrets: passphrase !== undefined });
      return { text, accounts: wanted.length, secrets: passphrase !== undefined };
    },

    async previewImport(params) {
      const { transfer, planned } = await plan(params);
      return {
        entries: importEntries(planned),
        exportedAt: transfer.exportedAt,
        secrets: transfer.withSecrets,
      };
    },

    async importAccounts(params) {
      const { transfer, planned } = await plan(params);
      if (transfer.withSecrets && params.passphrase === undefined) {
        throw badRequest("The file holds secrets: give its passphrase.", "passphrase");
      }
      return addPlanned(planned);
    },

    async writeBackup(own, passphrase) {
      const secrets = new Map<string, Credential>();
      for (const { id } of accounts()) {
        // One that cannot be read would be missing there, and nobody would know.
        const credential = await tokens.stored(id);
        if (credential !== undefined) secrets.set(id, withoutTokens(credential));
      }
      const sealed = { credentials: secrets, passphrase };
      const text = await writeBackup(accounts(), own, clock.now(), sealed);
      await Promise.all([...secrets.keys()].map(shared));
      log.info("backed up", { accounts: accounts().length });
      return { text, accounts: accounts().length };
    },

    async readBackup(params) {
      const { transfer, planned } = await plan(params);
      if (transfer.backup === undefined) {
        throw badRequest("The file holds accounts alone and is no backup. Import it instead.", "text");
      }
      return { exportedAt: transfer.exportedAt, planned, own: transfer.backup };
    },

    addPlanned,

    async discover(envFile) {
      const found = await discover(deps.surroundings, envFile);
      return Promise.all(
        found.map(async (each) => {
          const { id, provider: of, source, name, masked, credential } = each;
          const sameAs = await adding.sameAs(draftOfFound(each), credential);
          const { label } = PROVIDERS[of];
          return compact({ id, provider: of, label, source, name, masked, sameAs });
        }),
      );
    },

    async takeDiscovered(ids, envFile, signal) {
      const found = await discover(deps.surroundings, envFile);
      const wanted = ids.map((id): Wanted => {
        const each = found.find((one) => one.id === id);
        if (each === undefined) {
          throw badRequest("What was found before is no longer there. Look again.", "ids");
        }
        return { place: each.name, draft: draftOfFound(each), credential: each.credential };
      });
      return adding.addAll(wanted, signal);
    },

    close: () => signIns.close(),
  };
}

/** As people are shown it. */
export function importEntries(planned: readonly Planned[]): ImportEntry[] {
  return planned.map(({ action, id, account, credential, sameAs }) => ({
    id,
    provider: account.provider,
    label: account.label ?? PROVIDERS[account.provider].label,
    action,
    ...(action === "conflict" ? { newId: account.id } : {}),
    ...(sameAs === undefined ? {} : { sameAs }),
    needsKey: credential === undefined && PROVIDERS[account.provider].keyRequired,
  }));
}

function draftOfFound({ provider, credential, base }: Found): AccountDraft {
  const draft = { provider, ...(base === undefined ? {} : { endpoints: { gemini: base } }) };
  return withDefaults(draft, credential, undefined);
}

/** Access tokens last an hour; the other computer fetches its own. */
function withoutTokens(credential: Credential): Credential {
  if (credential.kind === "apiKey") return credential;
  const { accessToken, expiresAt, renewAt, ...rest } = credential;
  if (rest.kind !== "googleOAuth") return rest;
  const { signedInHere: _here, ...shared } = rest;
  return shared;
}
