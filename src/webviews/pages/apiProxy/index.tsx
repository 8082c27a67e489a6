/** API Proxy: whether it runs, how tools are pointed at it, who may call, and where requests go. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { SettingsView } from "../../../control/settings.ts";
import { Shown } from "../../components/Message.tsx";
import { Section } from "../../components/Section.tsx";
import { accounts, settings, useLive } from "../../state/gateway.ts";
import { useLoaded } from "../../state/loaded.ts";
import { query, setQuery } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { AccessSection } from "./AccessSection.tsx";
import { ClientsSection } from "./ClientsSection.tsx";
import { ModelsSection } from "./ModelsSection.tsx";
import { NetworkSection } from "./NetworkSection.tsx";
import { ProxySection } from "./ProxySection.tsx";
import { RoutesSection } from "./RoutesSection.tsx";
import { targetNames } from "./routeRules.ts";
import { SchedulingSection } from "./SchedulingSection.tsx";

const SECTIONS = ["proxy", "clients", "access", "routes", "scheduling", "models", "network"] as const;
type SectionName = (typeof SECTIONS)[number];

export default function ApiProxy() {
  useLive("settings");
  useLive("accounts");
  return (
    <Shown of={settings.value} lines={8}>
      {(view) => <Filled view={view} />}
    </Shown>
  );
}

function Filled({ view }: { view: SettingsView }) {
  // Another account brings other models.
  const list = accounts.value.kind === "ready" ? accounts.value.value : [];
  const models = useLoaded(
    (signal) => call("models.list", undefined, { signal, timeoutMs: 60_000 }),
    list.map(({ id, enabled }) => `${id} ${enabled}`).join("\n"),
  );
  const known = models.state.value.kind === "ready" ? models.state.value.value : [];
  const names = useMemo(() => targetNames(known, list), [known, list]);
  const { section } = query.value;
  useEffect(() => {
    if (section !== undefined) showSection(section);
  }, [section]);
  useEffect(() => {
    // What stands above it has grown.
    if (section !== undefined) partOf(section)?.scrollIntoView({ block: "start" });
  }, [models.state.value.kind]);
  const parts: Record<SectionName, ComponentChildren> = {
    proxy: <ProxySection view={view} />,
    clients: <ClientsSection view={view} models={known} />,
    access: <AccessSection view={view} />,
    routes: <RoutesSection models={known} />,
    scheduling: <SchedulingSection view={view} names={names} />,
    models: (
      <Shown of={models.state.value} retry={models.reload}>
        {(value) => <ModelsSection models={value} onAgain={models.reload} />}
      </Shown>
    ),
    network: <NetworkSection />,
  };
  return (
    <div class="api-proxy">
      <nav aria-label={t("On this page")}>
        {SECTIONS.map((name) => (
          <a
            key={name}
            href={`#api-proxy?section=${name}`}
            aria-current={section === name ? "true" : undefined}
            onClick={(event) => {
              event.preventDefault();
              setQuery({ section: name });
              showSection(name);
            }}
          >
            {titleOf(name)}
          </a>
        ))}
      </nav>
      <div class="sections">
        {SECTIONS.map((name) => (
          <div key={name} id={`section-${name}`} class="section-anchor anchor" tabIndex={-1}>
            <Section title={titleOf(name)}>{parts[name]}</Section>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The next tabulator goes on there. */
function showSection(name: string): void {
  partOf(name)?.scrollIntoView({ block: "start" });
  partOf(name)?.focus({ preventScroll: true });
}

function partOf(name: string): HTMLElement | null {
  return document.getElementById(`section-${name}`);
}

function titleOf(name: SectionName): string {
  const titles: Record<SectionName, string> = {
    proxy: t("Proxy"),
    clients: t("Set up your tools"),
    access: t("Who may call"),
    routes: t("Routes"),
    scheduling: t("Which account answers"),
    models: t("Models"),
    network: t("Outgoing connections"),
  };
  return titles[name];
}
