/** One tool or SDK with what to paste, for this very address, model and key. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import { ANY_KEY, isKeyNeeded } from "../../../control/clientKey.ts";
import type { ClientState } from "../../../control/clients.ts";
import type { ModelView, SettingsView } from "../../../control/settings.ts";
import { Button, Segments } from "../../components/Button.tsx";
import { copy } from "../../components/Copyable.tsx";
import { Checkbox } from "../../components/Field.tsx";
import { Problem } from "../../components/Message.tsx";
import { NameField } from "../../components/NameField.tsx";
import { OpenPage } from "../../components/OpenPage.tsx";
import { toastFailure } from "../../components/Toast.tsx";
import { lanAddresses } from "../../lanAddresses.ts";
import { status, surroundings } from "../../state/gateway.ts";
import { remembered } from "../../state/memory.ts";
import { query, setQuery } from "../../state/route.ts";
import { call } from "../../transport.ts";
import { ByClick } from "./ByClick.tsx";
import { type Client, noProxySnippet, type Shell, type Snippet, type SnippetOptions } from "./snippets.ts";

const MASKED = "••••••••";
const PLACEHOLDER = "YOUR_PORTICO_KEY";

const shell = remembered<Shell>(
  "clients.shell",
  navigator.userAgent.includes("Windows") ? "powershell" : "sh",
  isShell,
);
export function Setup(props: {
  client: Client;
  view: SettingsView;
  models: readonly ModelView[];
  /** Where it can be connected by its own settings. */
  state: ClientState | undefined;
  /** Its settings are others now. */
  onChange(): unknown;
}) {
  const { client, view, models, state } = props;
  const [elsewhere, setElsewhere] = useState(false);
  const [withKey, setWithKey] = useState(false);
  const names = models.map(({ name }) => name);
  const usual = client.ownModels && !onlySandbox(models) ? "" : (names[0] ?? "sandbox/echo");
  // A query keeps no empty values: a space stands for a field that was emptied.
  const model = (query.value.model ?? usual).trim();
  const addresses = lanAddresses(surroundings.value, view.values.port);
  const away = elsewhere && view.values.allowLanAccess;
  const proxy = status.value?.proxy;
  const local = proxy?.kind === "running" ? proxy.baseUrl : `http://127.0.0.1:${view.values.port}`;
  const baseUrl = away ? (addresses[0] ?? `http://THIS-COMPUTER:${view.values.port}`) : local;
  const mode = view.values["auth.mode"];
  const keyed = away || isKeyNeeded(mode);
  const options = (key: string): SnippetOptions => ({ baseUrl, model, key, shell: shell.value });
  const shown = client.snippets(options(keyed ? MASKED : ANY_KEY));
  const take = async (at: number) => {
    const key = !keyed ? ANY_KEY : withKey ? (await call("auth.key")).apiKey : PLACEHOLDER;
    const snippet = client.snippets(options(key))[at];
    if (snippet !== undefined) await copy(snippet.code);
  };
  const byClick = state !== undefined && !away;
  const proxyHint = noProxySnippet({ shell: shell.value, baseUrl });
  return (
    <div class="client">
      <div class="row wrap ask">
        <span class="grow">
          <NameField
            label={client.ownModels ? t("Model (empty: its own choice)") : t("Model")}
            value={model}
            names={names}
            onInput={(value) => setQuery({ model: value === "" ? " " : value })}
          />
        </span>
      </div>
      {view.values.allowLanAccess && (
        <Checkbox
          label={t("For another computer")}
          hint={t("It reaches Portico by this computer's address, and has to show the key.")}
          checked={elsewhere}
          onChange={setElsewhere}
        />
      )}
      {byClick && (
        <ByClick key={client.id} client={state} model={model} names={names} onChange={props.onChange} />
      )}
      <div class="row wrap">
        {client.kind === "tool" && <h3 class="grow">{byClick ? t("Or by hand") : t("By hand")}</h3>}
        <Segments<Shell>
          label={t("Shell")}
          value={shell.value}
          options={[
            { value: "sh", label: "bash, zsh" },
            { value: "powershell", label: "PowerShell" },
          ]}
          onChange={(value) => {
            shell.value = value;
          }}
        />
      </div>
      {keyed ? (
        <Checkbox
          label={t("Put the key into what I copy")}
          hint={t("Else {0} stands in its place. On the screen it is hidden in any case.", PLACEHOLDER)}
          checked={withKey}
          onChange={setWithKey}
        />
      ) : (
        <p class="muted">
          {t("Nobody has to show a key here, yet most tools insist on having one: any will do.")}
        </p>
      )}
      {shown.map((snippet, i) => (
        <Code key={snippet.title} snippet={snippet} onCopy={() => toastFailure(take(i))} />
      ))}
      {client.notes?.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
      {client.link !== undefined && (
        <p>
          <OpenPage url={client.link} icon="link-external">
            {t("The settings of {0}", client.label)}
          </OpenPage>
        </p>
      )}
      {client.kind === "tool" && (
        <details class="more-fields">
          <summary>{t("Behind a company proxy?")}</summary>
          <p class="muted">
            {t(
              "With HTTP_PROXY or HTTPS_PROXY set, many tools send even this computer's own address to that proxy. Keep it off, in both spellings:",
            )}
          </p>
          <Code snippet={proxyHint} onCopy={() => copy(proxyHint.code)} />
        </details>
      )}
      {client.kind === "tool" && (
        <p class="muted">
          {t(
            "When Portico is stopped, the tool gets “connection refused”. Take this out again to have it talk to its provider directly.",
          )}
        </p>
      )}
      {status.value?.proxy.kind === "stopped" && (
        <Problem tone="info">{t("Portico is stopped; start it above before you try.")}</Problem>
      )}
    </div>
  );
}

function Code({ snippet, onCopy }: { snippet: Snippet; onCopy(): unknown }) {
  const { title, file, code } = snippet;
  return (
    <figure class="code">
      <figcaption class="row">
        <span class="grow">
          {title}
          {file !== undefined && (
            <>
              {" "}
              <code class="muted">{file}</code>
            </>
          )}
        </span>
        <Button kind="link" icon="copy" label={t("Copy: {0}", file ?? title)} onClick={onCopy}>
          {t("Copy")}
        </Button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre class="mono" tabIndex={0}>
        {code}
      </pre>
    </figure>
  );
}

function onlySandbox(models: readonly ModelView[]): boolean {
  return models.every(({ name }) => name.startsWith("sandbox/"));
}

function isShell(value: unknown): value is Shell {
  return value === "sh" || value === "powershell";
}
