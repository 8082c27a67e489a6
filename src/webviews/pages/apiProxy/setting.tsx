/** One setting of the page API Proxy: its title, what is set, who keeps it, and the way there. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { SettingName, SettingsView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { Failure } from "../../components/Message.tsx";
import { toastFailure } from "../../components/Toast.tsx";
import { fixedLabel, type Setting, useSetting } from "../../state/setting.ts";
import { call, inVsCode } from "../../transport.ts";

/** A heading on the left, what it is about on the right; one below the other where there is no room. */
export function Row({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="setting">
      <h3>{title}</h3>
      <div class="what">{children}</div>
    </div>
  );
}

interface SettingRowProps<N extends SettingName> {
  title: string;
  name: N;
  view: SettingsView;
  children(setting: Setting<N>): ComponentChildren;
}

/** A row about one setting, which ends with what went wrong and where it is kept. */
export function SettingRow<N extends SettingName>({ title, name, view, children }: SettingRowProps<N>) {
  const setting = useSetting(name, view);
  return (
    <Row title={title}>
      {children(setting)}
      <Failure message={setting.problem} />
      <KeptBy view={view} name={name} />
    </Row>
  );
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
  const fixed = fixedLabel(name, view);
  return fixed === undefined ? null : <p class="muted kept">{fixed}</p>;
}

/** VS Code's settings editor. */
export function openSetting(query: string): void {
  void toastFailure(call("host.openSettings", { query }));
}
