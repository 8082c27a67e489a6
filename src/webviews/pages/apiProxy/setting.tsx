/** One setting on the page: its value, who keeps it, and the way to change it. */
import { t } from "@vscode/l10n";
import type { EditableSettings, SettingHome, SettingName, SettingsView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { toast } from "../../components/Toast.tsx";
import { useAction } from "../../state/action.ts";
import { settings } from "../../state/gateway.ts";
import { call, inVsCode } from "../../transport.ts";

export interface Setting<N extends SettingName> {
  value: EditableSettings[N];
  home: SettingHome;
  /** Kept by the config file or the command line. */
  fixed: boolean;
  busy: boolean;
  problem: string | undefined;
  /** @returns whether it was kept */
  set(value: EditableSettings[N]): Promise<boolean>;
  clear(): void;
}

export function useSetting<N extends SettingName>(view: SettingsView, name: N): Setting<N> {
  const update = useAction(async (value: EditableSettings[N]) => {
    settings.value = { kind: "ready", value: await call("settings.update", { [name]: value }) };
  });
  const home = view.homes[name];
  return {
    value: view.values[name],
    home,
    fixed: home === "config",
    busy: update.busy,
    problem: update.problem,
    set: (value) => update.run(value),
    clear: update.clear,
  };
}

/** Where a setting is kept, where that is not here. */
export function KeptBy({ view, name }: { view: SettingsView; name: SettingName }) {
  const home = view.homes[name];
  if (home === "config") {
    return (
      <p class="muted kept">
        {view.configFile === undefined
          ? t("Set on the command line.")
          : t("Set in {0}; change it there.", view.configFile)}
      </p>
    );
  }
  if (home === "vscode" && inVsCode) {
    return (
      <p class="kept">
        <Button
          kind="link"
          label={t("Open VS Code's setting portico.{0}", name)}
          onClick={() => openSetting(`portico.${name}`)}
        >
          {t("VS Code setting")}
        </Button>
      </p>
    );
  }
  return null;
}

/** VS Code's settings editor. */
export function openSetting(query: string): void {
  call("host.openSettings", { query }).catch((thrown: unknown) => {
    toast(thrown instanceof Error ? thrown.message : String(thrown), "problem");
  });
}
