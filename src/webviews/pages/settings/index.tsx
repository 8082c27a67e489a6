/** What Portico keeps, what it may spend, where it lies; and the way to what VS Code keeps itself. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { SettingsView, StorageView } from "../../../control/settings.ts";
import { Shown } from "../../components/Message.tsx";
import { Parts } from "../../components/Parts.tsx";
import { knownAccounts, settings, useLive } from "../../state/gateway.ts";
import { useLoaded } from "../../state/loaded.ts";
import { fixedLabel } from "../../state/setting.ts";
import { call, inVsCode } from "../../transport.ts";
import { About, DataFolder, Diagnostics } from "./About.tsx";
import { Budgets } from "./Budgets.tsx";
import { LanguageChoice } from "./Language.tsx";
import { Prices } from "./Prices.tsx";
import { Privacy, Records } from "./Records.tsx";
import { Traces } from "./Traces.tsx";

export default function Settings() {
  useLive("settings");
  useLive("accounts");
  const storage = useLoaded((signal) => call("storage.get", undefined, { signal }));
  const budgets = useLoaded((signal) => call("budgets.list", undefined, { signal }));
  const telemetry = useLoaded((signal) => call("telemetry.get", undefined, { signal }));
  const known = knownAccounts();
  const onStored = () => void storage.reload();
  const viewed = (children: (view: SettingsView) => ComponentChildren) => (
    <Shown of={settings.value} lines={6}>
      {children}
    </Shown>
  );
  const stored = (children: (value: StorageView) => ComponentChildren) => (
    <Shown of={storage.state.value} retry={storage.reload} lines={8}>
      {children}
    </Shown>
  );
  const listed = (view: SettingsView) => (
    <Shown of={budgets.state.value} retry={budgets.reload}>
      {(list) => (
        <Budgets
          budgets={list}
          accounts={known}
          fixed={fixedLabel("budgets", view)}
          onChanged={() => void budgets.reload()}
        />
      )}
    </Shown>
  );
  return (
    <div class="settings-page">
      <Parts
        param="part"
        tabs={[
          {
            title: t("Spending"),
            parts: {
              budgets: () => viewed(listed),
              prices: () => viewed((view) => <Prices view={view} accounts={known} />),
            },
          },
          {
            title: t("History and privacy"),
            parts: {
              records: () =>
                viewed((view) =>
                  stored((value) => <Records view={view} storage={value} onChanged={onStored} />),
                ),
              privacy: () =>
                viewed((view) =>
                  stored((value) => <Privacy view={view} storage={value} onChanged={onStored} />),
                ),
              traces: () => (
                <Shown of={telemetry.state.value} retry={telemetry.reload}>
                  {(value) => <Traces view={value} onChanged={() => void telemetry.reload()} />}
                </Shown>
              ),
            },
          },
          {
            title: t("This Portico"),
            parts: {
              data: () => stored((value) => <DataFolder storage={value} />),
              access: () => viewed((view) => <About view={view} />),
              report: () => <Diagnostics />,
              ...(inVsCode ? {} : { language: () => <LanguageChoice /> }),
            },
          },
        ]}
      />
    </div>
  );
}
