/** Starting, stopping and restarting the proxy, as people do it: what is wanted is kept for later starts. */

import type { Gateway } from "../gateway.ts";
import type { DesiredStateStore } from "./desiredState.ts";
import type { Services } from "./services.ts";

export interface ProxyServiceDeps {
  readonly inTurn: <T>(job: () => Promise<T>) => Promise<T>;
  readonly gateway: Gateway;
  readonly desiredState: DesiredStateStore;
  /** From now on on this port, also before the settings say so. */
  readonly usePort: (port: number) => Promise<void>;
}

/** Milliseconds that requests in flight get when a person stops or restarts the proxy. */
const STOP_DRAIN_MS = 10_000;

export function createProxyService(deps: ProxyServiceDeps): Pick<Services, "start" | "stop" | "restart"> {
  const { inTurn, gateway, desiredState, usePort } = deps;
  return {
    start: (port) =>
      inTurn(async () => {
        if (port !== undefined) await usePort(port);
        await Promise.all([desiredState.keep("running"), gateway.start()]);
      }),
    async stop(now = false) {
      // Whoever waits for requests to end must not keep a person from cutting them, nor from starting anew.
      if (now) await gateway.stop(0);
      const { stopped } = await inTurn(async () => {
        const stopped = gateway.stop(now ? 0 : STOP_DRAIN_MS);
        await desiredState.keep("stopped");
        return { stopped };
      });
      await stopped;
    },
    restart: () =>
      inTurn(async () => {
        await Promise.all([desiredState.keep("running"), gateway.restart(STOP_DRAIN_MS)]);
      }),
  };
}
