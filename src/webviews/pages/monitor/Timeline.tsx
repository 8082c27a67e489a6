/** What happened, try by try, as bars on one scale. */
import { t } from "@vscode/l10n";
import type { RequestAttempt, RequestDetails } from "../../../control/requests.ts";
import { Icon } from "../../components/Icon.tsx";
import { format, type Tone } from "../../labels.ts";
import { attemptOutcome } from "../../requestLabels.ts";
import { Part } from "./parts.tsx";
import { timeRangesOf } from "./timeRanges.ts";

const ICONS: Record<Tone, string> = { ok: "pass", warn: "warning", bad: "error", off: "circle-slash" };

export function Timeline({ request }: { request: RequestDetails }) {
  const { attemptList, firstByteMs, durationMs } = request;
  const whole = Math.max(durationMs, ...attemptList.map(({ at, took }) => at + took), 1);
  const hidden = request.attempts - attemptList.length;
  return (
    <Part title={t("What happened")}>
      {attemptList.length === 0 ? (
        <p class="muted">
          {request.lane === "sandbox"
            ? t("Portico’s own sandbox answered in {0}.", format.seconds(durationMs, 2))
            : t("No provider was asked. It took {0}.", format.seconds(durationMs, 2))}
        </p>
      ) : (
        <>
          {hidden > 0 && <p class="muted">{t("{0} earlier tries are not listed", hidden)}</p>}
          <ol class="stack close timeline">
            {attemptList.map((attempt, i) => (
              <li key={i}>
                <p>
                  <span class={`mark ${attemptOutcome(attempt).tone}`}>
                    <Icon name={ICONS[attemptOutcome(attempt).tone]} />
                  </span>{" "}
                  <span class="who">{attempt.accountLabel}</span>
                  {" — "}
                  <Words attempt={attempt} firstByteMs={firstByteMs} request={request} />
                </p>
                <div class="track" aria-hidden="true">
                  {timeRangesOf(attempt, firstByteMs).map(({ kind, from, to }) => (
                    <span
                      key={kind}
                      class={`stretch ${kind}`}
                      style={{
                        left: `${(from / whole) * 100}%`,
                        width: `max(2px, ${((to - from) / whole) * 100}%)`,
                      }}
                    />
                  ))}
                </div>
              </li>
            ))}
          </ol>
          <div class="scale muted num" aria-hidden="true">
            <span>{format.seconds(0, 0)}</span>
            <span class="stretch-key">
              {attemptList.some(({ waited = 0 }) => waited > 0) && (
                <>
                  <i class="stretch queued" /> {t("waiting for an account")}{" "}
                </>
              )}
              <i class="stretch waiting" /> {t("waiting for its answer")} <i class="stretch streaming" />{" "}
              {t("answering")}
            </span>
            <span>{format.seconds(whole)}</span>
          </div>
        </>
      )}
    </Part>
  );
}

/** What came before and at an attempt, in words. */
function Words(props: { attempt: RequestAttempt; firstByteMs: number | undefined; request: RequestDetails }) {
  const { attempt, request } = props;
  const { waited, accountLabel, account } = attempt;
  // What it was held back for: as it said itself, if it was asked before, else a limit.
  const before = request.attemptList
    .slice(0, request.attemptList.indexOf(attempt))
    .findLast((each) => each.account === account && each.outcome !== "ok");
  const why = before === undefined ? t("rate limited") : attemptOutcome(before).word;
  return (
    <>
      {waited !== undefined &&
        `${t("waited {0} for {1}, {2}", format.seconds(waited, 1), accountLabel, why)}; `}
      <Outcome {...props} />
    </>
  );
}

function Outcome(props: {
  attempt: RequestAttempt;
  firstByteMs: number | undefined;
  request: RequestDetails;
}) {
  const { attempt, firstByteMs, request } = props;
  const { word } = attemptOutcome(attempt);
  const [waiting, streaming] = timeRangesOf(attempt, firstByteMs).filter(({ kind }) => kind !== "queued");
  const model = attempt.model !== "" && attempt.model !== request.model ? `${attempt.model}, ` : "";
  if (attempt.outcome === "ok") {
    if (streaming === undefined || waiting === undefined) {
      return <>{`${model}${t("answered after {0}", format.seconds(attempt.took, 2))}`}</>;
    }
    const first = format.seconds(waiting.to - waiting.from, 2);
    return (
      <>{`${model}${t("first token after {0}, whole after {1}", first, format.seconds(attempt.took, 2))}`}</>
    );
  }
  const status = attempt.status === undefined || attempt.status === 200 ? "" : `${attempt.status} `;
  return (
    <>
      {`${model}${status}${word}, ${t("after {0}", format.seconds(attempt.took, 2))}`}
      {attempt.message !== undefined && <span class="said">“{attempt.message}”</span>}
    </>
  );
}
