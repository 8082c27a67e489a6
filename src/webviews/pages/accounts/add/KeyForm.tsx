/** An account by its key, by the address of its server, or by both. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import { baseUrlProblem, endpointsOf } from "../../../../control/baseUrls.ts";
import type { CheckResult, LocalServer, NewAccount, Protocol } from "../../../../control/contract.ts";
import { DEFAULT_PROTOCOL, knownProtocols, PROTOCOL_FACTS } from "../../../../control/protocol.ts";
import { Button } from "../../../components/Button.tsx";
import { Checkbox, TextField } from "../../../components/Field.tsx";
import { Form } from "../../../components/Form.tsx";
import { Failure, Problem } from "../../../components/Message.tsx";
import { OpenPage } from "../../../components/OpenPage.tsx";
import { SecretField, type SecretInput, secretOf } from "../../../components/SecretField.tsx";
import { useAction } from "../../../state/action.ts";
import { knownAccounts } from "../../../state/gateway.ts";
import { call } from "../../../transport.ts";
import { protocolLabel } from "../labels.ts";
import { CHECK_TIMEOUT_MS } from "../work.ts";
import type { FormProps } from "./ProviderForm.tsx";
import { proposedName } from "./proposedName.ts";
import { readHeaders, readModels } from "./typedValues.ts";
import { useStop } from "./useStop.ts";

interface Wrong {
  address?: string;
  protocols?: string;
  headers?: string;
  key?: string;
}

export function KeyForm({
  provider,
  server,
  onDone,
  onBusy,
}: FormProps & { server: LocalServer | undefined }) {
  const own = provider.id === "custom";
  const asksAddress = provider.needsBaseUrl || !provider.keyRequired;
  const key: SecretInput = useRef(null);
  const headers: SecretInput = useRef(null);
  const [address, setAddress] = useState(
    server?.baseUrl ?? (provider.id === "vertex" ? (provider.example ?? "") : ""),
  );
  const [protocols, setProtocols] = useState<readonly Protocol[]>(
    own ? [DEFAULT_PROTOCOL] : knownProtocols(provider.protocols),
  );
  const [label, setLabel] = useState<string>();
  const taken = knownAccounts().map((each) => each.label);
  const shownName = label ?? proposedName({ provider, server, address, taken });
  const name = shownName.trim();
  const [models, setModels] = useState("");
  const [wrong, setWrong] = useState<Wrong>({});
  const [failed, setFailed] = useState<Extract<CheckResult, { ok: false }>>();

  /** @returns undefined where something is missing, which is then said */
  const read = (): NewAccount | undefined => {
    const apiKey = secretOf(key);
    const given = readHeaders(headers.current?.value ?? "");
    const typed = address.trim();
    const addressed = typed !== "" || provider.needsBaseUrl;
    const problems: Wrong = {};
    const where = addressed ? baseUrlProblem(typed, t) : undefined;
    if (where !== undefined) problems.address = where;
    if (protocols.length === 0) problems.protocols = t("Choose at least one.");
    if (!given.ok) problems.headers = given.problem;
    if (provider.keyRequired && apiKey === "") problems.key = t("{0} needs a key.", provider.label);
    setWrong(problems);
    if (Object.keys(problems).length > 0 || !given.ok) return undefined;
    const list = readModels(models);
    return {
      provider: provider.id,
      ...(name === "" || name === provider.label ? {} : { label: name }),
      ...(addressed ? { endpoints: endpointsOf(typed, protocols) } : {}),
      ...(list.length === 0 ? {} : { models: list }),
      ...(apiKey === "" ? {} : { apiKey }),
      ...(Object.keys(given.headers).length === 0 ? {} : { headers: given.headers }),
    };
  };
  const stop = useStop();
  const add = useAction(async (anyway: boolean) => {
    setFailed(undefined);
    const account = read();
    if (account === undefined) return;
    const result = anyway
      ? undefined
      : await call("accounts.check", account, { timeoutMs: CHECK_TIMEOUT_MS, signal: stop.signal() });
    if (result?.ok === false) {
      if (result.reason === "key-refused") {
        setWrong({ key: t("{0} refused the key: {1}", provider.label, result.message) });
        key.current?.select();
      } else setFailed(result);
      return;
    }
    const added = await call("accounts.add", account);
    const count = result === undefined ? {} : { models: result.models.length };
    onDone({ accounts: [{ id: added.id, label: added.label, ...count }], failed: [] });
  }, onBusy);
  const changed = () => {
    setWrong({});
    setFailed(undefined);
  };
  return (
    <Form onSubmit={() => add.run(false)}>
      {asksAddress && (
        <TextField
          label={provider.needsBaseUrl ? t("Address") : t("Address, if it is not the usual one")}
          value={address}
          placeholder={provider.example ?? (own ? "http://127.0.0.1:8000/v1" : "")}
          error={wrong.address}
          mono
          autofocus={provider.needsBaseUrl}
          hint={addressHint(provider.id)}
          onInput={(value) => {
            setAddress(value);
            changed();
          }}
        />
      )}
      {own && (
        <Protocols
          offered={knownProtocols(provider.protocols)}
          chosen={protocols}
          error={wrong.protocols}
          onChange={(value) => {
            setProtocols(value);
            changed();
          }}
        />
      )}
      <SecretField
        field={key}
        label={provider.keyRequired ? t("API key") : t("API key, where the server wants one")}
        error={wrong.key}
        autofocus={!provider.needsBaseUrl}
        hint={
          <>
            {t("Tried with a real, cheap call, then kept where only you can read it.")}{" "}
            <OpenPage url={provider.keyPage}>{t("Get a key")}</OpenPage>
          </>
        }
        onInput={changed}
      />
      <TextField
        label={t("Name")}
        value={shownName}
        placeholder={t("Work, Personal, …")}
        hint={t("What it is called here.")}
        onInput={setLabel}
      />
      <details class="more-fields" open={provider.id === "azure-openai"}>
        <summary>{t("More")}</summary>
        <div class="stack">
          <TextField
            label={provider.id === "azure-openai" ? t("Deployments") : t("Models")}
            value={models}
            mono
            placeholder="gpt-5, my-model"
            hint={
              provider.id === "azure-openai"
                ? t("The names of your deployments, with commas. Azure does not tell them by itself.")
                : t("Only these, with commas; * stands for anything. Else all that it lists.")
            }
            onInput={setModels}
          />
          {own && (
            <SecretField
              field={headers}
              label={t("Headers")}
              rows={3}
              error={wrong.headers}
              placeholder="X-Team: blue"
              hint={t("Sent with each request, a line each. Kept as secret as the key.")}
              onInput={changed}
            />
          )}
        </div>
      </details>
      {failed !== undefined && (
        <Problem
          tone="warn"
          title={
            failed.reason === "unreachable"
              ? t("{0} could not be reached", provider.label)
              : t("{0} did not accept the call", provider.label)
          }
          actions={
            <Button busy={add.busy} onClick={() => add.run(true)}>
              {t("Add anyway")}
            </Button>
          }
        >
          <p>{failed.message}</p>
          {failed.reason === "unreachable" && (
            <p>{t("Behind a company proxy, look at “Outgoing connections” on the API Proxy page.")}</p>
          )}
        </Problem>
      )}
      <Failure message={add.problem} />
      <span class="row">
        <Button kind="primary" busy={add.busy}>
          {failed === undefined ? t("Check and add") : t("Try again")}
        </Button>
        {add.busy && (
          <>
            <Button onClick={stop.stop}>{t("Cancel")}</Button>
            <span class="muted">{t("Asking {0} whether this works…", provider.label)}</span>
          </>
        )}
      </span>
    </Form>
  );
}

function addressHint(provider: string): string {
  if (provider === "azure-openai") return t("Of your resource, as the Azure portal shows it.");
  if (provider === "vertex") return t("As it is for keys of the express mode; with the project for others.");
  return t("Without a path, /v1 is added for OpenAI's protocols.");
}

function Protocols(props: {
  offered: readonly Protocol[];
  chosen: readonly Protocol[];
  error: string | undefined;
  onChange(chosen: readonly Protocol[]): void;
}) {
  const { offered, chosen, error } = props;
  return (
    <fieldset class="choice">
      <legend>{t("What does it speak?")}</legend>
      {offered.map((protocol) => (
        <Checkbox
          key={protocol}
          label={protocolLabel(protocol)}
          hint={t(PROTOCOL_FACTS[protocol].hint)}
          checked={chosen.includes(protocol)}
          onChange={(on) =>
            props.onChange(offered.filter((each) => (each === protocol ? on : chosen.includes(each))))
          }
        />
      ))}
      <Failure message={error} />
    </fieldset>
  );
}
