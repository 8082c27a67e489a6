/** The settings `portico.*`, read from VS Code as they are; the gateway checks them. */
import * as vscode from "vscode";
import type { AutoStart, WindowSettings } from "../../control/window.ts";
import { gatewaySide } from "../remote.ts";
import { AUTO_START_KEY, nestSettings } from "./settingKeys.ts";
import { SETTING_KEYS, type SettingKey } from "./settingTable.ts";

export const SECTION = "portico";
const AUTH_MODE = "auth.mode" satisfies SettingKey;
const EXTENSION_ID = "portico-gateway.portico";

export function readSettings(context: Pick<vscode.ExtensionContext, "extension">): WindowSettings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  // A remote computer has other users, more often than one's own: their programs reach its loopback as well.
  const guarded =
    gatewaySide(context) === "workspace" && configuration.inspect(AUTH_MODE)?.globalValue === undefined;
  return nestSettings(
    SETTING_KEYS.map((key) => [
      key,
      guarded && key === AUTH_MODE ? "all_except_health" : configuration.get<unknown>(key),
    ]),
  );
}

export function readAutoStart(): AutoStart {
  const value = vscode.workspace.getConfiguration(SECTION).get<unknown>(AUTO_START_KEY);
  return value === "always" || value === "never" ? value : "restore";
}

/** For all windows. */
export async function writeSetting(key: SettingKey, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(SECTION).update(key, value, vscode.ConfigurationTarget.Global);
}

/** @param key one setting; absent: all of Portico's. */
export async function openSettings(key?: SettingKey): Promise<void> {
  const query = key === undefined ? `@ext:${EXTENSION_ID}` : `@id:${SECTION}.${key}`;
  await vscode.commands.executeCommand("workbench.action.openSettings", query);
}
