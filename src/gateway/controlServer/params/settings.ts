/** What may arrive over the control API about settings, routes, models and the data folder. */
import * as z from "zod";
import type { SettingsChange, SettingsMethods } from "../../../control/settings.ts";
import { routeSchema } from "../../settings/rules.ts";
import { EDITABLE_VALUES } from "../../settings/table.ts";

type SettingsMethod = keyof SettingsMethods;

/** Any of those that a person may set, within the settings' own bounds. */
const change = z.strictObject(
  Object.fromEntries(
    Object.entries<z.ZodType>(EDITABLE_VALUES).map(([name, schema]) => [name, schema.exactOptional()]),
  ),
) as z.ZodType<SettingsChange>;

/** Of a person's own. */
export const routeRules = z.array(routeSchema).max(1000);

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
