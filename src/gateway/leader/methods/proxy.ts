/** Serves the methods about the proxy itself, its key and its events. */
import * as z from "zod";
import { ControlError } from "../../../control/channel.ts";
import type { ProxyMethods } from "../../../control/methods/proxy.ts";
import { WATCHED_EVENTS } from "../../controlServer/caller.ts";
import type { Served } from "./served.ts";

export const proxyMethods: Served<ProxyMethods> = {
  "status.get": { params: z.undefined(), run: (services) => services.status() },
  "proxy.start": {
    params: z.strictObject({ port: z.int().min(0).max(65_535).exactOptional() }).optional(),
    async run(services, params) {
      await services.start(params?.port);
      await services.clients.lookNow();
      return services.status();
    },
  },
  "proxy.stop": {
    params: z.strictObject({ now: z.boolean().exactOptional() }).optional(),
    async run(services, params) {
      // Whoever stops is told who is refused from now on.
      await Promise.all([services.clients.lookNow(), services.stop(params?.now)]);
      return services.status();
    },
  },
  "proxy.restart": {
    params: z.undefined(),
    async run(services) {
      await services.restart();
      return services.status();
    },
  },
  "auth.key": { params: z.undefined(), run: async (services) => ({ apiKey: await services.apiKey() }) },
  "auth.rotate": { params: z.undefined(), run: async (services) => ({ apiKey: await services.rotateKey() }) },
  "events.watch": {
    params: z.strictObject({ events: z.array(z.enum(WATCHED_EVENTS)).max(10) }),
    run(_services, { events }, { caller }) {
      caller.watch(events);
      return undefined;
    },
  },
  "dashboard.link": {
    params: z
      .strictObject({
        file: z.boolean().exactOptional(),
        port: z.int().min(1).max(65_535).exactOptional(),
      })
      .optional(),
    async run(services, params, { caller }) {
      // A session that leaked must not be able to make itself others.
      if (caller.browser)
        throw new ControlError("failed", "Ask for another link in a terminal on this computer.");
      const link = await services.dashboardLink(params?.file === true, params?.port);
      if (link === undefined && params?.port !== undefined) {
        throw new ControlError("failed", "No dashboard of the other Portico can be opened from here.");
      }
      if (link === undefined) throw new ControlError("failed", "This Portico runs without its dashboard.");
      return link;
    },
  },
};
