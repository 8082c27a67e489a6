/** The gateway as the holder of a client key sees it: its accounts, its models, and only what it made itself. */
import { matches } from "../../control/wildcard.ts";
import { PorticoError } from "../common/errors.ts";
import { CLAUDE_ALIAS } from "../protocols/modelList.ts";
import type { Account } from "../providers/account.ts";
import type { RequestRecord } from "../records/record.ts";
import type { ModelInfo } from "../routing/candidate.ts";
import { type ClientKey, LOCAL_CLIENT, nameOf } from "../settings/clientKeys.ts";
import type { GatewayContext } from "./context.ts";

/** Does any limit hold for it but its time? */
function isLimited({ models, accounts, budgets, perMinute, atOnce, from }: ClientKey): boolean {
  return [models, accounts, budgets, perMinute, atOnce, from].some((limit) => limit !== undefined);
}

/** @param client absent: the owner's requests, as they always were */
export function viewOf(context: GatewayContext, client: ClientKey | undefined): GatewayContext {
  if (client === undefined) return context;
  const own = scopeOf(client);
  const { accounts } = client;
  const view: Partial<GatewayContext> = {
    client,
    responses: context.responses.of(own),
    bindings: context.bindings.of(own),
    ...(own === undefined || !isLimited(client)
      ? {}
      : { withoutAccounts: (text: string) => withoutAccounts(text, context.accounts()) }),
    ...(accounts === undefined
      ? {}
      : {
          accounts: () => context.accounts().filter(({ id }) => accounts.includes(id)),
          candidates: (model, protocol) =>
            context.candidates(model, protocol).filter(({ account }) => accounts.includes(account.id)),
        }),
  };
  return Object.assign(Object.create(context) as GatewayContext, view);
}

/** Whose conversations are whose. Whoever calls from this computer without a key is its owner, only with limits. */
export const scopeOf = (client: ClientKey | undefined): string | undefined =>
  client?.id === LOCAL_CLIENT ? undefined : client?.id;

/** A request of a client that has limits comes in. @throws PorticoError 429 */
export function enter({ client, pool }: GatewayContext, record: RequestRecord): void | Promise<void> {
  if (client !== undefined) return pool.keys.enter(client, record);
}

/** @param asked the name that the client sent @throws PorticoError 403 */
export function checkModel({ client }: GatewayContext, asked: string): void {
  if (client === undefined || asked === "" || mayAsk(client, asked)) return;
  throw new PorticoError(
    "permission",
    `The key "${nameOf(client)}" may not use the model "${asked.slice(0, 200)}". GET /v1/models lists what it may use.`,
    { retryable: false, field: "model" },
  );
}

function mayAsk({ models }: ClientKey, asked: string): boolean {
  if (models === undefined) return true;
  // Another spelling of a route's name, for clients that take no others.
  const name = asked.startsWith(CLAUDE_ALIAS) ? asked.slice(CLAUDE_ALIAS.length) : asked;
  return models.some((pattern) => matches(pattern, asked) || matches(pattern, name));
}

/** The models that the client may ask for. */
export function offeredTo({ catalog, client, withoutAccounts }: GatewayContext): ModelInfo[] {
  if (client === undefined) return catalog.list();
  const { accounts } = client;
  return catalog.offers().flatMap(({ info: { model, leadsTo, ...info }, accounts: serving }) => {
    const first = serving.find(({ id }) => accounts?.includes(id) ?? true);
    if (first === undefined || !mayAsk(client, info.id)) return [];
    const shown = { ...info, account: first.id, provider: first.provider.id };
    if (leadsTo === undefined) return [shown];
    return [{ ...shown, leadsTo: withoutAccounts === undefined ? leadsTo : model }];
  });
}

/** Longer names first: one may begin with another. */
function withoutAccounts(text: string, accounts: readonly Account[]): string {
  const names = [...new Set(accounts.flatMap(({ id, label }) => [id, label]))]
    .filter((name) => name !== "" && text.includes(name))
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (names.length === 0) return text;
  const some = names.join("|");
  return text
    .replace(new RegExp(`"(?:${some})"`, "g"), '"…"')
    .replace(new RegExp(`(^|[.;:] )(?:${some})(?=:| \\(| has no )`, "g"), "$1an account");
}
