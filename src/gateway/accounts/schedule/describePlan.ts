/** A scheduler's plan as lines for a person: who would get the request, who would not, and why. */

import type { Strategy } from "../../settings/strategy.ts";
import type { AccountHealth } from "../health.ts";
import type { Planned, Scheduler } from "./scheduler.ts";

export interface PlanFacts {
  readonly plan: readonly Planned[];
  readonly scheduler: Scheduler;
  readonly health: AccountHealth;
  readonly strategy: Strategy;
}

/** The first candidate that could be used right now. */
export function chosenOf({ plan, health, scheduler }: PlanFacts): Planned | undefined {
  return plan.find(({ candidate: { account, model }, withheld }) => {
    const { inFlight, maxInFlight } = scheduler.standing({ account, model });
    return (
      withheld === undefined &&
      health.peek(account.id, model) === true &&
      (maxInFlight === undefined || inFlight < maxInFlight)
    );
  });
}

export function describePlan(facts: PlanFacts): string[] {
  const { plan, strategy } = facts;
  if (plan.length === 0) return [];
  const chosen = chosenOf(facts);
  const lines = plan.map((planned, index) => {
    const mark = planned === chosen ? "->" : "  ";
    const { account, model } = planned.candidate;
    return `${mark} ${index + 1}. ${account.id} "${model}": ${describe(planned, facts)}`;
  });
  const result =
    chosen === undefined
      ? "No account is ready for it now."
      : `A new conversation would go to "${chosen.candidate.account.id}".`;
  return [`Order of the accounts (${strategy}):`, ...lines, result];
}

function describe({ candidate, withheld }: Planned, { health, scheduler }: PlanFacts): string {
  const { account, model } = candidate;
  if (withheld !== undefined) return `not used: ${withheld.reason}${at(withheld.until)}`;
  const available = health.peek(account.id, model);
  if (available !== true) return `not ready: ${available.reason}${at(available.until)}`;
  const { inFlight, maxInFlight, remaining, resetAt } = scheduler.standing(candidate);
  const load =
    maxInFlight === undefined ? `${inFlight} in flight` : `${inFlight} of ${maxInFlight} in flight`;
  const quota = remaining === undefined ? "" : `, ${Math.floor(remaining * 100)} % of its quota left`;
  const busy = maxInFlight !== undefined && inFlight >= maxInFlight ? "busy" : "ready";
  return `${busy}, ${load}${quota}${resetAt === undefined ? "" : `, whole again${at(resetAt)}`}`;
}

const at = (until: number | undefined): string =>
  until === undefined ? "" : ` (until ${new Date(until).toISOString().replace(/\.\d+Z$/, "Z")})`;
