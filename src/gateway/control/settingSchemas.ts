/** What may arrive over the control API about settings, routes and the data folder. */
import * as z from "zod";
import type { EditableSettings, SettingName, SettingsView } from "../../control/settings.ts";
import { STRATEGIES } from "../accounts/schedule/strategies.ts";
import { AUTH_MODES } from "../settings.ts";

const text = z.string().max(10_000);
const texts = z.array(text).max(2000);

/** As a client reads them; what a person may set is narrower. */
const values: { readonly [N in SettingName]: z.ZodType<EditableSettings[N]> } = {
  port: z.int(),
  allowLanAccess: z.boolean(),
  allowedOrigins: texts,
  allowedHosts: texts,
  "auth.mode": z.enum(AUTH_MODES),
  "scheduling.strategy": z.enum(STRATEGIES),
  "scheduling.stickyWaitMs": z.number(),
  "scheduling.pinned": text,
  "scheduling.protectBelowPercent": z.number(),
  "quotas.refreshMinutes": z.number(),
  "background.enabled": z.boolean(),
  "background.to": texts,
  budgets: z
    .array(
      z.object({
        account: text.exactOptional(),
        unit: z.enum(["tokens", "requests", "usd"]),
        per: z.enum(["day", "week", "month"]),
        limit: z.number(),
        warnAtPercent: z.number(),
      }),
    )
    .max(500),
  prices: z
    .array(
      z.object({
        model: text,
        account: text.exactOptional(),
        input: z.number(),
        output: z.number(),
        cacheRead: z.number().exactOptional(),
        cacheWrite: z.number().exactOptional(),
      }),
    )
    .max(2000),
  "records.enabled": z.boolean(),
  "records.maxAgeDays": z.number(),
  "records.maxRows": z.number(),
  "records.maxBytes": z.number(),
  "records.bodies": z.boolean(),
  "records.bodyMaxBytes": z.number(),
  "records.bodiesMaxBytes": z.number(),
  "records.bodiesMaxHours": z.number(),
  replyHeaders: z.boolean(),
  "responses.onDisk": z.boolean(),
};

export const SETTING_NAMES = Object.keys(values) as SettingName[];

const home = z.enum(["portico", "vscode", "config"]);

export const settingsView = z.object({
  values: z.object(values),
  homes: z.object(
    Object.fromEntries(SETTING_NAMES.map((name) => [name, home])) as Record<SettingName, typeof home>,
  ),
  configFile: text.exactOptional(),
}) satisfies z.ZodType<SettingsView>;
