/** Another key for an account: kept only when the provider takes it, unless the person insists. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import { useAction } from "../state/action.ts";
import { accountLabel } from "../state/gateway.ts";
import { call } from "../transport.ts";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { TextField } from "./Field.tsx";
import { Failure, Problem } from "./Message.tsx";
import { toast } from "./Toast.tsx";

export function ReplaceKey({ account, onClose }: { account: string; onClose(): void }) {
  const [key, setKey] = useState("");
  const [refused, setRefused] = useState<string>();
  const save = useAction(async (keep: boolean) => {
    setRefused(undefined);
    const result = await call(
      "accounts.replaceKey",
      { id: account, apiKey: key.trim(), ...(keep ? { keep } : {}) },
      { timeoutMs: 60_000 },
    );
    if (result.ok || keep) {
      toast(t("{0} has its new key", accountLabel(account)));
      onClose();
    } else {
      setRefused(result.message);
    }
  });
  const empty = key.trim() === "";
  return (
    <Dialog
      title={t("Replace the key of {0}", accountLabel(account))}
      onClose={onClose}
      footer={
        <>
          {refused !== undefined && (
            <Button disabled={empty} onClick={() => save.run(true)}>
              {t("Keep it all the same")}
            </Button>
          )}
          <Button kind="primary" busy={save.busy} disabled={empty} onClick={() => save.run(false)}>
            {t("Try and save")}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!empty) void save.run(false);
        }}
      >
        <TextField
          label={t("New key")}
          type="password"
          value={key}
          autofocus
          hint={t("It is tried with one cheap call, and kept in the secret store of this computer.")}
          onInput={setKey}
        />
      </form>
      {refused !== undefined && (
        <div role="alert">
          <Problem>{refused}</Problem>
        </div>
      )}
      <Failure message={save.problem} />
    </Dialog>
  );
}
