/**
 * A model's name to the places a request can go to, in order. Pure: the same settings and the same
 * knowledge of who serves what give the same answer.
 *
 * - A route of that exact name comes first, then the route with the longest wildcard, then the
 *   catalog: the name itself is the only target. Targets are names too, but name no routes.
 * - A name is read as `ACCOUNT/MODEL`, else as `PROVIDER/MODEL` and as a model's whole name
 *   (`anthropic/claude-…` is one at OpenRouter), all alternatives of one target.
 * - `*` in a target is the name the client asked for.
 * - Within a target: higher priority, then what is sure to serve the model, then endpoints of the
 *   client's own protocol, then the order of the settings. Targets keep their own order.
 */

import { PROTOCOLS, type Protocol } from "../../control/protocol.ts";
import { fill, isWildcard, matches, specificity } from "../../control/wildcard.ts";
import { CLAUDE_ALIAS } from "../protocols/modelList.ts";
import { WIRES } from "../protocols/wires.ts";
import type { Account } from "../providers/account.ts";
import type { RouteSettings } from "../settings/settings.ts";
import type { Candidate } from "./candidate.ts";

/** What is known of an account and a model: it has it, it may have it, it does not. */
export type Serves = "yes" | "maybe" | "no";

export interface RoutingTable {
  readonly routes: readonly RouteSettings[];
  readonly accounts: readonly Account[];
  readonly serves: (account: Account, model: string) => Serves;
}

/** The endpoint to translate to, where an account lacks the client's protocol: the one that can say most. */
export const TRANSLATION_ORDER: readonly Protocol[] = PROTOCOLS.toSorted(
  (a, b) => WIRES[b].expressiveness - WIRES[a].expressiveness,
);

/** How a target's name was read for an account. */
export type Reading = "account" | "provider" | "name";

export interface Considered {
  readonly account: Account;
  readonly reading: Reading;
  /** The model's name at this account. */
  readonly model: string;
  readonly serves: Serves;
  /** `undefined`: it is a candidate. */
  readonly rejected: "disabled" | "no-endpoint" | "not-served" | "less-certain" | undefined;
  /** The endpoint that would be used. */
  readonly protocol: Protocol | undefined;
}

export interface Explanation {
  readonly model: string;
  readonly protocol: Protocol;
  /** The route that named the model; `undefined`: none did, the catalog decides. */
  readonly route:
    | { readonly index: number; readonly model: string; readonly kind: "exact" | "wildcard" }
    | undefined;
  /** In the order in which they are tried. */
  readonly targets: readonly { readonly name: string; readonly considered: readonly Considered[] }[];
  readonly candidates: readonly Candidate[];
}

/** The places a request for `model` can go to, best first; empty where nobody serves it. */
export function resolve(model: string, protocol: Protocol, table: RoutingTable): Candidate[] {
  return [...explain(model, protocol, table).candidates];
}

/** The same, with everything that was considered and why it was left out. */
export function explain(model: string, protocol: Protocol, table: RoutingTable): Explanation {
  const route = findRoute(model, table.routes);
  const names =
    route === undefined ? [model] : (table.routes[route.index]?.to ?? []).map((to) => fill(to, model));
  const targets = names.map((name) => ({ name, considered: consider(name, protocol, table) }));
  const edit = route === undefined ? undefined : table.routes[route.index]?.edit;
  const candidates: Candidate[] = [];
  for (const [target, { considered }] of targets.entries()) {
    for (const each of considered) {
      if (each.rejected !== undefined || each.protocol === undefined) continue;
      candidates.push({
        account: each.account,
        protocol: each.protocol,
        model: each.model,
        target,
        ...(each.serves === "maybe" ? { unsure: true } : {}),
        ...(edit === undefined ? {} : { edit }),
        ...(route === undefined ? {} : { route: route.model }),
      });
    }
  }
  return { model, protocol, route, targets, candidates };
}

function findRoute(model: string, routes: readonly RouteSettings[]): Explanation["route"] {
  let best: Explanation["route"];
  let bestLength = -1;
  for (const [index, route] of routes.entries()) {
    if (route.model === model) return { index, model: route.model, kind: "exact" };
    if (!isWildcard(route.model) || !matches(route.model, model)) continue;
    const length = specificity(route.model);
    if (length <= bestLength) continue;
    best = { index, model: route.model, kind: "wildcard" };
    bestLength = length;
  }
  return aliased(model, routes) ?? best;
}

