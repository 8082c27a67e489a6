/** Serves the methods about settings, routes, models and the data folder. */
import * as z from "zod";
import type { SettingsMethods } from "../../../control/methods/settings.ts";
import type { SettingsChange } from "../../../control/settings.ts";
import { routeSchema } from "../../settings/rules.ts";
import { EDITABLE_VALUES } from "../../settings/table.ts";
import type { Served } from "./served.ts";

/** Any of those that a person may set, within the settings' own bounds. */
const change = z.strictObject(
  Object.fromEntries(
    Object.entries<z.ZodType>(EDITABLE_VALUES).map(([name, schema]) => [name, schema.exactOptional()]),
  ),
) as z.ZodType<SettingsChange>;

/** Of a person's own. */
export const routeRules = z.array(routeSchema).max(1000);

export const settingsMethods: Served<SettingsMethods> = {
  "settings.get": { params: z.undefined(), run: ({ settings }) => settings.view() },
  "settings.update": { params: change, run: ({ settings }, wanted) => settings.update(wanted) },
  "routes.get": { params: z.undefined(), run: ({ settings }) => settings.routes() },
  "routes.set": { params: routeRules, run: ({ settings }, routes) => settings.setRoutes(routes) },
  "models.list": { params: z.undefined(), run: ({ settings }) => settings.models() },
  "storage.get": { params: z.undefined(), run: ({ settings }) => settings.storage() },
  "surroundings.get": { params: z.undefined(), run: ({ settings }) => settings.surroundings() },
  "telemetry.get": { params: z.undefined(), run: ({ settings }) => settings.telemetry() },
  "telemetry.setHeaders": {
    params: z.strictObject({ headers: z.string().max(20_000) }),
    run: ({ settings }, { headers }) => settings.setTelemetryHeaders(headers),
  },
  "diagnostics.get": { params: z.undefined(), run: ({ settings }) => settings.diagnostics() },
};
