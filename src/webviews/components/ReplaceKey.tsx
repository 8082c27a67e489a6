/** Another key for an account: kept only when the provider takes it, unless the person insists. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../state/action.ts";
import { accountLabel } from "../state/gateway.ts";
import { call } from "../transport.ts";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Form } from "./Form.tsx";
import { Failure, Problem } from "./Message.tsx";
import { SecretField, type SecretInput, secretOf } from "./SecretField.tsx";
import { toast } from "./Toast.tsx";

export function ReplaceKey({ account, onClose }: { account: string; onClose(): void }) {
  const field: SecretInput = useRef(null);
  const [empty, setEmpty] = useState(true);
  const [refused, setRefused] = useState<string>();
  const save = useAction(async (keep: boolean) => {
    setRefused(undefined);
    const result = await call(
      "accounts.replaceKey",
      { id: account, apiKey: secretOf(field), ...(keep ? { keep } : {}) },
      { timeoutMs: 60_000 },
    );
    if (result.ok || keep) {
      toast(t("{0} has its new key", accountLabel(account)));
      onClose();
    } else {
      setRefused(result.message);
    }
  });
  return (
    <Dialog
      title={t("Replace the key of {0}", accountLabel(account))}
      onClose={onClose}
      footer={
        <>
          {refused !== undefined && (
            <Button disabled={empty} onClick={() => save.run(true)}>
              {t("Keep it anyway")}
            </Button>
          )}
          <Button kind="primary" busy={save.busy} disabled={empty} onClick={() => save.run(false)}>
            {t("Try and save")}
          </Button>
        </>
      }
    >
      <Form onSubmit={() => empty || save.run(false)}>
        <SecretField
          field={field}
          label={t("New key")}
          autofocus
          hint={t("It is tried with one cheap call, and kept in the secret store of this computer.")}
          onInput={() => setEmpty(secretOf(field) === "")}
        />
      </Form>
      {refused !== undefined && (
        <div role="alert">
          <Problem>{refused}</Problem>
        </div>
      )}
      <Failure message={save.problem} />
    </Dialog>
  );
}
