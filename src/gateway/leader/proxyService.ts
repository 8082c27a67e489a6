/** Starting, stopping and restarting the proxy, as people do it: what is wanted is kept for later starts. */

import type { Gateway } from "../gateway.ts";
import type { Wish } from "./desiredState.ts";
import type { Services } from "./services.ts";

export interface ProxyServiceDeps {
  readonly turn: <T>(job: () => Promise<T>) => Promise<T>;
  readonly gateway: Gateway;
  readonly wish: Wish;
  /** From now on on this port, also before the settings say so. */
  readonly usePort: (port: number) => Promise<void>;
}

/** Milliseconds that requests in flight get when a person stops or restarts the proxy. */
const STOP_DRAIN_MS = 10_000;

export function createProxyService(deps: ProxyServiceDeps): Pick<Services, "start" | "stop" | "restart"> {
  const { turn, gateway, wish, usePort } = deps;
  return {
    start: (port) =>
      turn(async () => {
        if (port !== undefined) await usePort(port);
        await Promise.all([wish.keep("running"), gateway.start()]);
      }),
    async stop(now = false) {
      // Whoever waits for requests to end must not keep a person from cutting them, nor from starting anew.
      if (now) await gateway.stop(0);
      const { stopped } = await turn(async () => {
        const stopped = gateway.stop(now ? 0 : STOP_DRAIN_MS);
        await wish.keep("stopped");
        return { stopped };
      });
      await stopped;
    },
    restart: () =>
      turn(async () => {
        await Promise.all([wish.keep("running"), gateway.restart(STOP_DRAIN_MS)]);
      }),
  };
}
