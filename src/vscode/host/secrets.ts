/** VS Code's SecretStorage as the worker asks for it. It belongs to this extension alone. */
import type * as vscode from "vscode";
import type { WindowMethod, WindowMethods } from "../../control/window.ts";

export type WindowHandlers = {
  readonly [M in WindowMethod]: (params: WindowMethods[M][0]) => Promise<WindowMethods[M][1]>;
};

export function secretHandlers(storage: vscode.SecretStorage): WindowHandlers {
  return {
    "secrets.get": async ({ key }) => storage.get(key),
    "secrets.set": async ({ key, value }) => {
      await storage.store(key, value);
    },
    "secrets.delete": async ({ key }) => {
      await storage.delete(key);
    },
  };
}
