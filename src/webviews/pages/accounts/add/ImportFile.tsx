/** Accounts from a file that Portico exported: first what would happen, then all of it or nothing. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import type { ImportEntry, ImportPreview } from "../../../../control/credentials.ts";
import { Button } from "../../../components/Button.tsx";
import { Form } from "../../../components/Form.tsx";
import { Failure } from "../../../components/Message.tsx";
import { SecretField, type SecretInput, wholeOf } from "../../../components/SecretField.tsx";
import { format } from "../../../labels.ts";
import { useAction } from "../../../state/action.ts";
import { accountLabel } from "../../../state/gateway.ts";
import { call } from "../../../transport.ts";
import { accountCount } from "../labels.ts";
import type { FormProps } from "./ProviderForm.tsx";

const MAX_CHARACTERS = 900_000;
/** Milliseconds; the passphrase is slow to use on purpose. */
const TIMEOUT_MS = 60_000;

export function ImportFile({ onDone, onBusy }: Omit<FormProps, "provider">) {
  const text: SecretInput = useRef(null);
  const passphrase: SecretInput = useRef(null);
  const [locked, setLocked] = useState(false);
  const [name, setName] = useState<string>();
  const [preview, setPreview] = useState<ImportPreview>();
  const changed = () => {
    setPreview(undefined);
    setLocked(hasSecrets(wholeOf(text)));
  };
  const params = () => {
    const secret = wholeOf(passphrase);
    return { text: wholeOf(text), ...(secret === "" ? {} : { passphrase: secret }) };
  };
  const look = useAction(async () => {
    const given = params();
    if (given.text.trim() === "") throw new Error(t("Choose the file, or paste its text."));
    if (given.text.length > MAX_CHARACTERS) {
      throw new Error(t("This file is too large to be one with accounts."));
    }
    setPreview(await call("accounts.import.preview", given, { timeoutMs: TIMEOUT_MS }));
  });
  const choose = useAction(async () => {
    const chosen = await call("host.openFile", { title: t("Import accounts"), extensions: ["json"] });
    if (chosen === undefined || text.current === null) return;
    text.current.value = chosen.text;
    setName(chosen.name);
    changed();
    // Without a passphrase to ask for, nothing stands between the file and what it holds.
    if (!hasSecrets(chosen.text)) await look.run();
  });
  const apply = useAction(async () => {
    const added = await call("accounts.import.apply", params(), { timeoutMs: TIMEOUT_MS });
    onDone({ accounts: added.map(({ id, label }) => ({ id, label })), failed: [] });
  }, onBusy);
  const fresh = preview?.entries.filter(({ action }) => action !== "duplicate") ?? [];
  return (
    <Form onSubmit={() => (preview === undefined ? look.run() : apply.run())}>
      <span class="row wrap">
        <Button icon="folder-opened" busy={choose.busy} onClick={() => choose.run()}>
          {t("Choose the file…")}
        </Button>
        {name !== undefined && <code>{name}</code>}
      </span>
      <details class="more-fields">
        <summary>{t("Or paste its text")}</summary>
        <SecretField field={text} label={t("The file's text")} rows={5} onInput={changed} />
      </details>
      {locked && (
        <SecretField
          field={passphrase}
          label={t("Passphrase")}
          hint={t("The file has keys. The passphrase that it was exported with.")}
          autofocus
          onInput={() => setPreview(undefined)}
        />
      )}
      {preview !== undefined && <Preview preview={preview} />}
      <Failure message={apply.problem ?? look.problem ?? choose.problem} />
      <span class="row">
        {preview === undefined ? (
          <Button kind="primary" busy={look.busy}>
            {t("See what is in it")}
          </Button>
        ) : (
          <Button kind="primary" busy={apply.busy} disabled={fresh.length === 0}>
            {fresh.length === 0 ? t("Nothing to import") : t("Import {0}", accountCount(fresh.length))}
          </Button>
        )}
      </span>
    </Form>
  );
}

function Preview({ preview: { entries, exportedAt, secrets } }: { preview: ImportPreview }) {
  return (
    <div role="status">
      <p class="muted">
        {t("Exported {0}", format.date(exportedAt))} · {secrets ? t("with keys") : t("without keys")}
      </p>
      <ul class="found">
        {entries.map((entry) => (
          <li key={entry.id} class="row">
            <span class="grow">
              {entry.label} <span class="muted">{entry.provider}</span>
            </span>
            <span class={entry.action === "duplicate" ? "muted" : undefined}>{entryLabel(entry)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function entryLabel({ action, newId, sameAs, needsKey }: ImportEntry): string {
  if (action === "duplicate") {
    return sameAs === undefined ? t("here already") : t("here already as {0}", accountLabel(sameAs));
  }
  const how = action === "conflict" && newId !== undefined ? t("added as {0}", newId) : t("added");
  return needsKey ? `${how}, ${t("then needs its key")}` : how;
}

function hasSecrets(text: string): boolean {
  return /"secrets"\s*:\s*\{/.test(text);
}
