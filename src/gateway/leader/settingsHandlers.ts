/** The handlers of the methods about settings, routes, models and the data folder. */
import type { Params, Result } from "../../control/contract.ts";
import type { SettingsMethods } from "../../control/settings.ts";

/** Failures with a meaning are `PorticoError`s. */
export interface SettingsService {
  view(): Result<"settings.get">;
  update(change: Params<"settings.update">): Promise<Result<"settings.update">>;
  routes(): Result<"routes.get">;
  setRoutes(routes: Params<"routes.set">): Promise<Result<"routes.set">>;
  models(): Promise<Result<"models.list">>;
  storage(): Promise<Result<"storage.get">>;
  surroundings(): Promise<Result<"surroundings.get">>;
  diagnostics(): Promise<Result<"diagnostics.get">>;
}

type SettingsHandlers = {
  readonly [M in keyof SettingsMethods]: (params: Params<M>) => Result<M> | Promise<Result<M>>;
};

export function settingsHandlers(steering: SettingsService): SettingsHandlers {
  return {
    "settings.get": () => steering.view(),
    "settings.update": (change) => steering.update(change),
    "routes.get": () => steering.routes(),
    "routes.set": (routes) => steering.setRoutes(routes),
    "models.list": () => steering.models(),
    "storage.get": () => steering.storage(),
    "surroundings.get": () => steering.surroundings(),
    "diagnostics.get": () => steering.diagnostics(),
  };
}
