/** Whether it runs, where, and on which port. */
import { t } from "@vscode/l10n";
import { useState } from "preact/hooks";
import type { Status } from "../../../control/contract.ts";
import type { SettingsView } from "../../../control/settings.ts";
import { underWayWords } from "../../../control/stateWords.ts";
import { StartStop } from "../../components/AppFrame.tsx";
import { Button } from "../../components/Button.tsx";
import { Copyable } from "../../components/Copyable.tsx";
import { numberError, TextField } from "../../components/Field.tsx";
import { Form } from "../../components/Form.tsx";
import { Failure, Problem } from "../../components/Message.tsx";
import { DotWord } from "../../components/State.tsx";
import { toast } from "../../components/Toast.tsx";
import { phase, standing, status } from "../../state/gateway.ts";
import { boundsOf, useSetting } from "../../state/setting.ts";
import { call } from "../../transport.ts";
import { KeptBy, Row } from "./setting.tsx";

export function ProxySection({ view }: { view: SettingsView }) {
  const { state, matter, tone } = standing.value;
  const now = status.value;
  const proxy = now?.proxy;
  const base = proxy?.kind === "running" ? proxy.baseUrl : undefined;
  const active = now?.active ?? 0;
  return (
    <>
      <Row title={t("State")}>
        <span class="row wrap">
          {/* What is the matter besides stands in the strip on top: here it is the proxy's own state. */}
          <DotWord tone={matter !== undefined && phase.value === "running" ? "ok" : tone}>{state}</DotWord>
          {(base !== undefined || phase.value === "stopping") && (
            <span class="muted num">{underWayWords(active, t)}</span>
          )}
          <StartStop />
        </span>
        {base !== undefined && active > 0 && (
          <p class="muted">
            {t(
              "Stopping takes no new requests and gives those under way 10 seconds to end. Whatever is cut then ends with an error that says so.",
            )}
          </p>
        )}
      </Row>
      {base !== undefined && (
        <Row title={t("Address")}>
          <dl class="bases">
            <div>
              <dt class="muted">{t("OpenAI and most tools")}</dt>
              <dd>
                <Copyable text={`${base}/v1`} what={t("the address for OpenAI's tools")} />
              </dd>
            </div>
            <div>
              <dt class="muted">{t("Anthropic and Gemini")}</dt>
              <dd>
                <Copyable text={base} what={t("the address for Anthropic's and Gemini's tools")} />
              </dd>
            </div>
          </dl>
        </Row>
      )}
      <Port view={view} />
    </>
  );
}

function Port({ view }: { view: SettingsView }) {
  const port = useSetting("port", view);
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? String(port.value);
  const changed = typed !== undefined && typed.trim() !== String(port.value);
  const wrong = changed ? portProblem(shown, view) : undefined;
  const running = status.value?.proxy.kind === "running";
  return (
    <Row title={t("Port")}>
      <Form
        class="row port"
        onSubmit={async () => {
          if (!changed || wrong !== undefined) return;
          if (!(await port.save(Number(shown)))) return;
          setTyped(undefined);
          // Kept, yet another program may have it.
          status.value = await call("status.get");
          if (stuckOf(status.value) === undefined) toast(t("The port is changed"));
        }}
      >
        <TextField
          label={t("Port")}
          hideLabel
          value={shown}
          disabled={port.fixed !== undefined}
          error={wrong}
          onInput={(value) => {
            setTyped(value);
            port.clear();
          }}
        />
        {changed && (
          <>
            <Button kind="primary" busy={port.busy} disabled={wrong !== undefined}>
              {t("Change the port")}
            </Button>
            <Button onClick={() => setTyped(undefined)}>{t("Cancel")}</Button>
          </>
        )}
      </Form>
      {changed && wrong === undefined && (
        <Problem tone="warn">
          {running
            ? t(
                "Portico moves to the new port at once; requests under way end on the old one. Tools that were set up with {0} get “connection refused” until they are told the new address.",
                port.value,
              )
            : t(
                "Tools that were set up with {0} get “connection refused” until they are told the new address.",
                port.value,
              )}
        </Problem>
      )}
      {!changed && (
        <p class="muted">{t("0 picks a free port each time; tools then need the new address each time.")}</p>
      )}
      <Failure message={port.problem ?? stuckOf(status.value)} />
      <KeptBy view={view} name="port" />
    </Row>
  );
}

/** Why it does not listen where the settings say. */
function stuckOf(now: Status | undefined): string | undefined {
  return now?.problems.find(({ cause }) => cause === "port")?.message;
}

function portProblem(typed: string, view: SettingsView): string | undefined {
  const { min, max } = boundsOf("port", view);
  const wrong = numberError(typed, min, max);
  if (wrong !== undefined) return wrong;
  return Number.isInteger(Number(typed)) ? undefined : t("A whole number.");
}
