/** Credentials of Google that the person has already: refresh tokens, credential files, service accounts. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import { Button } from "../../../components/Button.tsx";
import { Form } from "../../../components/Form.tsx";
import { Failure } from "../../../components/Message.tsx";
import { SecretField, type SecretInput, wholeOf } from "../../../components/SecretField.tsx";
import { useAction } from "../../../state/action.ts";
import { call } from "../../../transport.ts";
import { GoogleClientFields, ProjectField, useGoogleFields } from "./GoogleClient.tsx";
import type { FormProps } from "./ProviderForm.tsx";
import { useStop } from "./useStop.ts";
import { addedOf } from "./ways.ts";

/** Milliseconds; each of them is proved by a call. */
const TIMEOUT_MS = 300_000;

export function TokensForm({ provider, file, onDone, onBusy }: FormProps & { file: boolean }) {
  const text: SecretInput = useRef(null);
  const fields = useGoogleFields();
  const [wrong, setWrong] = useState<string>();
  // Files name their client themselves; tokens a line each cannot.
  const [asksClient, setAsksClient] = useState(!file);
  const judge = () => {
    setWrong(undefined);
    const typed = wholeOf(text);
    setAsksClient(typed.trim() === "" ? !file : !namesClient(typed));
  };
  const choose = useAction(async () => {
    const chosen = await call("host.openFile", {
      title: t("Credential file"),
      extensions: ["json", "txt"],
    });
    if (chosen === undefined || text.current === null) return;
    text.current.value = chosen.text;
    judge();
  });
  const stop = useStop();
  const add = useAction(async () => {
    const typed = wholeOf(text);
    if (typed.trim() === "") {
      setWrong(file ? t("Paste the file's text, or choose the file.") : t("Paste at least one token."));
      return;
    }
    const given = fields.read(asksClient);
    if (given === undefined) return;
    const params = { account: { provider: provider.id }, text: typed, ...given };
    const results = await call("accounts.addMany", params, {
      timeoutMs: TIMEOUT_MS,
      signal: stop.signal(),
    });
    const added = addedOf(results);
    const [only] = added.failed;
    // One that failed is better mended here than told of elsewhere.
    if (added.accounts.length === 0 && added.failed.length === 1) setWrong(only?.message);
    else onDone(added);
  }, onBusy);
  return (
    <Form onSubmit={() => add.run()}>
      <SecretField
        field={text}
        label={file ? t("The file's text") : t("Refresh tokens")}
        rows={6}
        autofocus
        placeholder={
          file
            ? '{ "type": "service_account", … }'
            : '1//0abc…\n1//0def…\n\n[{ "email": "…", "refresh_token": "…" }]'
        }
        hint={
          file
            ? t(
                "A service account's key, application default credentials (authorized_user), or a list of them.",
              )
            : t("A line each, or JSON with addresses. Each is tried with a real call.")
        }
        error={wrong}
        onInput={judge}
      />
      <span>
        <Button icon="folder-opened" busy={choose.busy} onClick={() => choose.run()}>
          {t("Choose a file…")}
        </Button>
      </span>
      {asksClient && <GoogleClientFields fields={fields} />}
      <ProjectField fields={fields} pays={provider.id === "vertex"} />
      <Failure message={add.problem ?? choose.problem} />
      <span class="row">
        <Button kind="primary" busy={add.busy}>
          {t("Check and add")}
        </Button>
        {add.busy && (
          <>
            <Button onClick={stop.stop}>{t("Cancel")}</Button>
            <span class="muted">{t("Each of them is tried…")}</span>
          </>
        )}
      </span>
    </Form>
  );
}

function namesClient(text: string): boolean {
  return /"client_id"\s*:|"service_account"/.test(text);
}
