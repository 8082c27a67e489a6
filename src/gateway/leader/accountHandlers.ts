/** The handlers of the methods about accounts at work. */
import type { AccountChange, AccountMethods, ListedAccount, RouteView } from "../../control/accounts.ts";
import type { AccountView, CheckResult, Params, Protocol, Result } from "../../control/contract.ts";
import { DEFAULT_PROTOCOL } from "../../control/protocol.ts";
import type { RouteRule } from "../../control/settings.ts";

/** Failures with a meaning are `PorticoError`s. */
export interface AccountService {
  list(): Promise<ListedAccount[]>;
  update(change: AccountChange): Promise<AccountView>;
  test(id: string, signal: AbortSignal): Promise<CheckResult>;
  replaceKey(id: string, apiKey: string, keep: boolean, signal: AbortSignal): Promise<CheckResult>;
  refreshQuotas(): Promise<void>;
  clear(id: string, model: string | undefined): Promise<void>;
  /** @param routes a person's own, in place of those in force */
  explain(model: string, protocol: Protocol, routes?: readonly RouteRule[]): Promise<RouteView>;
}

type AccountHandlers = {
  readonly [M in keyof AccountMethods]: (
    params: Params<M>,
    signal: AbortSignal,
  ) => Result<M> | Promise<Result<M>>;
};

export function accountHandlers(steering: AccountService): AccountHandlers {
  return {
    "accounts.list": () => steering.list(),
    "accounts.update": (change) => steering.update(change),
    "accounts.test": ({ id }, signal) => steering.test(id, signal),
    "accounts.replaceKey": ({ id, apiKey, keep = false }, signal) =>
      steering.replaceKey(id, apiKey, keep, signal),
    "accounts.quotas.refresh": async () => {
      await steering.refreshQuotas();
      return steering.list();
    },
    "accounts.clear": async ({ id, model }) => {
      await steering.clear(id, model);
      return steering.list();
    },
    "route.explain": ({ model, protocol = DEFAULT_PROTOCOL, routes }) =>
      steering.explain(model, protocol, routes),
  };
}
