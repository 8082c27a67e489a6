/** How Portico is, in one piece of plain data. */
import type { HeldAccount } from "../../control/accounts.ts";
import type { AccountView, Problem, Status } from "../../control/contract.ts";
import { isWildcard } from "../../control/wildcard.ts";
import type { Gateway } from "../gateway.ts";
import type { PoolStanding } from "../pool/port.ts";
import type { Settings } from "../settings/settings.ts";
import { standingOf } from "./accountStatus.ts";

export interface StatusSources {
  readonly version: string;
  readonly gateway: Pick<Gateway, "state" | "active" | "sandboxOnly" | "problems" | "pool" | "unanswered">;
  readonly accounts: readonly AccountView[];
  readonly settings: Settings;
  /** Problems of others than the gateway. */
  readonly noted: readonly Problem[];
  /** Of client keys that end soon. */
  readonly keys: readonly Problem[];
  /** Labels of the clients that are connected by their settings. */
  readonly connected: readonly string[];
  /** Warnings for a person. */
  readonly notices: readonly (string | undefined)[];
  /** What keeps secrets from being read. */
  readonly secrets?: string | undefined;
  /** What could not be kept in the data folder, and why. */
  readonly notKept?: string | undefined;
  /** Why requests are not recorded. */
  readonly records: string | undefined;
}

export function statusOf(sources: StatusSources): Status {
  const { version, gateway, accounts, settings } = sources;
  const standing = standingOf(accounts, gateway.pool.standing());
  const unanswered = gateway.unanswered(modelsInQuestion(standing.held, settings));
  return {
    version,
    proxy: gateway.state,
    authMode: settings.auth.mode,
    lan: settings.allowLanAccess,
    accounts: settings.accounts.length,
    sandboxOnly: gateway.sandboxOnly,
    active: gateway.active,
    problems: problemsOf(sources).sort(bySeverity),
    ...standing,
    ...(unanswered.length === 0 ? {} : { unanswered }),
    ...poolOf(gateway.pool.shared.standing),
    ...(sources.connected.length === 0 ? {} : { connected: [...sources.connected] }),
  };
}

/** Names of gateways that are told at most. */
const MAX_GATEWAYS = 100;

function poolOf(standing: PoolStanding | undefined): Pick<Status, "pool"> {
  if (standing === undefined) return {};
  const { name, state, since, gateways } = standing;
  return { pool: { name, state, since, gateways: gateways.slice(0, MAX_GATEWAYS) } };
}

/** Models looked at, and so named, at most. */
const MAX_IN_QUESTION = 20;

/** Those that some account is held back for, and those that a person gave a route of their own. */
function modelsInQuestion(held: readonly HeldAccount[], { routes }: Settings): string[] {
  if (held.length === 0) return [];
  const named = held.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const routed = routes.map(({ model }) => model).filter((model) => !isWildcard(model));
  return [...new Set([...named, ...routed])].slice(0, MAX_IN_QUESTION);
}

function problemsOf(sources: StatusSources): Problem[] {
  const { gateway, settings, noted, keys, notices, secrets, notKept, records } = sources;
  const { state } = gateway;
  const found: Problem[] = [...noted, ...gateway.problems, ...keys];
  if (secrets !== undefined) found.push({ severity: "error", message: secrets, cause: "secrets" });
  for (const message of notices) if (message !== undefined) found.push({ severity: "warning", message });
  if (notKept !== undefined) found.push({ severity: "warning", message: notKept, cause: "not-kept" });
  if (records !== undefined) found.push({ severity: "warning", message: records, cause: "records" });
  const { port } = settings;
  if (state.kind === "running" && port !== 0 && state.port !== port) {
    const message = `Port ${port} could not be opened, so Portico is still on ${state.port}. The log says why.`;
    found.push({ severity: "warning", message, cause: "port" });
  }
  return found;
}

const RANKS: Readonly<Record<string, number>> = { error: 0, warning: 1, notice: 2 };
const bySeverity = (a: Problem, b: Problem): number => (RANKS[a.severity] ?? 1) - (RANKS[b.severity] ?? 1);
