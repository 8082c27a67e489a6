/** API Proxy: whether it runs and where, who may call, where requests go, and what may be asked for. */
import { t } from "@vscode/l10n";
import { useMemo } from "preact/hooks";
import type { ModelView, SettingsView } from "../../../control/settings.ts";
import { Shown } from "../../components/Message.tsx";
import { Parts } from "../../components/Parts.tsx";
import { Section } from "../../components/Section.tsx";
import { knownAccounts, settings, useLive } from "../../state/gateway.ts";
import { readyOf } from "../../state/loaded.ts";
import { useModels } from "../../state/models.ts";
import { AccessSection } from "./AccessSection.tsx";
import { KeysSection } from "./KeysSection.tsx";
import { ModelsSection } from "./ModelsSection.tsx";
import { NetworkSection } from "./NetworkSection.tsx";
import { ProxySection } from "./ProxySection.tsx";
import { RoutesSection } from "./RoutesSection.tsx";
import { targetNames } from "./routeRules.ts";
import { SchedulingSection } from "./SchedulingSection.tsx";

export default function ApiProxy() {
  useLive("settings");
  useLive("accounts");
  return (
    <Shown of={settings.value} lines={8}>
      {(view) => <Filled view={view} />}
    </Shown>
  );
}

const NO_MODELS: readonly ModelView[] = [];

function Filled({ view }: { view: SettingsView }) {
  const models = useModels();
  const list = knownAccounts();
  const known = readyOf(models.state.value) ?? NO_MODELS;
  const names = useMemo(() => targetNames(known, list), [known, list]);
  return (
    <div class="api-proxy">
      <Parts
        param="section"
        tabs={[
          {
            title: t("Address and access"),
            parts: {
              proxy: () => (
                <Section title={t("Proxy")}>
                  <ProxySection view={view} />
                </Section>
              ),
              access: () => (
                <Section title={t("Who may call")}>
                  <AccessSection view={view} />
                </Section>
              ),
              network: () => (
                <Section title={t("Outgoing connections")}>
                  <NetworkSection />
                </Section>
              ),
            },
          },
          {
            title: t("Keys"),
            parts: {
              keys: () => (
                <Section title={t("Keys")}>
                  <KeysSection />
                </Section>
              ),
            },
          },
          {
            title: t("Routes"),
            parts: {
              routes: () => (
                <Section title={t("Routes")}>
                  <RoutesSection models={known} />
                </Section>
              ),
            },
          },
          {
            title: t("Scheduling"),
            parts: {
              scheduling: () => (
                <Section title={t("Which account answers")}>
                  <SchedulingSection view={view} names={names} />
                </Section>
              ),
            },
          },
          {
            title: t("Models"),
            parts: {
              models: () => (
                <Section title={t("Models")}>
                  <Shown of={models.state.value} retry={models.reload}>
                    {(value) => <ModelsSection models={value} onAgain={models.reload} />}
                  </Shown>
                </Section>
              ),
            },
          },
        ]}
      />
    </div>
  );
}
