/** Everything that changes accounts: one job after the other, and each change put to work. */
import { homedir } from "node:os";
import type { AccountView } from "../../control/contract.ts";
import type { AccountsFile } from "../accounts/accountsFile.ts";
import type { Gateway } from "../gateway.ts";
import { createRemoval } from "./accountRemoval.ts";
import { createAccountService } from "./accountService.ts";
import type { AccountStore } from "./accountStore.ts";
import { type CredentialService, createCredentialService } from "./credentialService.ts";
import { readFirstQuota } from "./firstQuota.ts";
import type { LastUses } from "./lastUses.ts";
import type { LeaderOptions } from "./options.ts";
import type { AccountService, Services } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";

export interface AccountWorkDeps {
  readonly options: LeaderOptions;
  readonly gateway: Gateway;
  readonly accountStore: AccountStore;
  readonly file: AccountsFile;
  readonly settingsStore: Pick<SettingsStore, "fixed">;
  readonly uses: LastUses;
  /** Runs a job after those before it. */
  readonly inTurn: <T>(job: () => Promise<T>) => Promise<T>;
  /** Puts what changed to work. */
  readonly changed: () => Promise<void>;
  /** Tells how things are. */
  readonly announce: () => void;
}

export interface AccountWork
  extends Pick<Services, "checkAccount" | "addAccount" | "removeAccount" | "detectLocal"> {
  readonly credentials: CredentialService;
  readonly accounts: AccountService;
  /** Ends sign-ins; resolves when removals are over, or after `drainMs`. */
  close(drainMs: number): Promise<void>;
}

export function createAccountWork(deps: AccountWorkDeps): AccountWork {
  const { options, gateway, accountStore, file, inTurn, changed, announce } = deps;
  const { parts, ports } = options;
  const { clock, log } = ports;

  /** New accounts, or new credentials: the change in its turn, then what they may use. */
  async function withQuotas(change: () => Promise<AccountView[]>): Promise<AccountView[]> {
    const accounts = await inTurn(async () => {
      const done = await change();
      await changed();
      return done;
    });
    const ids = accounts.map(({ id }) => id);
    await readFirstQuota(gateway.pool, ids, { clock, onLate: announce });
    announce();
    return accounts;
  }

  function noted(added: AccountView): AccountView[] {
    log.info("account added", { account: added.id, provider: added.provider });
    return [added];
  }

  const credentials = createCredentialService({
    credentials: gateway.credentials,
    providers: parts.providers,
    accounts: () => file.accounts,
    fixedIds: () => deps.settingsStore.fixed.accounts.map(({ id }) => id),
    check: (account, key, signal) => parts.checkAccount(account, gateway, signal, key),
    add: (account, credential) =>
      withQuotas(async () => noted(await accountStore.addWith(account, credential))).then(only),
    addAll: (entries) => withQuotas(() => accountStore.addAll(entries)),
    replace: (id, credential) =>
      withQuotas(async () => {
        const account = await accountStore.replace(id, credential);
        gateway.mended(id);
        log.info("signed in again", { account: id });
        return [account];
      }).then(only),
    surroundings: options.surroundings ?? { env: process.env, platform: process.platform, home: homedir() },
    clock,
    log,
    ...(options.signIns === undefined ? {} : { signIns: options.signIns }),
  });

  const removal = createRemoval({
    accountStore,
    credentials: gateway.credentials,
    stored: () => file.accounts,
    log,
  });

  const accounts = createAccountService({
    accountStore,
    gateway,
    uses: deps.uses,
    fixedRoutes: () => deps.settingsStore.fixed.routes,
    check: (account, key, signal) => parts.checkAccount(account, gateway, signal, key),
    change: (job) =>
      inTurn(async () => {
        const result = await job();
        await changed();
        return result;
      }),
    announce,
    log,
  });

  return {
    credentials,
    accounts,
    checkAccount: (account, signal) => parts.checkAccount(account, gateway, signal),
    addAccount: (account) => withQuotas(async () => noted(await accountStore.add(account))).then(only),
    removeAccount: (id) =>
      inTurn(async () => {
        const removed = await removal.remove(id);
        if (!removed) return false;
        log.info("account removed", { account: id });
        await changed();
        return true;
      }),
    detectLocal: (signal) => {
      const known = gateway.accounts.flatMap(({ endpoints }) =>
        [...endpoints.values()].map(({ base }) => base),
      );
      return parts.detectLocal(new Set(known), signal);
    },
    async close(drainMs) {
      credentials.close();
      await removal.settled(drainMs);
    },
  };
}

/** @throws where a change of one account told of none */
function only([account]: readonly AccountView[]): AccountView {
  if (account === undefined) throw new Error("no account");
  return account;
}
