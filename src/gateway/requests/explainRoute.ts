/** Where a request for a model would go, and why, in lines for a person. */
import type { Protocol } from "../../control/protocol.ts";
import { visible } from "../../control/visible.ts";
import type { AccountPool } from "../accounts/pool.ts";
import { chosenOf, describePlan } from "../accounts/schedule/describePlan.ts";
import { describeExplanation } from "../routing/explain.ts";
import { explain, type RoutingTable } from "../routing/route.ts";
import type { Settings } from "../settings/settings.ts";

export interface RouteExplanation {
  /** Routes, targets, who serves what. */
  readonly routing: readonly string[];
  /** The order of the accounts, and what keeps some of them back. */
  readonly scheduling: readonly string[];
  /** Who would get the request; absent where nobody could. */
  readonly chosen?: { readonly account: string; readonly model: string; readonly protocol: Protocol };
}

export function explainRoute(
  model: string,
  protocol: Protocol,
  table: RoutingTable,
  { scheduler, health }: Pick<AccountPool, "scheduler" | "health">,
  { strategy }: Settings["scheduling"],
): RouteExplanation {
  const explanation = explain(model, protocol, table);
  const facts = {
    plan: scheduler.plan(explanation.candidates, { protocol, model }),
    scheduler,
    health,
    strategy,
  };
  const chosen = chosenOf(facts)?.candidate;
  return {
    routing: describeExplanation(explanation).map(visible),
    scheduling: describePlan(facts).map(visible),
    ...(chosen === undefined
      ? {}
      : { chosen: { account: chosen.account.id, model: chosen.model, protocol: chosen.protocol } }),
  };
}
