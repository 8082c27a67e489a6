/** Behind the methods of `control/requests.ts` and `control/stats.ts`. */
import type { BudgetView } from "../../control/stats.ts";
import { compact } from "../common/json.ts";
import type { Gateway } from "../gateway.ts";
import type { Records } from "../records/records.ts";
import { replay } from "./replay.ts";
import type { RequestService } from "./services.ts";
import type { SettingsStore } from "./settingsStore.ts";
import { createTaking } from "./taking.ts";
import { trySandbox } from "./trySandbox.ts";

export interface RequestServiceDeps {
  readonly records: Records;
  readonly gateway: Gateway;
  readonly settingsStore: Pick<SettingsStore, "apiKey" | "home">;
}

/** Where the proxy would be, for a command line made while it is stopped. */
const USUAL_BASE = "http://127.0.0.1:8045";

export function createRequestService(deps: RequestServiceDeps): RequestService {
  const { records, gateway, settingsStore } = deps;
  return {
    records,
    take: createTaking(gateway),
    curl(id) {
      const { state } = gateway;
      return records.curl({ id }, state.kind === "running" ? state.baseUrl : USUAL_BASE);
    },
    async replay({ id, model }, signal) {
      const recorded = await records.recorded(id);
      return await replay(
        recorded,
        model,
        { proxy: () => gateway.state, apiKey: () => settingsStore.apiKey },
        signal,
      );
    },
    trySandbox: (signal) => trySandbox({ proxy: gateway.state, apiKey: settingsStore.apiKey }, signal),
    budgets: () => {
      const readOnly = settingsStore.home("budgets") !== "portico";
      return gateway.pool.budgetStates().map((state): BudgetView => compact({ ...state, readOnly }));
    },
  };
}
