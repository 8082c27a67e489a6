/** Parts of a leader whose providers are at addresses of the test's own, for all that is sent to them. */
import type { NewAccount } from "../../../src/control/contract.ts";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import { leaderDependencies } from "../../../src/gateway/leader/dependencies.ts";
import type { LeaderDependencies } from "../../../src/gateway/leader/options.ts";
import type { Settings } from "../../../src/gateway/settings/settings.ts";

/** Base URLs by protocol, by provider. */
export type Bases = Record<string, NonNullable<NewAccount["endpoints"]>>;

export function partsAt(
  bases: () => Bases,
  credentials?: () => NonNullable<GatewayOptions["credentials"]>,
): LeaderDependencies {
  const moved = <A extends { provider: string }>(account: A): A => {
    const endpoints = bases()[account.provider];
    return endpoints === undefined ? account : { ...account, endpoints };
  };
  const at = (settings: Settings): Settings => ({ ...settings, accounts: settings.accounts.map(moved) });
  return {
    ...leaderDependencies,
    createGateway(settings, ports, more) {
      const options = credentials === undefined ? more : { ...more, credentials: credentials() };
      const gateway = leaderDependencies.createGateway(at(settings), ports, options);
      const apply = gateway.apply.bind(gateway);
      return Object.assign(gateway, { apply: (changed: Settings) => apply(at(changed)) });
    },
    checkAccount: (account, gateway, signal, key) =>
      leaderDependencies.checkAccount(moved(account), gateway, signal, key),
  };
}
