/** Behind the methods of `control/accounts.ts`. */
import type { CheckResult, NewAccount } from "../../control/contract.ts";
import { badRequest, PorticoError } from "../common/errors.ts";
import type { Log } from "../common/ports.ts";
import type { Gateway } from "../gateway.ts";
import type { AccountKey } from "../providers/account.ts";
import type { RouteSettings } from "../settings/settings.ts";
import { listedAccount } from "./accountStatus.ts";
import { type AccountStore, draftOf } from "./accountStore.ts";
import type { LastUses } from "./lastUses.ts";
import type { AccountService } from "./services.ts";

export interface AccountServiceDeps {
  readonly accountStore: AccountStore;
  readonly gateway: Gateway;
  readonly check: (
    account: NewAccount,
    key: AccountKey | undefined,
    signal: AbortSignal,
  ) => Promise<CheckResult>;
  readonly uses: Pick<LastUses, "of">;
  /** The config file's; they come first. */
  readonly fixedRoutes: () => readonly RouteSettings[];
  /** Runs a job that changes accounts, after those before it, and puts the change to work. */
  readonly change: <T>(job: () => Promise<T>) => Promise<T>;
  /** Tells the windows how things are. */
  readonly announce: () => void;
  readonly log: Log;
}

export function createAccountService(deps: AccountServiceDeps): AccountService {
  const { accountStore, gateway, log } = deps;
  const { tokens } = gateway.credentials;

  return {
    async list() {
      const standings = new Map(gateway.pool.standing().map((each) => [each.account, each]));
      return Promise.all(
        accountStore.views().map(async (view) => {
          // One that cannot be read is among the problems.
          const credential = await accountStore.credential(view.id).catch(() => undefined);
          const absent = accountStore.needsCredential(view.id) ? "key" : "none";
          const { maxInFlight } = gateway.accounts.find(({ id }) => id === view.id) ?? {};
          return {
            ...listedAccount(view, standings.get(view.id), credential ?? absent),
            ...(maxInFlight === undefined ? {} : { maxInFlight }),
            ...deps.uses.of(view.id),
          };
        }),
      );
    },
    async update(change) {
      const account = await deps.change(() => accountStore.update(change));
      log.info("account changed", { account: change.id });
      return account;
    },
    async test(id, signal) {
      const wanted = draftOf(accountStore.known(id));
      const account = gateway.accounts.find((each) => each.id === id);
      let key: AccountKey | undefined;
      try {
        key = await account?.key();
      } catch (error) {
        // There is a credential, and none that could be used now: its own words say what to do.
        if (!(error instanceof PorticoError)) throw error;
        return { ok: false, reason: "key-refused", message: error.message };
      }
      const result = await deps.check(wanted, key, signal);
      if (result.ok) {
        gateway.mended(id);
        deps.announce();
      }
      return result;
    },
    async replaceKey(id, apiKey, keep, signal) {
      const account = accountStore.own(id);
      const before = await tokens.stored(id).catch(() => undefined);
      if (before !== undefined && before.kind !== "apiKey") {
        throw badRequest(`"${account.label ?? id}" has a sign-in, not a key.`, "id");
      }
      const headers = before?.headers === undefined ? {} : { headers: before.headers };
      const result = keep
        ? ({ ok: true, models: [] } as const satisfies CheckResult)
        : await deps.check({ ...draftOf(account), ...headers, apiKey }, undefined, signal);
      if (!result.ok) return result;
      await deps.change(async () => {
        await accountStore.replace(id, { kind: "apiKey", apiKey, ...headers });
        gateway.mended(id);
      });
      log.info("key replaced", { account: id });
      return { ok: true, models: [...result.models] };
    },
    async refreshQuotas() {
      await gateway.pool.refreshQuotas();
      deps.announce();
    },
    async clear(id, model) {
      accountStore.known(id);
      gateway.pool.forget(id, model);
      deps.announce();
    },
    async explain(model, protocol, drafts) {
      const routes = drafts === undefined ? undefined : [...deps.fixedRoutes(), ...drafts];
      const { routing, scheduling, chosen } = await gateway.explain(model, protocol, routes);
      return {
        routing: [...routing],
        scheduling: [...scheduling],
        ...(chosen === undefined ? {} : { chosen }),
      };
    },
  };
}
