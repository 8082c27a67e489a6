/** The same account with a new sign-in or another key. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import type { ListedAccount } from "../../../control/accounts.ts";
import type { CheckResult, ProviderView } from "../../../control/contract.ts";
import { Button } from "../../components/Button.tsx";
import { Choice } from "../../components/Choice.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Form } from "../../components/Form.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { OpenPage } from "../../components/OpenPage.tsx";
import { SecretField, type SecretInput, secretOf } from "../../components/SecretField.tsx";
import { toast } from "../../components/Toast.tsx";
import { useAction } from "../../state/action.ts";
import { call } from "../../transport.ts";
import { SignIn } from "./SignIn.tsx";
import { CHECK_TIMEOUT_MS, reread } from "./work.ts";

interface Props {
  account: ListedAccount;
  providers: readonly ProviderView[];
  onClose(): void;
}

export function SignInAgain(props: Props) {
  const { account, onClose } = props;
  const { id, label, credential } = account;
  const signsIn = credential === "google" || credential === "openrouter";
  const [byKey, setByKey] = useState(!signsIn);
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      title={signsIn ? t("Sign in again · {0}", label) : t("Replace the key · {0}", label)}
      onClose={busy ? undefined : onClose}
    >
      {account.held[0] !== undefined && <p class="muted">{account.held[0].reason}</p>}
      {credential === "openrouter" && (
        <Choice
          label={t("How?")}
          value={byKey ? "key" : "browser"}
          disabled={busy}
          options={[
            { value: "browser", label: t("Sign in with your browser") },
            { value: "key", label: t("Paste an API key") },
          ]}
          onChange={(value) => setByKey(value === "key")}
        />
      )}
      {credential === "google" && (
        <Problem tone="info">
          {t(
            "While the consent screen of your client is in “Testing”, Google ends each of its sign-ins after 7 days. Publish it (“In production”) to stay signed in.",
          )}
        </Problem>
      )}
      {byKey ? (
        <ReplaceKey {...props} onBusy={setBusy} />
      ) : (
        <SignIn
          who={credential === "google" ? "Google" : "OpenRouter"}
          action={credential === "google" ? t("Sign in with Google") : t("Sign in with OpenRouter")}
          start={() =>
            credential === "google"
              ? call("accounts.signIn.google", { again: id })
              : call("accounts.signIn.openrouter", { again: id })
          }
          onBusy={setBusy}
          onDone={() => {
            toast(t("{0} is signed in again", label));
            onClose();
            void reread();
          }}
        />
      )}
    </Dialog>
  );
}

function ReplaceKey({ account, providers, onClose, onBusy }: Props & { onBusy(busy: boolean): void }) {
  const { id, label } = account;
  const key: SecretInput = useRef(null);
  const [refused, setRefused] = useState<string>();
  const [failed, setFailed] = useState<Extract<CheckResult, { ok: false }>>();
  const replace = useAction(async (keep: boolean) => {
    setFailed(undefined);
    const apiKey = secretOf(key);
    if (apiKey === "") {
      setRefused(t("Paste the new key."));
      return;
    }
    const params = { id, apiKey, ...(keep ? { keep } : {}) };
    const result = await call("accounts.replaceKey", params, { timeoutMs: CHECK_TIMEOUT_MS });
    if (result.ok || keep) {
      toast(t("{0} has its new key", label));
      onClose();
      await reread();
    } else if (result.reason === "key-refused") {
      setRefused(t("The key was refused: {0}", result.message));
      key.current?.select();
    } else setFailed(result);
  }, onBusy);
  return (
    <Form onSubmit={() => replace.run(false)}>
      <SecretField
        field={key}
        label={t("New API key")}
        autofocus
        error={refused}
        hint={
          <>
            {t("It is tried with a real call before it takes the old one's place.")}{" "}
            <OpenPage url={providers.find((each) => each.id === account.provider)?.keyPage}>
              {t("Get a key")}
            </OpenPage>
          </>
        }
        onInput={() => {
          setRefused(undefined);
          setFailed(undefined);
        }}
      />
      {failed !== undefined && (
        <Problem
          tone="warn"
          title={t("{0} did not accept the call", label)}
          actions={
            <Button busy={replace.busy} onClick={() => replace.run(true)}>
              {t("Keep it anyway")}
            </Button>
          }
        >
          {failed.message}
        </Problem>
      )}
      <Failure message={replace.problem} />
      <span class="row">
        <Button kind="primary" busy={replace.busy}>
          {failed === undefined ? t("Check and replace") : t("Try again")}
        </Button>
      </span>
    </Form>
  );
}
