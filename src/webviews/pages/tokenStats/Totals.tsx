/** The few numbers that say it all. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import type { Stats } from "../../../control/stats.ts";
import { Button } from "../../components/Button.tsx";
import { format } from "../../labels.ts";
import { go } from "../../state/route.ts";
import { cachedShare, errorShare } from "./series.ts";

/** @param onShow opens the requests that a number is made of, by what their query says besides the time */
export function Totals(props: { stats: Stats; onShow(query: Record<string, string>): void }) {
  const { stats } = props;
  const show = (query: Record<string, string>) => () => props.onShow(query);
  const { total, firstByte } = stats;
  const cached = cachedShare(total);
  const errors = errorShare(total);
  return (
    <dl class="totals">
      <Total
        name={t("Requests")}
        value={format.count(total.requests)}
        exact={total.requests}
        onShow={show({})}
      >
        {total.failedOver > 0 && (
          <Button kind="link" onClick={show({ show: "failed-over", outcome: "ok" })}>
            {t("{0} failed over", format.count(total.failedOver))}
          </Button>
        )}
      </Total>
      <Total
        name={t("Tokens")}
        value={format.amount(total.input + total.output)}
        exact={total.input + total.output}
        onShow={show({ tokens: ">0" })}
      >
        {t("{0} in, {1} out", format.amount(total.input), format.amount(total.output))}
      </Total>
      <Total name={t("Cost")} value={format.money(total.cost)} onShow={show({ cost: ">0" })}>
        {total.unpriced > 0 && (
          <>
            {t("without {0} of unknown price", format.count(total.unpriced))}{" "}
            <Button kind="link" onClick={() => go("settings", { part: "prices" })}>
              {t("Set prices…")}
            </Button>
          </>
        )}
      </Total>
      <Total name={t("From cache")} value={cached === undefined ? "—" : format.percent(cached)}>
        {t("of the input")}
      </Total>
      <Total
        name={t("Errors")}
        value={errors === undefined ? "—" : format.percent(errors)}
        onShow={show({ outcome: "failed" })}
      >
        {total.errors > 0 && t("{0} requests", format.count(total.errors))}
      </Total>
      <Total name={t("Median first token")} value={format.seconds(firstByte.p50, 2)}>
        {firstByte.p95 !== undefined && t("95 % within {0}", format.seconds(firstByte.p95))}
      </Total>
    </dl>
  );
}

function Total(props: {
  name: string;
  value: string;
  exact?: number;
  onShow?(): void;
  children: ComponentChildren;
}) {
  const { name, value, onShow } = props;
  return (
    <div>
      <dt class="muted">{name}</dt>
      <dd>
        <strong class="num" title={props.exact === undefined ? undefined : format.exact(props.exact)}>
          {onShow === undefined ? (
            value
          ) : (
            <Button kind="link" label={t("{0}: {1}, show the requests", name, value)} onClick={onShow}>
              {value}
            </Button>
          )}
        </strong>
        <span class="muted">{props.children}</span>
      </dd>
    </div>
  );
}
