/** What may arrive over the control API about settings, routes, models and the data folder. */
import * as z from "zod";
import type { EditableSettings, SettingName, SettingsMethods } from "../../../control/settings.ts";
import { budgetSchema, priceSchema, routeSchema, settingsSchema } from "../../settings/settings.ts";

type SettingsMethod = keyof SettingsMethods;

const { shape } = settingsSchema;
const auth = shape.auth.unwrap().shape;
const scheduling = shape.scheduling.unwrap().shape;
const quotas = shape.quotas.unwrap().shape;
const background = shape.background.unwrap().shape;
const records = shape.records.unwrap().shape;
const responses = shape.responses.unwrap().shape;

const account = z.string().min(1).max(64).exactOptional();
const usd = priceSchema.shape.input.exactOptional();

/** What a person may set: the settings' own bounds. */
const values = {
  port: shape.port.unwrap(),
  allowLanAccess: shape.allowLanAccess.unwrap(),
  allowedOrigins: shape.allowedOrigins.unwrap(),
  allowedHosts: shape.allowedHosts.unwrap(),
  "auth.mode": auth.mode.unwrap(),
  "scheduling.strategy": scheduling.strategy.unwrap(),
  "scheduling.stickyWaitMs": scheduling.stickyWaitMs.unwrap(),
  "scheduling.waitMs": scheduling.waitMs.unwrap(),
  "scheduling.pinned": z.string().max(64),
  "scheduling.protectBelowPercent": scheduling.protectBelowPercent.unwrap(),
  "quotas.refreshMinutes": quotas.refreshMinutes.unwrap(),
  "background.enabled": background.enabled.unwrap(),
  "background.to": background.to.unwrap(),
  budgets: z
    .array(budgetSchema.extend({ account, warnAtPercent: budgetSchema.shape.warnAtPercent.unwrap() }))
    .max(500),
  prices: z.array(priceSchema.extend({ account, cacheRead: usd, cacheWrite: usd })).max(2000),
  "records.enabled": records.enabled.unwrap(),
  "records.maxAgeDays": records.maxAgeDays.unwrap(),
  "records.maxRows": records.maxRows.unwrap(),
  "records.maxBytes": records.maxBytes.unwrap(),
  "records.bodies": records.bodies.unwrap(),
  "records.bodyMaxBytes": records.bodyMaxBytes.unwrap(),
  "records.bodiesMaxBytes": records.bodiesMaxBytes.unwrap(),
  "records.bodiesMaxHours": records.bodiesMaxHours.unwrap(),
  replyHeaders: shape.replyHeaders.unwrap(),
  "responses.onDisk": responses.onDisk.unwrap(),
} satisfies { readonly [N in SettingName]: z.ZodType<EditableSettings[N]> };

/** All of them, each valid. */
export const settingValues = z.strictObject(values);

type Optional = { [N in SettingName]: z.ZodExactOptional<(typeof values)[N]> };
const change = z.strictObject(
  Object.fromEntries(
    Object.entries(values).map(([name, schema]) => [name, schema.exactOptional()]),
  ) as Optional,
);

const effort = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
const editShape = routeSchema.shape.edit.unwrap().shape;
export const routeRule = routeSchema.extend({
  edit: z
    .strictObject({
      effort: effort.exactOptional(),
      maxTokens: editShape.maxTokens.unwrap().exactOptional(),
      systemPrefix: editShape.systemPrefix.unwrap().exactOptional(),
    })
    .exactOptional(),
});
/** Of a person's own. */
export const routeRules = z.array(routeRule).max(1000);

export const settingsParamSchemas: {
  readonly [M in SettingsMethod]: z.ZodType<SettingsMethods[M][0]>;
} = {
  "settings.get": z.undefined(),
  "settings.update": change,
  "routes.get": z.undefined(),
  "routes.set": routeRules,
  "models.list": z.undefined(),
  "storage.get": z.undefined(),
  "surroundings.get": z.undefined(),
  "diagnostics.get": z.undefined(),
};
