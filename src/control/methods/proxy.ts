/** Methods about the proxy itself, its key and its events. */
import type { Status, WatchedEvent } from "../contract.ts";
import { type MethodsOf, method } from "./method.ts";
import { status } from "./shapes.ts";

const key = { apiKey: "string" } as const;

export const proxyMethods = {
  "status.get": method<undefined, Status>(status),
  /** `port`: on that one, also before the settings say so. */
  "proxy.start": method<{ port?: number } | undefined, Status>(status),
  /** Resolves when the requests in flight are over. `now`: they have no time for it, also those of a stop before. */
  "proxy.stop": method<{ now?: boolean } | undefined, Status>(status),
  "proxy.restart": method<undefined, Status>(status),
  "auth.key": method<undefined, { apiKey: string }>(key),
  "auth.rotate": method<undefined, { apiKey: string }>(key),
  /** Which events this connection wants, besides `status` and `log`; replaces what it said before. */
  "events.watch": method<{ events: WatchedEvent[] }, undefined>(undefined),
  /**
   * An address that opens the dashboard in a browser, once and for ten minutes. `file`: the path of a page that
   * leads there and that only this user can read, for a browser that is started: anyone sees its arguments.
   * `port`: of the other Portico on this computer whose proxy has that port.
   */
  "dashboard.link": method<{ file?: boolean; port?: number } | undefined, { url: string; file?: string }>({
    url: "string",
  }),
};
export type ProxyMethods = MethodsOf<typeof proxyMethods>;
