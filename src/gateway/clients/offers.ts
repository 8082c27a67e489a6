/**
 * Models that a client lists beside its own. Claude Code lists those ids of a gateway alone that begin with `claude`, so that
 * each gets a route of such a name; a route that a person has changed since is theirs. Pure.
 */
import type { RouteRule } from "../../control/settings.ts";
import { CLAUDE_ALIAS } from "../protocols/modelList.ts";

/** Offered at most, at once. */
export const MOST_OFFERS = 100;

const routeOf = (model: string): RouteRule => ({ model: `${CLAUDE_ALIAS}${model}`, to: [model] });

const isOffer = ({ model, to, edit }: RouteRule): boolean =>
  edit === undefined && to.length === 1 && model === `${CLAUDE_ALIAS}${to[0]}`;

/** The models that routes offer. */
export function offeredBy(routes: readonly RouteRule[]): string[] {
  return routes.filter(isOffer).flatMap(({ to }) => to);
}

/** What has to be added and taken away so that exactly these are offered. */
export interface OfferChange {
  readonly added: readonly RouteRule[];
  readonly removed: readonly RouteRule[];
  /** All of them, then. */
  readonly routes: RouteRule[];
}

/** @param models those of Claude's own, and routes, are listed in any case and need no other */
export function changeOffers(routes: readonly RouteRule[], models: readonly string[]): OfferChange {
  const wanted = new Set(models);
  const removed = routes.filter((route) => isOffer(route) && !wanted.has(route.to[0] ?? ""));
  const rest = routes.filter((route) => !removed.includes(route));
  const taken = new Set(rest.map(({ model }) => model));
  const added = [...wanted]
    .filter((model) => !/^(?:claude|anthropic)/.test(model) && !taken.has(model))
    .map(routeOf)
    .filter(({ model }) => !taken.has(model));
  return { added, removed, routes: [...rest, ...added] };
}

/** For a person: `claude-portico-gpt-5 → gpt-5`. */
export const offerText = ({ model, to }: RouteRule): string => `${model} → ${to.join(", ")}`;
