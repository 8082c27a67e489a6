/** The values of the context keys, as plain data. */
import type { Status } from "../../control/contract.ts";

export interface ContextValues {
  "portico.running": boolean;
  "portico.hasAccounts": boolean;
  /** `""`: not known, and everything is offered. */
  "portico.state": "" | "starting" | "running" | "stopping" | "stopped" | "failed";
  "portico.lan": boolean;
  /** Whether models can be offered in VS Code's chat at all. */
  "portico.canChat": boolean;
}

export function contextsOf(status: Status | undefined, { canChat }: { canChat: boolean }): ContextValues {
  return {
    "portico.running": status?.proxy.kind === "running",
    "portico.hasAccounts": (status?.accounts ?? 0) > 0,
    "portico.state": stateOf(status),
    "portico.lan": status?.lan === true,
    "portico.canChat": canChat,
  };
}

function stateOf(status: Status | undefined): ContextValues["portico.state"] {
  const proxy = status?.proxy;
  if (proxy === undefined || proxy.kind === "unknown") return "";
  if (proxy.kind === "stopped" && proxy.stopping !== undefined) return "stopping";
  return proxy.kind;
}
