/** One setting as a page shows and changes it. */
import { t } from "@vscode/l10n";
import { useRef } from "preact/hooks";
import type { EditableSettings, SettingName, SettingsView, SettingValues } from "../../control/settings.ts";
import { call, inVsCode } from "../transport.ts";
import { useAction } from "./action.ts";
import { settings } from "./gateway.ts";

export interface Setting<N extends SettingName> {
  value: SettingValues[N];
  /** Why it cannot be changed here, for a person. */
  fixed: string | undefined;
  busy: boolean;
  /** Why the last change was refused. */
  problem: string | undefined;
  /** While a change is under way, of several more the last one counts. @returns whether it was kept */
  save(value: EditableSettings[N]): Promise<boolean>;
  clear(): void;
}

/** @param view of `settings`, which has to be loaded */
export function useSetting<N extends SettingName>(name: N, view: SettingsView): Setting<N> {
  const action = useAction(async (value: EditableSettings[N]) => {
    settings.value = { kind: "ready", value: await call("settings.update", { [name]: value }) };
  });
  // What the person chose stays shown while it is being saved, rather than going back and forth.
  const chosen = useRef<SettingValues[N]>(view.values[name]);
  const line = useRef({ last: Promise.resolve(true), newest: 0 });
  return {
    value: action.busy ? chosen.current : view.values[name],
    fixed: fixedLabel(name, view),
    busy: action.busy,
    problem: action.problem,
    save(value) {
      chosen.current = value;
      line.current.newest += 1;
      const mine = line.current.newest;
      line.current.last = line.current.last.then(() =>
        mine === line.current.newest ? action.run(value) : false,
      );
      return line.current.last;
    },
    clear: action.clear,
  };
}

/** Of a field that shows so many of the setting's units as one. */
export function boundsOf(
  name: SettingName,
  { bounds }: SettingsView,
  scale = 1,
): { min?: number; max?: number } {
  const of = bounds?.[name];
  return of === undefined ? {} : { min: of.min / scale, max: of.max / scale };
}

/** Each setting has one home; what another home holds is shown and not changed. */
export function fixedLabel(name: SettingName, { homes, configFile }: SettingsView): string | undefined {
  if (homes[name] === undefined) return t("The Portico that runs is older, and has no such setting.");
  if (homes[name] === "config") {
    return configFile === undefined
      ? t("Set on the command line.")
      : t("Set in the config file, {0}.", configFile);
  }
  if (homes[name] === "vscode") return inVsCode ? undefined : t("Set in VS Code.");
  return homes[name] === "portico" ? undefined : t("Set elsewhere: {0}.", homes[name]);
}
