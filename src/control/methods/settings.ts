/** Methods about settings, routes, models and the data folder. */
import type {
  ModelView,
  RouteRule,
  RoutesView,
  SettingsChange,
  SettingsView,
  StorageView,
  SurroundingsView,
  TelemetryView,
} from "../settings.ts";
import { type MethodsOf, method, type Shape } from "./method.ts";
import { settings } from "./shapes.ts";

const route = { model: "string", to: ["string"] } as const;
const routes: Shape<RoutesView> = { fixed: [route], own: [route] };
const telemetry: Shape<TelemetryView> = {
  content: "boolean",
  headers: "string",
  sent: "number",
  dropped: "number",
};
const size = { rows: "number", bytes: "number" } as const;

export const settingsMethods = {
  "settings.get": method<undefined, SettingsView>(settings),
  /** All or nothing. */
  "settings.update": method<SettingsChange, SettingsView>(settings),
  "routes.get": method<undefined, RoutesView>(routes),
  /** The whole list of own routes. */
  "routes.set": method<RouteRule[], RoutesView>(routes),
  "models.list": method<undefined, ModelView[]>([
    { name: "string", accounts: [{ id: "string", label: "string", protocols: ["string"] }] },
  ]),
  "storage.get": method<undefined, StorageView>({
    path: "string",
    files: [{ name: "string", bytes: "number", what: "string" }],
    requests: size,
    bodies: size,
  }),
  "surroundings.get": method<undefined, SurroundingsView>({
    version: "string",
    kind: "string",
    clients: "number",
    proxy: { used: "string" },
  }),
  "telemetry.get": method<undefined, TelemetryView>(telemetry),
  /** As lines `name: value`, as JSON, or as `name=value,name=value`; empty: none. */
  "telemetry.setHeaders": method<{ headers: string }, TelemetryView>(telemetry),
  /** For a bug report: versions, settings, accounts' states, last log lines; every secret blanked. */
  "diagnostics.get": method<undefined, { text: string }>({ text: "string" }),
};
export type SettingsMethods = MethodsOf<typeof settingsMethods>;
