/** How the accounts fare, for a person: the pool's facts joined with the names that a person gave. */
import type { AccountHold, HeldAccount, ListedAccount, QuotaView } from "../../control/accounts.ts";
import type { AccountView } from "../../control/contract.ts";
import { visible } from "../../control/visible.ts";
import type { Credential } from "../accounts/credentials/credential.ts";
import type { Held } from "../accounts/health.ts";
import type { AccountStanding } from "../accounts/pool.ts";
import type { Quota } from "../accounts/quotas/quota.ts";
import { compact } from "../common/json.ts";

/** Of all accounts together; what is beyond is in `accounts.list`. */
const MAX_HELD_SHOWN = 50;
/** Of one account in a list. */
const MAX_LISTED = 50;

/**
 * @param standing absent: nothing is known of it yet
 * @param credential or, where there is none to be had, what it is meant to be
 */
export function listedAccount(
  view: AccountView,
  standing: AccountStanding | undefined,
  credential: Credential | "key" | "none",
): ListedAccount {
  return {
    ...view,
    state: view.enabled ? (standing?.state ?? "ready") : "disabled",
    held: (standing?.held ?? []).slice(0, MAX_LISTED).map(holdOf),
    quotas: (standing?.quotas ?? []).slice(0, MAX_LISTED).map(quotaOf),
    credential: kindOf(view.provider, credential),
    ...(standing === undefined ? {} : { inFlight: standing.inFlight }),
  };
}

export interface Standing {
  held: HeldAccount[];
  ready: number;
}

/** @param views the accounts that are enabled or not; those that are not count for nothing */
export function standingOf(views: readonly AccountView[], standings: readonly AccountStanding[]): Standing {
  const byId = new Map(standings.map((standing) => [standing.account, standing]));
  const enabled = views.filter((view) => view.enabled);
  const held = enabled.flatMap(({ id, label }) =>
    (byId.get(id)?.held ?? []).map((each) => ({ ...holdOf(each), account: id, label })),
  );
  const ready = enabled.filter(({ id }) => (byId.get(id)?.state ?? "ready") === "ready");
  return { held: held.slice(0, MAX_HELD_SHOWN), ready: ready.length };
}

/** Milliseconds since 1970 at which the next of them may change by itself. */
export function nextChange({ held }: Standing): number | undefined {
  const times = held.flatMap(({ until }) => (until === undefined ? [] : [until]));
  return times.length === 0 ? undefined : Math.min(...times);
}

function holdOf({ model, condition, reason, until, resetAt }: Held): AccountHold {
  return {
    ...(model === undefined ? {} : { model: visible(model) }),
    condition,
    reason: visible(reason),
    ...(condition === "needs-attention" ? {} : { until, ...(resetAt === undefined ? {} : { resetAt }) }),
  };
}

function quotaOf({ model, name, unit, remaining, limit, resetAt, window, readAt }: Quota): QuotaView {
  const shown = { model: model && visible(model), name: visible(name) };
  return compact({ ...shown, unit, remaining, limit, resetAt, window, readAt });
}

function kindOf(provider: string, credential: Credential | "key" | "none"): ListedAccount["credential"] {
  if (typeof credential === "string") return credential;
  switch (credential.kind) {
    case "googleOAuth":
      return "google";
    case "serviceAccount":
      return "service-account";
    case "apiKey":
      return provider === "openrouter" ? "openrouter" : "key";
  }
}
