/** Tries the sandbox: one request, what it said, and where to go from there. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { SandboxResult } from "../../control/requests.ts";
import { format } from "../labels.ts";
import { useAction } from "../state/action.ts";
import { status } from "../state/gateway.ts";
import { go } from "../state/route.ts";
import { call } from "../transport.ts";
import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Failure } from "./Message.tsx";

/** Milliseconds: it answers at once, or something is wrong. */
const TIMEOUT_MS = 15_000;

export function TrySandbox() {
  const [result, setResult] = useState<Extract<SandboxResult, { ok: true }>>();
  const attempt = useAction(async () => {
    if (status.value?.proxy.kind !== "running") status.value = await call("proxy.start");
    const tried = await call("requests.trySandbox", undefined, { timeoutMs: TIMEOUT_MS });
    if (!tried.ok) throw new Error(tried.message);
    setResult(tried);
  });
  return (
    <>
      <Button busy={attempt.busy} onClick={() => attempt.run()}>
        {t("Try the sandbox")}
      </Button>
      <Failure message={attempt.problem} />
      {result !== undefined && <Answer {...result} onClose={() => setResult(undefined)} />}
    </>
  );
}

function Answer(props: { question: string; answer: string; took: number; onClose(): void }) {
  // The page may be the same, with a dialog of its own.
  const leave: typeof go = (...to) => {
    props.onClose();
    go(...to);
  };
  return (
    <Dialog
      title={t("The sandbox answered")}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={() => leave("connect", { client: "curl", model: "sandbox/echo" })}>
            {t("Try it from a terminal")}
          </Button>
          <Button kind="primary" onClick={() => leave("accounts", { add: "choose" })}>
            {t("Add the first account")}
          </Button>
        </>
      }
    >
      <dl class="exchange">
        <dt class="muted">{t("Asked")}</dt>
        <dd>{props.question}</dd>
        <dt class="muted">{t("Answered in {0}", format.seconds(props.took))}</dt>
        <dd>{props.answer}</dd>
      </dl>
      <p class="muted">
        {t("Through the proxy, as any tool would ask. It used no account and cost nothing.")}
      </p>
    </Dialog>
  );
}
