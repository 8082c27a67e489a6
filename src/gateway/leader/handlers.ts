/** Serves the methods of the control API: params are checked, failures told in the contract's words. */
import { ControlError } from "../../control/channel.ts";
import type { Method, Params, Result } from "../../control/contract.ts";
import { messageOf, PorticoError } from "../common/errors.ts";
import type { Log } from "../common/ports.ts";
import type { ServeFor } from "../controlServer/caller.ts";
import { paramMessage } from "../controlServer/paramErrors.ts";
import { isMethod, METHODS } from "./methods/all.ts";
import type { Call, ServedMethod } from "./methods/served.ts";
import type { Services } from "./services.ts";

/** @param params as the contract has them */
export async function callMethod<M extends Method>(
  services: Services,
  method: M,
  params: Params<M>,
  call: Call,
): Promise<Result<M>> {
  const served = METHODS[method] as ServedMethod<Params<M>, Result<M>>;
  return await served.run(services, params, call);
}

/** The methods behind their schemas, as a channel serves them. */
export function serveMethods(services: Services, log: Log): ServeFor {
  async function run<M extends Method>(method: M, raw: unknown, call: Call): Promise<Result<M>> {
    const params = METHODS[method].params.safeParse(raw);
    if (!params.success) throw new ControlError("bad-request", paramMessage(method, params.error, raw));
    return await callMethod(services, method, params.data as Params<M>, call);
  }
  return (caller) => async (method, params, signal) => {
    if (!isMethod(method)) {
      throw new ControlError("not-found", `This Portico does not know "${method}". Are both of one version?`);
    }
    try {
      return await run(method, params, { signal, caller });
    } catch (thrown) {
      if (thrown instanceof PorticoError && thrown.kind !== "internal") {
        throw new ControlError(codeOf(thrown), thrown.message);
      }
      if (!(thrown instanceof ControlError) && !signal.aborted) {
        log.error(`${method} failed: ${messageOf(thrown)}`);
      }
      throw thrown;
    }
  };
}

function codeOf(error: PorticoError): "bad-request" | "not-found" | "failed" {
  if (error.kind === "invalid_request") return "bad-request";
  return error.kind === "not_found" ? "not-found" : "failed";
}
