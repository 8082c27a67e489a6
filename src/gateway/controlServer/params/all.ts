/** The params of every method of the control API, checked. A method without its schema does not compile. */
import * as z from "zod";
import type { Method, Params } from "../../../control/contract.ts";
import { WATCHED_EVENTS } from "../caller.ts";
import { accountParamSchemas } from "./accounts.ts";
import { credentialParamSchemas, newAccount } from "./credentials.ts";
import { requestParamSchemas } from "./requests.ts";
import { settingsParamSchemas } from "./settings.ts";
import { statsParamSchemas } from "./stats.ts";

const none = z.undefined();

export const paramSchemas: { readonly [M in Method]: z.ZodType<Params<M>> } = {
  "status.get": none,
  "proxy.start": z.strictObject({ port: z.int().min(0).max(65_535).exactOptional() }).optional(),
  "proxy.stop": z.strictObject({ now: z.boolean().exactOptional() }).optional(),
  "proxy.restart": none,
  "auth.key": none,
  "auth.rotate": none,
  "providers.list": none,
  "accounts.check": newAccount,
  "accounts.add": newAccount,
  "accounts.remove": z.strictObject({ id: z.string().max(64) }),
  "local.detect": none,
  "events.watch": z.strictObject({ events: z.array(z.enum(WATCHED_EVENTS)).max(10) }),
  "dashboard.link": z.strictObject({ file: z.boolean().exactOptional() }).optional(),
  ...credentialParamSchemas,
  ...accountParamSchemas,
  ...requestParamSchemas,
  ...statsParamSchemas,
  ...settingsParamSchemas,
};

export function isMethod(name: string): name is Method {
  return Object.hasOwn(paramSchemas, name);
}
