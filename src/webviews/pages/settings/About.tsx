/** What has its home elsewhere, where everything lies, and what helps when it does not work. */

import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import { isKeyNeeded } from "../../../control/clientKey.ts";
import type { SettingName, SettingsView, StorageView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { Copyable, copy } from "../../components/Copyable.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Failure, Shown } from "../../components/Message.tsx";
import { Section } from "../../components/Section.tsx";
import { format } from "../../labels.ts";
import { useAction } from "../../state/action.ts";
import { surroundings } from "../../state/gateway.ts";
import { readyOf, useLoaded } from "../../state/loaded.ts";
import { go } from "../../state/route.ts";
import { fixedLabel } from "../../state/setting.ts";
import { call, inVsCode } from "../../transport.ts";

/** Where they are changed: VS Code's own settings, else the API Proxy page. */
export function About({ view }: { view: SettingsView }) {
  const open = useAction(() => call("host.openSettings", { query: "portico" }));
  return (
    <Section
      title={inVsCode ? t("VS Code's settings") : t("Address and access")}
      aside={inVsCode ? t("port, access, start-up and time limits, for all windows") : undefined}
      end={
        inVsCode ? (
          <Button icon="settings-gear" onClick={() => open.run()}>
            {t("Open VS Code's settings")}
          </Button>
        ) : (
          <Button onClick={() => go("api-proxy", { section: "access" })}>{t("Change on API Proxy")}</Button>
        )
      }
    >
      <dl class="settings-facts">
        <Fact name="port" label={t("Port")} view={view} />
        <Fact name="allowLanAccess" label={t("Other computers")} view={view} />
        <Fact name="auth.mode" label={t("Key")} view={view} />
        <Fact name="allowedOrigins" label={t("Web pages that may use it")} view={view} />
      </dl>
      <Failure message={open.problem} />
    </Section>
  );
}

type FactName = Extract<SettingName, "port" | "allowLanAccess" | "auth.mode" | "allowedOrigins">;

function Fact({ name, label, view }: { name: FactName; label: string; view: SettingsView }) {
  const fixed = fixedLabel(name, view);
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {factLabel(name, view)}
        {fixed !== undefined && <span class="muted"> · {fixed}</span>}
      </dd>
    </div>
  );
}

function factLabel(name: FactName, { values }: SettingsView): string {
  switch (name) {
    case "port":
      return String(values.port);
    case "allowLanAccess":
      return values.allowLanAccess ? t("may use it, with the key") : t("cannot reach it");
    case "auth.mode":
      return modeLabel(values["auth.mode"]);
    case "allowedOrigins":
      return values.allowedOrigins.length === 0 ? t("none") : values.allowedOrigins.join(", ");
  }
}

function modeLabel(mode: SettingsView["values"]["auth.mode"]): string {
  if (!isKeyNeeded(mode)) return t("not needed on this computer");
  if (mode === "all_except_health") return t("always needed, but for the health check");
  return mode === "strict" ? t("always needed") : mode;
}

export function DataFolder({ storage }: { storage: StorageView }) {
  const reveal = useAction(() => call("host.revealData"));
  const total = storage.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <Section
      title={t("Data folder")}
      aside={format.bytes(total)}
      end={inVsCode && <Button onClick={() => reveal.run()}>{t("Show in the file manager")}</Button>}
    >
      <p>
        <Copyable text={storage.path} what={t("the path")} compact />
      </p>
      <Failure message={reveal.problem} />
      <ul class="lines settings-files">
        {storage.files.map(({ name, bytes, what }) => (
          <li key={name}>
            <code class="cut">{name}</code>
            <span class="cut muted" title={t(what)}>
              {t(what)}
            </span>
            <span class="num right" title={format.exact(bytes)}>
              {format.bytes(bytes)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Diagnostics() {
  const [open, setOpen] = useState(false);
  const log = useAction(() => call("host.showLog"));
  const version = surroundings.value?.version;
  return (
    <Section
      title={t("When something does not work")}
      aside={version === undefined ? undefined : `Portico ${version}`}
    >
      <p class="muted">
        {t(
          "A report has versions, settings, the state of each account and the last lines of the log. Keys and tokens are blanked. You see it before you save it, and nothing is sent anywhere.",
        )}
      </p>
      <div class="row wrap settings-actions">
        <Button onClick={() => setOpen(true)}>{t("Make a report…")}</Button>
        {inVsCode && <Button onClick={() => log.run()}>{t("Show log")}</Button>}
      </div>
      <Failure message={log.problem} />
      {open && <Report onClose={() => setOpen(false)} />}
    </Section>
  );
}

function Report({ onClose }: { onClose(): void }) {
  const report = useLoaded((signal) => call("diagnostics.get", undefined, { signal }));
  const text = readyOf(report.state.value)?.text;
  const save = useAction(async (whole: string) => {
    const { saved } = await call("host.save", { name: "portico-report.txt", text: whole });
    if (saved) onClose();
  });
  return (
    <Dialog
      wide
      title={t("Report")}
      onClose={onClose}
      footer={
        <>
          <Button
            disabled={text === undefined}
            onClick={() => text !== undefined && copy(text, t("the report"))}
          >
            {t("Copy")}
          </Button>
          <Button
            kind="primary"
            busy={save.busy}
            disabled={text === undefined}
            onClick={() => text !== undefined && save.run(text)}
          >
            {t("Save…")}
          </Button>
        </>
      }
    >
      <Shown of={report.state.value} retry={report.reload} lines={8}>
        {(value) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to get there
          <pre class="report" tabIndex={0}>
            {value.text}
          </pre>
        )}
      </Shown>
      <Failure message={save.problem} />
    </Dialog>
  );
}
