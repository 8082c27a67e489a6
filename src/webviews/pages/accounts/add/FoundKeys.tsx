/** Keys that lie about on this computer: shown first, taken only by choice. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { FoundCredential } from "../../../../control/credentials.ts";
import { Button } from "../../../components/Button.tsx";
import { Checkbox, TextField } from "../../../components/Field.tsx";
import { Form } from "../../../components/Form.tsx";
import { Failure, Shown } from "../../../components/Message.tsx";
import { useAction } from "../../../state/action.ts";
import { accountLabel } from "../../../state/gateway.ts";
import { useLoaded } from "../../../state/loaded.ts";
import { call } from "../../../transport.ts";
import type { FormProps } from "./ProviderForm.tsx";
import { useStop } from "./useStop.ts";
import { addedOf } from "./ways.ts";

const TIMEOUT_MS = 120_000;

export function FoundKeys({ onDone, onBusy }: Omit<FormProps, "provider">) {
  const [envFile, setEnvFile] = useState("");
  const [looked, setLooked] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const place = looked === "" ? undefined : { envFile: looked };
  const found = useLoaded((signal) => call("accounts.discover", place, { signal }), looked);
  const stop = useStop();
  const take = useAction(async () => {
    const params = { ids: [...chosen], ...place };
    onDone(
      addedOf(await call("accounts.discover.take", params, { timeoutMs: TIMEOUT_MS, signal: stop.signal() })),
    );
  }, onBusy);
  return (
    <div class="stack">
      <Shown of={found.state.value} retry={found.reload}>
        {(list) => (
          <Found
            list={list}
            chosen={chosen}
            onChoose={(id, on) => {
              const next = new Set(chosen);
              if (on) next.add(id);
              else next.delete(id);
              setChosen(next);
            }}
          />
        )}
      </Shown>
      <Form
        class="row look"
        onSubmit={() => {
          setChosen(new Set());
          setLooked(envFile.trim());
        }}
      >
        <span class="grow">
          <TextField
            label={t("Look into a .env file, too")}
            value={envFile}
            mono
            placeholder="/home/me/project/.env"
            onInput={setEnvFile}
          />
        </span>
        <Button>{t("Look")}</Button>
      </Form>
      <Failure message={take.problem} />
      <span class="row">
        <Button kind="primary" busy={take.busy} disabled={chosen.size === 0} onClick={() => take.run()}>
          {chosen.size === 0 ? t("Check and add") : t("Check and add {0}", chosen.size)}
        </Button>
        {take.busy && <Button onClick={stop.stop}>{t("Cancel")}</Button>}
        <span class="muted">
          {take.busy ? t("Each of them is tried…") : t("Nothing is taken that you do not choose.")}
        </span>
      </span>
    </div>
  );
}

function Found(props: {
  list: readonly FoundCredential[];
  chosen: ReadonlySet<string>;
  onChoose(id: string, on: boolean): void;
}) {
  const { list } = props;
  if (list.length === 0) {
    return <p class="muted">{t("No key was found in the environment, nor in Google's well-known file.")}</p>;
  }
  return (
    <ul class="found">
      {list.map(({ id, label, source, name, masked, sameAs }) => (
        <li key={id}>
          <Checkbox
            label={label}
            hint={
              <>
                <code>{name}</code> · <code>{masked}</code> · {t("from {0}", source)}
                {sameAs !== undefined && ` · ${t("here already as {0}", accountLabel(sameAs))}`}
              </>
            }
            checked={props.chosen.has(id)}
            disabled={sameAs !== undefined}
            onChange={(on) => props.onChoose(id, on)}
          />
        </li>
      ))}
    </ul>
  );
}
