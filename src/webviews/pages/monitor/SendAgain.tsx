/** Sends a recorded request once more, to the same model or another one. */
import { t } from "@vscode/l10n";
import { useId, useState } from "preact/hooks";
import type { RequestDetails } from "../../../control/requests.ts";
import type { ModelView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { TextField } from "../../components/Field.tsx";
import { Failure, Shown } from "../../components/Message.tsx";
import { failureOf } from "../../requestLabels.ts";
import { useAction } from "../../state/action.ts";
import { useModels } from "../../state/models.ts";
import { call } from "../../transport.ts";
import { Compared } from "./Compared.tsx";

/** A long answer takes its time. */
const TIMEOUT_MS = 600_000;
/** Names listed; there is a field to find the others. */
const MOST = 100;

export function SendAgain(props: { request: RequestDetails; onShow(id: string): void; onClose(): void }) {
  const { request } = props;
  const models = useModels();
  const [typed, setTyped] = useState("");
  const [model, setModel] = useState(request.model ?? "");
  const [sent, setSent] = useState<{ id: string; status: number }>();
  const send = useAction(async () => {
    setSent(undefined);
    const change = model === "" || model === request.model ? {} : { model };
    const result = await call("requests.replay", { id: request.id, ...change }, { timeoutMs: TIMEOUT_MS });
    if (!result.ok) throw new Error(result.message);
    setSent(result);
  });
  return (
    <Dialog
      title={t("Send again")}
      wide={sent !== undefined}
      onClose={send.busy ? undefined : props.onClose}
      footer={
        <>
          <Button disabled={send.busy} onClick={props.onClose}>
            {sent === undefined ? t("Cancel") : t("Close")}
          </Button>
          <Button kind="primary" busy={send.busy} onClick={() => send.run()}>
            {model === "" ? t("Send") : t("Send to {0}", model)}
          </Button>
        </>
      }
    >
      <p class="muted">{t("The same request once more. It uses the account’s quota like any other.")}</p>
      <Shown of={models.state.value} retry={models.reload}>
        {(known) => <Picker models={known} model={model} onPick={setModel} typed={typed} onType={setTyped} />}
      </Shown>
      <Failure message={send.problem} />
      <p role="status">
        {sent !== undefined &&
          (sent.status >= 400 || sent.status === 0
            ? t("Sent, and refused: {0}", `${sent.status} ${failureOf(undefined, sent.status).word}`)
            : t("Sent, and answered"))}
      </p>
      {sent !== undefined && <Compared before={request} id={sent.id} onShow={props.onShow} />}
    </Dialog>
  );
}

/** A list that a few letters shorten. */
function Picker(props: {
  models: readonly ModelView[];
  model: string;
  onPick(model: string): void;
  typed: string;
  onType(typed: string): void;
}) {
  const { models, model, typed } = props;
  const group = useId();
  const wanted = typed.trim().toLowerCase();
  const found = models.filter(({ name }) => name.toLowerCase().includes(wanted));
  // What is chosen stays in sight.
  const names = [...new Set([...(model === "" ? [] : [model]), ...found.map(({ name }) => name)])];
  const accountsOf = (name: string) =>
    models
      .find((each) => each.name === name)
      ?.accounts.map(({ label }) => label)
      .join(", ");
  return (
    <>
      <TextField
        label={t("Find a model")}
        value={typed}
        onInput={props.onType}
        placeholder={t("a few letters of its name")}
      />
      <div class="models" role="radiogroup" aria-label={t("Model")}>
        {names.slice(0, MOST).map((name) => (
          <label key={name} class="model">
            <input type="radio" name={group} checked={name === model} onChange={() => props.onPick(name)} />
            <span class="cut grow">{name}</span>
            <span class="muted cut">{accountsOf(name)}</span>
          </label>
        ))}
        {names.length > MOST && <p class="muted">{t("and {0} more", names.length - MOST)}</p>}
      </div>
    </>
  );
}
