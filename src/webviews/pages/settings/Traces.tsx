/** Traces to a receiver of the person's own: whether there is one, and what it knows us by. */
import { t } from "@vscode/l10n";
import { useRef, useState } from "preact/hooks";
import type { TelemetryView } from "../../../control/settings.ts";
import { Button } from "../../components/Button.tsx";
import { Failure } from "../../components/Message.tsx";
import { SecretField, type SecretInput, secretOf } from "../../components/SecretField.tsx";
import { Section } from "../../components/Section.tsx";
import { toast } from "../../components/Toast.tsx";
import { countOf, format } from "../../labels.ts";
import { useAction } from "../../state/action.ts";
import { surroundings } from "../../state/gateway.ts";
import { call, inVsCode } from "../../transport.ts";

export function Traces({ view, onChanged }: { view: TelemetryView; onChanged(): void }) {
  const { url, content, headers } = view;
  const open = useAction(() => call("host.openSettings", { query: "portico.telemetry" }));
  return (
    <Section
      title={t("Traces")}
      aside={url === undefined ? undefined : spansLabel(view)}
      end={inVsCode && <Button onClick={() => open.run()}>{t("Open VS Code's settings")}</Button>}
    >
      <div class="stack">
        <p>
          {url === undefined
            ? t(
                "An OpenTelemetry receiver of your own can get a trace of each request: models, tokens, times and attempts. None is named, so nothing is sent.",
              )
            : content
              ? t("A trace of each request goes to {0}, with what was said.", url)
              : t("A trace of each request goes to {0}, without what was said.", url)}
        </p>
        <p class="muted">
          {surroundings.value?.kind === "vscode"
            ? t("VS Code's settings name it: portico.telemetry.endpoint.")
            : t("The config file names it: telemetry.endpoint.")}
        </p>
        <Failure message={open.problem} />
        {headers === "config" ? (
          <p class="muted">{t("The headers that it knows Portico by stand in the config file.")}</p>
        ) : (
          <Headers stored={headers !== "none"} onChanged={onChanged} />
        )}
      </div>
    </Section>
  );
}

function Headers({ stored, onChanged }: { stored: boolean; onChanged(): void }) {
  const field: SecretInput = useRef(null);
  const [empty, setEmpty] = useState(true);
  const save = useAction(async (text: string) => {
    await call("telemetry.setHeaders", { headers: text });
    if (field.current !== null) field.current.value = "";
    setEmpty(true);
    toast(text === "" ? t("The headers are gone") : t("The headers are kept"));
    onChanged();
  });
  return (
    <>
      <SecretField
        field={field}
        label={t("Headers that it knows Portico by")}
        rows={2}
        placeholder="authorization: Bearer …"
        error={save.problem}
        hint={
          stored
            ? t("Some are kept, as a secret. New ones replace them; one per line, as name: value.")
            : t("One per line, as name: value. They are kept as a secret.")
        }
        onInput={() => setEmpty(secretOf(field) === "")}
      />
      <div class="row">
        <Button busy={save.busy} disabled={empty} onClick={() => save.run(secretOf(field))}>
          {t("Keep them")}
        </Button>
        {stored && (
          <Button disabled={save.busy} onClick={() => save.run("")}>
            {t("Remove them")}
          </Button>
        )}
      </div>
    </>
  );
}

function spansLabel({ sent, dropped }: TelemetryView): string {
  const taken = countOf(sent, t("1 span sent"), t("{0} spans sent", format.count(sent)));
  if (dropped === 0) return taken;
  return `${taken} · ${t("{0} dropped", format.count(dropped))}`;
}
