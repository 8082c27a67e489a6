/** The handlers of the methods about recorded requests, statistics and budgets. */

import { ControlError } from "../../control/channel.ts";
import type { Params, Result } from "../../control/contract.ts";
import type { RequestMethods } from "../../control/requests.ts";
import type { BudgetView, StatsMethods } from "../../control/stats.ts";
import type { Caller } from "../controlServer/caller.ts";
import type { Records } from "../records/records.ts";

type Method = keyof RequestMethods | keyof StatsMethods;

/** Failures with a meaning are `PorticoError`s. */
export interface RequestService {
  readonly records: Pick<Records, "list" | "get" | "facets" | "exportPart" | "clear" | "stats" | "today">;
  curl(id: string): Promise<Result<"requests.curl">>;
  replay(params: Params<"requests.replay">, signal: AbortSignal): Promise<Result<"requests.replay">>;
  budgets(): BudgetView[];
  take(params: Params<"requests.take">): Result<"requests.take">;
}

type RequestHandlers = {
  readonly [M in Method]: (
    params: Params<M>,
    signal: AbortSignal,
    caller: Caller,
  ) => Result<M> | Promise<Result<M>>;
};

export function requestHandlers(steering: RequestService): RequestHandlers {
  const { records } = steering;
  return {
    "requests.list": (params) => records.list(params),
    "requests.get": async (params) => withinMessage(await records.get(params)),
    "requests.facets": () => records.facets(),
    "requests.export": (params) => records.exportPart(params),
    "requests.clear": () => records.clear(),
    "requests.curl": ({ id }) => steering.curl(id),
    "requests.replay": (params, signal) => steering.replay(params, signal),
    "requests.take": (params, _signal, { browser }) => {
      if (browser) throw new ControlError("failed", "This is for another Portico of yours, not for a page.");
      return steering.take(params);
    },
    "stats.query": (query) => records.stats(query),
    "stats.today": (params) => records.today(params),
    "budgets.list": () => steering.budgets(),
  };
}

/** UTF-16 units of a body that are shown; more would not be read, and a message has its limit. */
export const MAX_SHOWN_BODY = 1024 * 1024;

function withinMessage(details: Result<"requests.get">): Result<"requests.get"> {
  const shown = { ...details };
  for (const name of ["requestBody", "replyBody"] as const) {
    const body = details[name];
    if (body === undefined || body.text.length <= MAX_SHOWN_BODY) continue;
    shown[name] = { ...body, text: body.text.slice(0, MAX_SHOWN_BODY), cut: true };
  }
  return shown;
}
