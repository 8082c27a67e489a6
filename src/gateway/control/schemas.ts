/**
 * What may arrive over the control API: the params of every method, and, for its clients, every
 * result and event. A method or event without its schema does not compile.
 */
import * as z from "zod";
import type { EventName, Events, Method, Params, Result } from "../../control/contract.ts";
import { PROTOCOLS } from "../protocols/protocol.ts";
import { AUTH_MODES } from "../settings.ts";
import {
  accountParamSchemas,
  accountResultSchemas,
  checkResult,
  heldAccount,
  MAX_HELD_SHOWN,
} from "./accountSchemas.ts";
import { WATCHED_EVENTS } from "./caller.ts";
import {
  accountView,
  credentialParamSchemas,
  credentialResultSchemas,
  newAccount,
} from "./credentialSchemas.ts";
import { requestParamSchemas, requestResultSchemas, requestsEvent } from "./requestSchemas.ts";
import { settingsParamSchemas, settingsResultSchemas, settingsView } from "./settingSchemas.ts";
import { statsParamSchemas, statsResultSchemas } from "./statsSchemas.ts";

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

const text = z.string().max(10_000);
const protocols = z.array(z.enum(PROTOCOLS));

const proxyState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("stopped"), stopping: z.object({ until: z.number() }).exactOptional() }),
  z.object({ kind: z.literal("starting"), port: z.int() }),
  z.object({
    kind: z.literal("running"),
    host: text,
    port: z.int(),
    baseUrl: text,
    since: z.number(),
  }),
  z.object({
    kind: z.literal("failed"),
    port: z.int(),
    reason: z.enum(["port-in-use", "not-permitted", "other"]),
    message: text,
    holder: text.exactOptional(),
  }),
]);

const status = z.object({
  version: text,
  proxy: proxyState,
  authMode: z.enum(AUTH_MODES),
  lan: z.boolean(),
  accounts: z.int(),
  sandboxOnly: z.boolean(),
  problems: z
    .array(
      z.object({
        severity: z.enum(["error", "warning"]),
        message: text,
        account: text.exactOptional(),
        cause: text.exactOptional(),
      }),
    )
    .max(2000),
  held: z.array(heldAccount).max(MAX_HELD_SHOWN),
  ready: z.int(),
  active: z.int(),
});

const modelNames = z.array(z.string().max(500)).max(10_000);
const key = z.object({ apiKey: text });

export const resultSchemas: { readonly [M in Method]: z.ZodType<Result<M>> } = {
  "status.get": status,
  "proxy.start": status,
  "proxy.stop": status,
  "proxy.restart": status,
  "auth.key": key,
  "auth.rotate": key,
  "providers.list": z
    .array(
      z.object({
        id: text,
        label: text,
        protocols,
        needsBaseUrl: z.boolean(),
        example: text.exactOptional(),
        keyRequired: z.boolean(),
        keyPage: text.exactOptional(),
      }),
    )
    .max(1000),
  "accounts.check": checkResult,
  "accounts.add": accountView,
  "accounts.remove": z.object({ removed: z.boolean() }),
  "local.detect": z
    .array(z.object({ provider: text, label: text, baseUrl: text, models: modelNames }))
    .max(100),
  "events.watch": none,
  "dashboard.link": z.object({ url: text, file: text.exactOptional() }),
  ...credentialResultSchemas,
  ...accountResultSchemas,
  ...requestResultSchemas,
  ...statsResultSchemas,
  ...settingsResultSchemas,
};

export const eventSchemas: { readonly [E in EventName]: z.ZodType<Events[E]> } = {
  status,
  log: z.object({ level: z.enum(["debug", "info", "warn", "error"]), time: z.number(), message: text }),
  requests: requestsEvent,
  accounts: accountResultSchemas["accounts.list"],
  settings: settingsView,
};

export function isMethod(name: string): name is Method {
  return Object.hasOwn(paramSchemas, name);
}

export function isEvent(name: string): name is EventName {
  return Object.hasOwn(eventSchemas, name);
}
