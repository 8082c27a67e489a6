/**
 * One handler per method of the control API. What they steer is given in, so that the worker, the
 * command line and tests share them; a method without a handler does not compile.
 */

import { ControlError } from "../../control/channel.ts";
import type {
  AccountView,
  CheckResult,
  LocalServer,
  Method,
  NewAccount,
  Params,
  ProviderView,
  Result,
  Status,
} from "../../control/contract.ts";
import { PorticoError } from "../common/errors.ts";
import type { Log } from "../common/ports.ts";
import type { Caller, ServeFor } from "../controlServer/caller.ts";
import type { DashboardLink } from "../controlServer/dashboard/dashboard.ts";
import { paramMessage } from "../controlServer/paramErrors.ts";
import { isMethod, paramSchemas } from "../controlServer/params/all.ts";
import { type AccountService, accountHandlers } from "./accountHandlers.ts";
import { credentialHandlers } from "./credentialHandlers.ts";
import type { CredentialService } from "./credentialService.ts";
import { type RequestService, requestHandlers } from "./requestHandlers.ts";
import { type SettingsService, settingsHandlers } from "./settingsHandlers.ts";

/** What the handlers steer. Failures with a meaning are `PorticoError`s. */
export interface Services {
  readonly credentials: CredentialService;
  readonly atWork: AccountService;
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
  /** @returns an address with a fresh code; `undefined`: there is no dashboard. @param inFile with a file that leads there */
  dashboardLink(inFile: boolean): Promise<DashboardLink | undefined>;
}

export type Handlers = {
  readonly [M in Method]: (
    params: Params<M>,
    signal: AbortSignal,
    caller: Caller,
  ) => Result<M> | Promise<Result<M>>;
};

export function createHandlers(steering: Services): Handlers {
  return {
    "status.get": () => steering.status(),
    "proxy.start": async (params) => {
      await steering.start(params?.port);
      return steering.status();
    },
    "proxy.stop": async (params) => {
      await steering.stop(params?.now);
      return steering.status();
    },
    "proxy.restart": async () => {
      await steering.restart();
      return steering.status();
    },
    "auth.key": async () => ({ apiKey: await steering.apiKey() }),
    "auth.rotate": async () => ({ apiKey: await steering.rotateKey() }),
    "providers.list": () => steering.providers(),
    "accounts.check": (account, signal) => steering.checkAccount(account, signal),
    "accounts.add": (account) => steering.addAccount(account),
    "accounts.remove": async ({ id }) => ({ removed: await steering.removeAccount(id) }),
    "local.detect": (_params, signal) => steering.detectLocal(signal),
    "events.watch": ({ events }, _signal, caller) => {
      caller.watch(events);
      return undefined;
    },
    "dashboard.link": async (params, _signal, { browser }) => {
      // A session that leaked must not be able to make itself others.
      if (browser) throw new ControlError("failed", "Ask for another link in a terminal on this computer.");
      const link = await steering.dashboardLink(params?.file === true);
      if (link === undefined) throw new ControlError("failed", "This Portico runs without its dashboard.");
      return link;
    },
    ...credentialHandlers(steering.credentials),
    ...accountHandlers(steering.atWork),
    ...requestHandlers(steering.requests),
    ...settingsHandlers(steering.settings),
  };
}

/** The handlers behind their schemas, as a channel serves them. */
export function serveHandlers(handlers: Handlers, log: Log): ServeFor {
  async function run<M extends Method>(
    method: M,
    raw: unknown,
    signal: AbortSignal,
    caller: Caller,
  ): Promise<Result<M>> {
    const params = paramSchemas[method].safeParse(raw);
    if (!params.success) throw new ControlError("bad-request", paramMessage(method, params.error, raw));
    return await handlers[method](params.data, signal, caller);
  }
  return (caller) => async (method, params, signal) => {
    if (!isMethod(method)) {
      throw new ControlError("not-found", `This Portico does not know "${method}". Are both of one version?`);
    }
    try {
      return await run(method, params, signal, caller);
    } catch (thrown) {
      if (thrown instanceof PorticoError && thrown.kind !== "internal") {
        throw new ControlError(codeOf(thrown), thrown.message);
      }
      if (!(thrown instanceof ControlError) && !signal.aborted) {
        log.error(`${method} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
      throw thrown;
    }
  };
}

function codeOf(error: PorticoError): "bad-request" | "not-found" | "failed" {
  if (error.kind === "invalid_request") return "bad-request";
  return error.kind === "not_found" ? "not-found" : "failed";
}
