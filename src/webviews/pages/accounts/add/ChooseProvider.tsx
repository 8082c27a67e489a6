/** The first question: whose models. What is on this computer already comes first. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { LocalServer, ProviderView } from "../../../../control/contract.ts";
import { TextField } from "../../../components/Field.tsx";
import { Icon } from "../../../components/Icon.tsx";
import { ProviderMark } from "../../../components/ProviderMark.tsx";
import { readyOf, useLoaded } from "../../../state/loaded.ts";
import { call } from "../../../transport.ts";
import { modelCount } from "../labels.ts";
import { offered, waysOf } from "./ways.ts";

export function ChooseProvider(props: {
  providers: readonly ProviderView[];
  onChoose(kind: string): void;
  onServer(server: LocalServer): void;
}) {
  const [text, setText] = useState("");
  const local = useLoaded((signal) => call("local.detect", undefined, { signal }));
  const servers = readyOf(local.state.value) ?? [];
  const { cloud, own } = offered(props.providers);
  const fits = ({ id, label }: ProviderView) =>
    `${id} ${label}`.toLowerCase().includes(text.trim().toLowerCase());
  const shownCloud = cloud.filter(fits);
  const shownOwn = own.filter(fits);
  return (
    <>
      <TextField
        label={t("Whose models do you want to use?")}
        placeholder={t("Type to search")}
        value={text}
        autofocus
        onInput={setText}
      />
      {servers.length > 0 && text === "" && (
        <Group title={t("Running on this computer now")}>
          {servers.map((server) => (
            <Option
              key={server.baseUrl}
              icon="vm"
              label={server.label}
              hint={modelCount(server.models.length)}
              onClick={() => props.onServer(server)}
            />
          ))}
        </Group>
      )}
      {shownCloud.length > 0 && (
        <Group title={t("Providers")}>
          {shownCloud.map(({ id, label }) => (
            <Option
              key={id}
              provider={id}
              label={label}
              hint={hintOf(id)}
              onClick={() => props.onChoose(id)}
            />
          ))}
        </Group>
      )}
      {shownOwn.length > 0 && (
        <Group title={t("Servers of your own")}>
          {shownOwn.map(({ id, label }) => (
            <Option
              key={id}
              provider={id}
              label={id === "custom" ? t("Any other server") : label}
              hint={id === "custom" ? t("by its address") : t("here or in your network")}
              onClick={() => props.onChoose(id)}
            />
          ))}
        </Group>
      )}
      {shownCloud.length + shownOwn.length === 0 && (
        <p class="muted">
          {t(
            "No provider is called that. A server that speaks OpenAI's, Anthropic's or Gemini's protocol can be added by its address: “Any other server”.",
          )}
        </p>
      )}
      {text === "" && (
        <Group title={t("Many at once")}>
          <Option
            icon="search"
            label={t("Keys found on this computer")}
            hint={t("in .env files, Google's tools, the environment")}
            onClick={() => props.onChoose("found")}
          />
          <Option
            icon="cloud-download"
            label={t("Accounts from a file")}
            hint={t("exported from Portico")}
            onClick={() => props.onChoose("import")}
          />
        </Group>
      )}
    </>
  );
}

function hintOf(provider: string): string {
  const [first] = waysOf(provider);
  if (provider === "gemini") return t("API key, sign-in or file");
  if (provider === "vertex") return t("sign-in, service account or key");
  if (first === "openrouter") return t("sign-in or API key");
  return provider === "azure-openai" ? t("API key and address") : t("API key");
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="options">
      <h3 class="muted">{title}</h3>
      <div>{children}</div>
    </div>
  );
}

function Option(props: { icon?: string; provider?: string; label: string; hint: string; onClick(): void }) {
  return (
    <button type="button" class="option" onClick={props.onClick}>
      {props.icon !== undefined && <Icon name={props.icon} />}
      {props.provider !== undefined && <ProviderMark provider={props.provider} label={props.label} />}
      <span>
        {props.label}
        <span class="muted hint">{props.hint}</span>
      </span>
    </button>
  );
}
