/** Who keeps a setting, and the way there. */
import { t } from "@vscode/l10n";
import type { SettingName, SettingsView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { toast } from "../../components/Toast.tsx";
import { messageOf } from "../../state/loaded.ts";
import { fixedLabel } from "../../state/setting.ts";
import { call, inVsCode } from "../../transport.ts";

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
  const fixed = fixedLabel(name, view);
  return fixed === undefined ? null : <p class="muted kept">{fixed}</p>;
}

/** VS Code's settings editor. */
export function openSetting(query: string): void {
  call("host.openSettings", { query }).catch((thrown: unknown) => {
    toast(messageOf(thrown), "problem");
  });
}
