/** Everything that is known of one request, and what can be done with it. */
import { t } from "@vscode/l10n";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { RequestDetails, RequestRow } from "../../../control/requests.ts";
import { endedAt } from "../../../control/requestTimes.ts";
import { IconButton } from "../../components/Button.tsx";
import { Problem, Skeleton } from "../../components/Message.tsx";
import { StatusWord } from "../../components/StatusWord.tsx";
import { format } from "../../labels.ts";
import { laneLabel, protocolName, servedBy } from "../../requestLabels.ts";
import { useLoaded } from "../../state/loaded.ts";
import { call } from "../../transport.ts";
import { Actions } from "./Actions.tsx";
import { AllowOrigin } from "./AllowOrigin.tsx";
import { beganAndEnded } from "./columns.tsx";
import { Fact, Part } from "./parts.tsx";
import { Recorded } from "./Recorded.tsx";
import { Timeline } from "./Timeline.tsx";
import { Tokens } from "./Tokens.tsx";

export function Details(props: {
  id: string;
  /** What the list knows already. */
  row: RequestRow | undefined;
  /** Lies over the list, and so takes the focus. */
  over: boolean;
  onClose(): void;
  onShow(id: string): void;
}) {
  const { id, over } = props;
  const loaded = useLoaded((signal) => call("requests.get", { id }, { signal }), id);
  const state = loaded.state.value;
  const details = state.kind === "ready" && state.value.id === id ? state.value : undefined;
  const row = details ?? (props.row?.id === id ? props.row : undefined);
  const pane = useRef<HTMLElement>(null);
  // Before the next key, which is meant for it.
  useLayoutEffect(() => {
    if (over) pane.current?.focus();
  }, [over]);
  useEffect(() => {
    pane.current?.scrollTo({ top: 0 });
  }, [id]);
  return (
    <aside
      ref={pane}
      class={over ? "request-details over" : "request-details"}
      aria-label={t("Details of the request")}
      tabIndex={-1}
    >
      <header class="row">
        <h2 class="grow cut" title={row === undefined ? undefined : beganAndEnded(row)}>
          {row === undefined ? t("Request") : `${format.clock(endedAt(row))} · ${row.client}`}
        </h2>
        <IconButton icon="close" label={t("Close details")} onClick={props.onClose} />
      </header>
      {row !== undefined && <Facts row={row} details={details} />}
      {row !== undefined && <AllowOrigin row={row} />}
      {details !== undefined ? (
        <>
          <Timeline request={details} />
          <Tokens request={details} />
          <Warnings request={details} />
          <Recorded request={details} />
          <Actions request={details} onShow={props.onShow} />
        </>
      ) : state.kind === "failed" ? (
        <Problem>{state.message}</Problem>
      ) : state.kind === "ready" && state.old !== undefined ? (
        <Problem>{state.old}</Problem>
      ) : (
        <Skeleton lines={6} />
      )}
    </aside>
  );
}

function Facts({ row, details }: { row: RequestRow; details: RequestDetails | undefined }) {
  const lane = laneLabel(row.lane, details?.edited);
  const { protocol, protocolOut } = row;
  return (
    <>
      <dl class="facts">
        <Fact name={t("outcome")}>
          <StatusWord row={row} />
          {row.outcome === "client-gone" && (
            <span class="muted"> · {t("it left before the end; nothing is wrong here")}</span>
          )}
        </Fact>
        {row.model !== undefined && <Fact name={t("asked for")}>{row.model}</Fact>}
        <Fact name={t("served by")}>
          <ServedBy row={row} details={details} />
        </Fact>
        {lane !== undefined && (
          <Fact name={t("passed on")}>
            {lane}
            {row.lane === "B" && protocol !== undefined && protocolOut !== undefined && (
              <span class="muted">
                {" "}
                {protocolName(protocol)} → {protocolName(protocolOut)}
              </span>
            )}
            {row.lane === "A" && protocol !== undefined && (
              <span class="muted"> · {protocolName(protocol)}</span>
            )}
          </Fact>
        )}
        {details?.session !== undefined && (
          <Fact name={t("conversation")}>
            <span title={details.session}>
              {details.sticky
                ? t("goes on at its account, which has it in its cache")
                : t("new to this account")}
            </span>
          </Fact>
        )}
        {row.key !== undefined && (
          <Fact name={t("client key")}>
            <code>{row.key}</code>
          </Fact>
        )}
        {details?.background !== undefined && <Fact name={t("in the background")}>{details.background}</Fact>}
        {details !== undefined && (
          <Fact name={t("request")}>
            <code>
              {details.method} {details.path}
            </code>
            <span class="muted">
              {" · "}
              {details.bytesIn !== undefined && `${t("{0} in", format.bytes(details.bytesIn))}, `}
              {t("{0} out", format.bytes(details.bytesOut))}
            </span>
          </Fact>
        )}
        <Fact name={t("id")}>
          <code>{row.id}</code>
        </Fact>
      </dl>
      {row.error !== undefined && row.outcome === "failed" && <p class="error-text">{row.error}</p>}
    </>
  );
}

function ServedBy({ row, details }: { row: RequestRow; details: RequestDetails | undefined }) {
  const account = servedBy(row);
  if (row.account === undefined) return <span class="muted">{account}</span>;
  const model = row.modelUsed !== undefined && row.modelUsed !== row.model ? row.modelUsed : undefined;
  const place = details?.attemptList.length ?? row.attempts;
  const route = details?.route;
  const how = [
    ...(route === undefined ? [] : [t("route “{0}”", route)]),
    ...(row.failedOver && row.outcome === "ok" ? [t("after {0} tries", place)] : []),
  ];
  return (
    <>
      {account}
      {model !== undefined && `, ${model}`}
      {how.length > 0 && <span class="muted"> ({how.join(", ")})</span>}
    </>
  );
}

/** What the provider could not be told. */
function Warnings({ request }: { request: RequestDetails }) {
  const { warningList, warnings, lane } = request;
  const more = warnings - warningList.length;
  return (
    <Part title={t("Warnings")}>
      {warningList.length === 0 ? (
        <p class="muted">{lane === undefined ? t("none") : t("none: every field reached the provider")}</p>
      ) : (
        <ul class="warnings">
          {warningList.map((warning, i) => {
            const { field, message } = readWarning(warning);
            return (
              <li key={i}>
                {field !== undefined && <code>{field}</code>} {message}
              </li>
            );
          })}
          {more > 0 && <li class="muted">{t("and {0} more", more)}</li>}
        </ul>
      )}
    </Part>
  );
}

/** `top_k: Anthropic has no such setting`. */
function readWarning(text: string): { field: string | undefined; message: string } {
  const [, field, message] = /^([^\s:]{1,80}): (.+)$/s.exec(text) ?? [];
  return { field, message: message ?? text };
}
