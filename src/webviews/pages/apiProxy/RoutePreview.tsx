/** Where a model name would go now, or with the routes as they are being edited. */
import { t } from "@vscode/l10n";
import { useEffect, useState } from "preact/hooks";
import type { RouteView } from "../../../control/accounts.ts";
import { DEFAULT_PROTOCOL, PROTOCOLS, type Protocol } from "../../../control/protocol.ts";
import type { ModelView, RouteRule } from "../../../control/settings.ts";
import { Select } from "../../components/Field.tsx";
import { NameField } from "../../components/NameField.tsx";
import { Dot } from "../../components/State.tsx";
import { accountLabel } from "../../state/gateway.ts";
import { type Loaded, messageOf } from "../../state/loaded.ts";
import { query, setQuery } from "../../state/route.ts";
import { call, link } from "../../transport.ts";
import { protocolLabel } from "../accounts/labels.ts";

/** Milliseconds after the last key. */
const PAUSE_MS = 250;
const TIMEOUT_MS = 60_000;

export function RoutePreview(props: {
  models: readonly ModelView[];
  /** Undefined: as they are saved. */
  draft: readonly RouteRule[] | undefined;
  /** Changes with what is saved. */
  saved: string;
}) {
  const { models, draft, saved } = props;
  const [protocol, setProtocol] = useState<Protocol>(DEFAULT_PROTOCOL);
  const [view, setView] = useState<Loaded<RouteView>>({ kind: "loading" });
  const model = query.value.try ?? "";
  const drafted = draft === undefined ? "" : JSON.stringify(draft);
  const connected = link.value.kind === "connected";
  useEffect(() => {
    if (model.trim() === "" || !connected) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const params = {
        model: model.trim(),
        protocol,
        ...(draft === undefined ? {} : { routes: [...draft] }),
      };
      call("route.explain", params, { signal: controller.signal, timeoutMs: TIMEOUT_MS }).then(
        (value) => {
          if (!controller.signal.aborted) setView({ kind: "ready", value });
        },
        (thrown: unknown) => {
          if (!controller.signal.aborted) setView({ kind: "failed", message: messageOf(thrown) });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [model, protocol, drafted, saved, connected]);
  return (
    <div class="stack close preview">
      <h3>{t("Try it out")}</h3>
      <div class="row wrap ask">
        <span class="grow">
          <NameField
            label={t("A tool asks for")}
            value={model}
            names={models.map(({ name }) => name)}
            placeholder={t("a model's name")}
            onInput={(value) => setQuery({ try: value })}
          />
        </span>
        <Select<Protocol>
          label={t("and speaks")}
          value={protocol}
          options={PROTOCOLS.map((value) => ({ value, label: protocolLabel(value) }))}
          onChange={(value) => setProtocol(value)}
        />
      </div>
      <div aria-live="polite">
        {model.trim() === "" ? (
          <p class="muted">{t("Type a name to see who would answer. Nothing is sent to the model.")}</p>
        ) : (
          <Answer view={view} protocol={protocol} model={model.trim()} />
        )}
      </div>
    </div>
  );
}

function Answer({ view, protocol, model }: { view: Loaded<RouteView>; protocol: Protocol; model: string }) {
  if (view.kind === "loading") return <p class="muted">{t("Looking…")}</p>;
  if (view.kind === "failed") return <p class="bad">{view.message}</p>;
  const { chosen, routing, scheduling } = view.value;
  return (
    <>
      <p class="row">
        <Dot tone={chosen === undefined ? "bad" : "ok"} />
        <span>
          {chosen === undefined ? (
            t("No account could answer it now.")
          ) : (
            <>
              <span class="strong">{accountLabel(chosen.account)}</span> {t("answers")}
              {chosen.model === model ? "" : ` ${t("with {0}", chosen.model)}`}
              <span class="muted">
                {" · "}
                {chosen.protocol === protocol
                  ? t("passed on as it comes")
                  : t("translated to {0}", protocolLabel(chosen.protocol))}
              </span>
            </>
          )}
        </span>
      </p>
      <details class="more-fields">
        <summary>{t("Why")}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
        <pre class="mono" tabIndex={0}>
          {[...routing, "", ...scheduling].join("\n")}
        </pre>
      </details>
    </>
  );
}
