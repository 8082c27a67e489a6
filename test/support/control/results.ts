/** What the control API answers and tells, method by method and event by event: all of it, with its bounds. */
import * as z from "zod";
import type { EventName, Events, Method, Result } from "../../../src/control/contract.ts";
import type { KeyView } from "../../../src/control/keys.ts";
import type { SettingsMethods } from "../../../src/control/methods/settings.ts";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import type { SettingName } from "../../../src/control/settings.ts";
import { MAX_DIAGNOSTICS } from "../../../src/gateway/leader/diagnostics.ts";
import { routeRules } from "../../../src/gateway/leader/methods/settings.ts";
import { MAX_MODELS_LISTED, MAX_OWNERS } from "../../../src/gateway/leader/settingsService.ts";
import { clientKeyFields } from "../../../src/gateway/settings/clientKeys.ts";
import { AUTH_MODES } from "../../../src/gateway/settings/settings.ts";
import { EDITABLE_VALUES, SETTING_NAMES } from "../../../src/gateway/settings/table.ts";
import {
  accountResultSchemas,
  backupResultSchemas,
  credentialResultSchemas,
  heldAccount,
} from "./accounts.ts";
import { requestResultSchemas, requestsEvent, statsResultSchemas } from "./requests.ts";

const none = z.undefined();
const text = z.string().max(10_000);

const count = z.number().min(0);
const home = z.enum(["portico", "vscode", "config"]);
const homes = Object.fromEntries(SETTING_NAMES.map((name) => [name, home])) as Record<
  SettingName,
  typeof home
>;

const bounds = z.partialRecord(z.enum(SETTING_NAMES), z.strictObject({ min: z.number(), max: z.number() }));

export const settingsView = z.object({
  values: z.strictObject(EDITABLE_VALUES),
  homes: z.object(homes),
  bounds: bounds.exactOptional(),
  configFile: text.exactOptional(),
});
const routesView = z.object({ fixed: routeRules, own: routeRules });
const telemetryView = z.strictObject({
  url: text.exactOptional(),
  content: z.boolean(),
  headers: z.enum(["none", "stored", "config"]),
  sent: z.int().min(0),
  dropped: z.int().min(0),
});
const sizes = z.object({ rows: count, bytes: count });

export const settingsResultSchemas: {
  readonly [M in keyof SettingsMethods]: z.ZodType<SettingsMethods[M][1]>;
} = {
  "settings.get": settingsView,
  "settings.update": settingsView,
  "routes.get": routesView,
  "routes.set": routesView,
  "models.list": z
    .array(
      z.object({
        name: text,
        accounts: z
          .array(z.object({ id: text, label: text, protocols: z.array(z.enum(PROTOCOLS)) }))
          .max(MAX_OWNERS),
        contextWindow: count.exactOptional(),
        maxOutput: count.exactOptional(),
        price: z.object({ input: count, output: count, cacheRead: count.exactOptional() }).exactOptional(),
        routed: z.boolean().exactOptional(),
      }),
    )
    .max(MAX_MODELS_LISTED),
  "storage.get": z.object({
    path: text,
    files: z.array(z.object({ name: text, bytes: count, what: text })).max(1000),
    requests: sizes.extend({ oldest: z.number().exactOptional() }),
    bodies: sizes,
    damaged: z.object({ files: count, bytes: count }).exactOptional(),
    problem: text.exactOptional(),
  }),
  "surroundings.get": z.object({
    version: text,
    kind: z.enum(["vscode", "headless"]),
    clients: z.int().min(0),
    proxy: z.object({ used: text, problem: text.exactOptional() }),
    addresses: z.array(z.string().max(100)).max(20).exactOptional(),
    host: text.exactOptional(),
  }),
  "telemetry.get": telemetryView,
  "telemetry.setHeaders": telemetryView,
  "diagnostics.get": z.object({ text: z.string().max(MAX_DIAGNOSTICS) }),
};

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
    other: text.exactOptional(),
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
        severity: z.enum(["error", "warning", "notice"]),
        key: text.exactOptional(),
        message: text,
        account: text.exactOptional(),
        cause: text.exactOptional(),
      }),
    )
    .max(2000),
  held: z.array(heldAccount).max(50),
  ready: z.int(),
  active: z.int(),
  connected: z.array(text).max(100).exactOptional(),
  pool: z
    .strictObject({
      name: text,
      state: z.enum(["connecting", "joined", "away"]),
      since: z.number(),
      gateways: z.array(text).min(1).max(100),
    })
    .exactOptional(),
});

const key = z.object({ apiKey: text });

const clientState = z.strictObject({
  id: text,
  label: text,
  found: z.boolean(),
  program: text.exactOptional(),
  version: text.exactOptional(),
  command: text.exactOptional(),
  install: text.exactOptional(),
  runs: z.enum(["alone", "with-model"]).exactOptional(),
  files: z.array(text).max(10),
  baseUrl: text.exactOptional(),
  model: text.exactOptional(),
  connected: z.boolean(),
  outdated: z.enum(["address", "key"]).exactOptional(),
  undoable: z.boolean(),
  offers: z.array(text).max(100).exactOptional(),
  problem: text.exactOptional(),
  beatenBy: z.array(text).max(100),
});
const limit = clientKeyFields.shape;
const keyView: z.ZodType<KeyView> = z.strictObject({
  id: text,
  name: text,
  shown: text,
  state: z.enum(["active", "disabled", "expired"]),
  enabled: z.boolean(),
  readOnly: z.boolean(),
  note: limit.note,
  models: limit.models,
  accounts: limit.accounts,
  budgets: limit.budgets,
  perMinute: limit.perMinute,
  atOnce: limit.atOnce,
  from: limit.from,
  expiresAt: count.exactOptional(),
  createdAt: count.exactOptional(),
  lastUsedAt: count.exactOptional(),
  previousUntil: count.exactOptional(),
  used: z
    .array(z.strictObject({ used: count, until: count }))
    .max(20)
    .exactOptional(),
});
const madeKey = z.strictObject({ view: keyView, key: text });
const diffLine = z.strictObject({ sign: z.enum([" ", "-", "+", "…"]), text: z.string() });

export const resultSchemas: { readonly [M in Method]: z.ZodType<Result<M>> } = {
  "status.get": status,
  "proxy.start": status,
  "proxy.stop": status,
  "proxy.restart": status,
  "auth.key": key,
  "auth.rotate": key,
  "events.watch": none,
  "dashboard.link": z.object({ url: text, file: text.exactOptional() }),
  "clients.list": z.array(clientState).max(100),
  "clients.preview": z.strictObject({
    files: z.array(
      z.strictObject({
        path: text,
        what: z.enum(["new", "changed", "removed", "same"]),
        lines: z.array(diffLine),
      }),
    ),
    left: z.array(text),
    dropped: z.array(text),
    routes: z.array(z.strictObject({ sign: z.enum(["-", "+"]), text })).exactOptional(),
    notes: z.array(text),
    seen: text,
  }),
  "clients.texts": z.strictObject({
    files: z.array(
      z.strictObject({ path: text, before: z.string().exactOptional(), after: z.string().exactOptional() }),
    ),
  }),
  "clients.apply": clientState,
  "keys.list": z.array(keyView).max(2000),
  "keys.add": madeKey,
  "keys.update": keyView,
  "keys.rotate": madeKey,
  "keys.revoke": z.strictObject({ revoked: z.boolean() }),
  ...credentialResultSchemas,
  ...backupResultSchemas,
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