/** The exact route that a name of Claude's stands for in Anthropic's form of the model list. */
function aliased(model: string, routes: readonly RouteSettings[]): Explanation["route"] {
  if (!model.startsWith(CLAUDE_ALIAS)) return undefined;
  const name = model.slice(CLAUDE_ALIAS.length);
  const index = routes.findIndex((route) => route.model === name && !isWildcard(name));
  return index === -1 ? undefined : { index, model: name, kind: "exact" };
}

function consider(name: string, protocol: Protocol, table: RoutingTable): Considered[] {
  const slash = name.indexOf("/");
  const prefix = slash > 0 ? name.slice(0, slash) : undefined;
  const rest = slash > 0 ? name.slice(slash + 1) : "";
  const addressed = prefix !== undefined && rest !== "";

  const named = addressed ? table.accounts.find((account) => account.id === prefix) : undefined;
  // Whoever names an account means it, whether or not its list has the model.
  if (named?.enabled === true) {
    // `openrouter/auto` is a model of OpenRouter's, also where the account is called "openrouter".
    const whole = table.serves(named, name) === "yes" && table.serves(named, rest) !== "yes";
    return [judge(named, "account", whole ? name : rest, "yes", protocol)];
  }

  const byProvider: Considered[] = [];
  const byName: Considered[] = [];
  for (const account of table.accounts) {
    if (addressed && account.provider.id === prefix) {
      byProvider.push(judge(account, "provider", rest, table.serves(account, rest), protocol));
    }
    byName.push(judge(account, "name", name, table.serves(account, name), protocol));
  }
  const meant = named !== undefined || byProvider.some((each) => each.serves !== "no");
  const readings = [
    ...(named === undefined ? [] : [judge(named, "account", rest, "yes", protocol)]),
    ...atProvider(byProvider),
    // A prefix that means something here makes a whole name of it only where that is certain.
    ...byName.map((each) => (meant && each.serves === "maybe" ? reject(each, "less-certain") : each)),
  ];
  return onePerAccount(readings.toSorted(order(protocol)));
}

function judge(
  account: Account,
  reading: Reading,
  model: string,
  serves: Serves,
  protocol: Protocol,
): Considered {
  const endpoint = account.endpoints.has(protocol)
    ? protocol
    : TRANSLATION_ORDER.find((other) => account.endpoints.has(other));
  const rejected = !account.enabled
    ? "disabled"
    : endpoint === undefined
      ? "no-endpoint"
      : serves === "no"
        ? "not-served"
        : undefined;
  return { account, reading, model, serves, rejected, protocol: endpoint };
}

const reject = (each: Considered, why: NonNullable<Considered["rejected"]>): Considered =>
  each.rejected === undefined ? { ...each, rejected: why } : each;

/**
 * Who names a provider knows of the model: where none of its accounts lists it, lists are not
 * believed (they lack snapshots and tuned models). What the settings say of an account is.
 */
function atProvider(considered: readonly Considered[]): Considered[] {
  if (considered.some((each) => each.rejected === undefined)) return [...considered];
  return considered.map((each) =>
    each.rejected === "not-served" && each.account.models === undefined
      ? { ...each, rejected: undefined }
      : each,
  );
}

const CERTAINTY: Readonly<Record<Serves, number>> = { yes: 0, maybe: 1, no: 2 };

/** Candidates first. `toSorted` is stable, so the order of the settings decides between equals. */
function order(protocol: Protocol): (a: Considered, b: Considered) => number {
  const rank = (each: Considered): readonly number[] => [
    each.rejected === undefined ? 0 : 1,
    -each.account.priority,
    CERTAINTY[each.serves],
    each.protocol === protocol ? 0 : 1,
  ];
  return (a, b) => {
    const [left, right] = [rank(a), rank(b)];
    for (const [index, value] of left.entries()) {
      const difference = value - (right[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function onePerAccount(sorted: readonly Considered[]): Considered[] {
  const seen = new Set<string>();
  return sorted.filter((each) => {
    if (seen.has(each.account.id)) return false;
    seen.add(each.account.id);
    return true;
  });
}
