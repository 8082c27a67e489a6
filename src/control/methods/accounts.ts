/** Methods about accounts. */
import type { AccountChange, ListedAccount, RouteView } from "../accounts.ts";
import type { AccountView, CheckResult, LocalServer, NewAccount, ProviderView } from "../contract.ts";
import type { Protocol } from "../protocol.ts";
import type { RouteRule } from "../settings.ts";
import { type MethodsOf, method } from "./method.ts";
import { account, accounts, check } from "./shapes.ts";

export const accountMethods = {
  "providers.list": method<undefined, ProviderView[]>([
    { id: "string", label: "string", protocols: ["string"], needsBaseUrl: "boolean", keyRequired: "boolean" },
  ]),
  /** Ollama and LM Studio on their default ports. Asks them, changes nothing. */
  "local.detect": method<undefined, LocalServer[]>([
    { provider: "string", label: "string", baseUrl: "string", models: ["string"] },
  ]),
  /** A real, cheap call with this key; keeps nothing. */
  "accounts.check": method<NewAccount, CheckResult>(check),
  "accounts.add": method<NewAccount, AccountView>(account),
  "accounts.remove": method<{ id: string }, { removed: boolean }>({ removed: "boolean" }),
  "accounts.list": method<undefined, ListedAccount[]>(accounts),
  "accounts.update": method<AccountChange, AccountView>(account),
  /** A real, cheap call with the account's own key; where it works, what held the account back is forgotten. */
  "accounts.test": method<{ id: string }, CheckResult>(check),
  /** Another key for an account; kept only when it works, or with `keep`. */
  "accounts.replaceKey": method<{ id: string; apiKey: string; keep?: boolean }, CheckResult>(check),
  /** Asks the providers that tell, and waits for them. */
  "accounts.quotas.refresh": method<undefined, ListedAccount[]>(accounts),
  /** Forgets what holds an account back, as a whole or for one model. */
  "accounts.clear": method<{ id: string; model?: string }, ListedAccount[]>(accounts),
  /** Reads model lists; sends the model nothing. `routes`: a person's own, to be tried instead of those in force. */
  "route.explain": method<{ model: string; protocol?: Protocol; routes?: RouteRule[] }, RouteView>({
    routing: ["string"],
    scheduling: ["string"],
  }),
};
export type AccountMethods = MethodsOf<typeof accountMethods>;
