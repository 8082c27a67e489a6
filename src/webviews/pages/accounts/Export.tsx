/** Accounts as a file: without keys, or with them under a passphrase. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import type { ListedAccount } from "../../../control/accounts.ts";
import { Button } from "../../components/Button.tsx";
import { Choice } from "../../components/Choice.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Failure } from "../../components/Message.tsx";
import { SecretField, type SecretInput, wholeOf } from "../../components/SecretField.tsx";
import { toast } from "../../components/Toast.tsx";
import { useAction } from "../../state/action.ts";
import { call } from "../../transport.ts";
import { accountCount } from "./labels.ts";

const PASSPHRASE_MIN = 12;
/** Milliseconds; the passphrase is slow to use on purpose. */
const TIMEOUT_MS = 60_000;

export function ExportAccounts(props: { chosen: readonly ListedAccount[]; onClose(): void }) {
  const { chosen, onClose } = props;
  const [secrets, setSecrets] = useState(false);
  const [wrong, setWrong] = useState<{ first?: string; second?: string }>({});
  const first: SecretInput = useRef(null);
  const second: SecretInput = useRef(null);
  const save = useAction(async () => {
    const ids = chosen.map(({ id }) => id);
    const params = secrets ? { ids, passphrase: wholeOf(first) } : { ids };
    const exported = await call("accounts.export", params, { timeoutMs: TIMEOUT_MS });
    const { saved } = await call("host.save", { name: "portico-accounts.json", text: exported.text });
    if (!saved) return;
    const count = accountCount(exported.accounts);
    toast(
      exported.secrets
        ? t("Exported {0}, with keys, encrypted", count)
        : t("Exported {0}, without keys", count),
    );
    onClose();
  });
  const submit = () => {
    const problems = secrets ? problemsOf(wholeOf(first), wholeOf(second)) : {};
    setWrong(problems);
    if (Object.keys(problems).length === 0) void save.run();
  };
  return (
    <Dialog
      title={t("Export {0}", accountCount(chosen.length))}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("Cancel")}</Button>
          <Button kind="primary" busy={save.busy} onClick={submit}>
            {t("Export")}
          </Button>
        </>
      }
    >
      <Choice
        label={t("Should keys and sign-ins go along?")}
        value={secrets ? "with" : "without"}
        options={[
          {
            value: "without",
            label: t("Without keys"),
            hint: t("The file is no secret. Keys are asked for again where it is imported."),
          },
          {
            value: "with",
            label: t("With keys, under a passphrase"),
            hint: t("Whoever has the file and the passphrase can use these accounts."),
          },
        ]}
        onChange={(value) => setSecrets(value === "with")}
      />
      {secrets && (
        <>
          <SecretField
            field={first}
            label={t("Passphrase")}
            hint={t("At least {0} characters. Nobody can open the file without it.", PASSPHRASE_MIN)}
            error={wrong.first}
            onInput={() => setWrong({})}
            autofocus
          />
          <SecretField
            field={second}
            label={t("The same passphrase once more")}
            error={wrong.second}
            onInput={() => setWrong({})}
          />
        </>
      )}
      <Failure message={save.problem} />
    </Dialog>
  );
}

function problemsOf(first: string, second: string): { first?: string; second?: string } {
  if (first.length < PASSPHRASE_MIN) return { first: t("At least {0} characters.", PASSPHRASE_MIN) };
  return first === second ? {} : { second: t("The two are not the same.") };
}
