/** What the methods of the control API act on. Given in, so that worker, command line and tests share the handlers. */
import type { AccountChange, ListedAccount, RouteView } from "../../control/accounts.ts";
import type {
  AccountView,
  CheckResult,
  LocalServer,
  NewAccount,
  Params,
  ProviderView,
  Result,
  Status,
} from "../../control/contract.ts";
import type { Protocol } from "../../control/protocol.ts";
import type { RouteRule } from "../../control/settings.ts";
import type { BudgetView } from "../../control/stats.ts";
import type { DashboardLink } from "../controlServer/dashboard/dashboard.ts";
import type { Records } from "../records/records.ts";
import type { ClientKeyService } from "./clientKeyService.ts";
import type { ClientService } from "./clientService.ts";
import type { CredentialService } from "./credentialService.ts";

/** Failures with a meaning are `PorticoError`s. */
export interface Services {
  readonly credentials: CredentialService;
  readonly clients: ClientService;
  readonly keys: ClientKeyService;
  readonly accounts: AccountService;
  readonly requests: RequestService;
  readonly settings: SettingsService;
  status(): Status;
  /** Never throws for a taken port: the status says so. Keeps the wish for later starts. */
  start(port?: number): Promise<void>;
  /** @param now requests in flight are cut, also those of a stop that still waits for them */
  stop(now?: boolean): Promise<void>;
  restart(): Promise<void>;
  apiKey(): Promise<string>;
  rotateKey(): Promise<string>;
  providers(): ProviderView[];
  checkAccount(account: NewAccount, signal: AbortSignal): Promise<CheckResult>;
  addAccount(account: NewAccount): Promise<AccountView>;
  /** @returns whether there was one. */
  removeAccount(id: string): Promise<boolean>;
  detectLocal(signal: AbortSignal): Promise<LocalServer[]>;
  /**
   * @returns an address with a fresh code; `undefined`: there is no dashboard. @param inFile with a file that leads there
   * @param port of the other Portico that has it
   */
  dashboardLink(inFile: boolean, port?: number): Promise<DashboardLink | undefined>;
}

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

export interface RequestService {
  readonly records: Pick<Records, "list" | "get" | "facets" | "exportPart" | "clear" | "stats" | "today">;
  curl(id: string): Promise<Result<"requests.curl">>;
  replay(params: Params<"requests.replay">, signal: AbortSignal): Promise<Result<"requests.replay">>;
  trySandbox(signal: AbortSignal): Promise<Result<"requests.trySandbox">>;
  budgets(): BudgetView[];
  take(params: Params<"requests.take">): Result<"requests.take">;
}

export interface SettingsService {
  view(): Result<"settings.get">;
  update(change: Params<"settings.update">): Promise<Result<"settings.update">>;
  routes(): Result<"routes.get">;
  setRoutes(routes: Params<"routes.set">): Promise<Result<"routes.set">>;
  models(): Promise<Result<"models.list">>;
  storage(): Promise<Result<"storage.get">>;
  surroundings(): Promise<Result<"surroundings.get">>;
  diagnostics(): Promise<Result<"diagnostics.get">>;
  /** Traces to a receiver of the person's own. */
  telemetry(): Promise<Result<"telemetry.get">>;
  setTelemetryHeaders(headers: string): Promise<Result<"telemetry.setHeaders">>;
}
