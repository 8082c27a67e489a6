/** What is left of an account's quotas, as bars with their numbers and resets. */
import { t } from "@vscode/l10n";
import type { ListedAccount, QuotaView } from "../../../control/accounts.ts";
import { type QuotaNow, quotasNow } from "../../../control/quotas.ts";
import { Countdown } from "../../components/Countdown.tsx";
import { LeftMeter } from "../../components/Meter.tsx";
import { format } from "../../labels.ts";
import { QuotaLabels } from "../../quotaLabels.ts";
import { useNow } from "../../state/clock.ts";
import { byModel } from "./find.ts";

const words = new QuotaLabels(format);

/** The tightest ones, for a row or a card. */
export function QuotaBars({ account, most }: { account: ListedAccount; most: number }) {
  const all = quotasNow(account, useNow());
  if (all.length === 0) {
    return (
      <span class="no-quotas muted">
        {account.credential === "none" ? t("no limits") : t("limits not known yet")}
      </span>
    );
  }
  return (
    <span class="quotas">
      {all.slice(0, most).map((each) => (
        <QuotaBar key={keyOf(each)} of={each} name={words.name(each, all)} />
      ))}
      {all.length > most && <span class="muted more">{t("and {0} more", all.length - most)}</span>}
    </span>
  );
}

/** All of them, model by model, with how old the numbers are. */
export function AllQuotas({ account }: { account: ListedAccount }) {
  const now = useNow();
  if (account.quotas.length === 0) {
    return (
      <p class="muted">
        {t("No limits are known yet. Many providers tell them only with a reply, some not at all.")}
      </p>
    );
  }
  return (
    <div class="stack">
      {byModel(account, now).map(({ model, quotas }) => (
        <div key={model ?? ""} class="stack close quota-group">
          <h4 class="cut" title={model}>
            {model ?? t("All models")}
          </h4>
          {quotas.map(({ quota, standing }) => (
            <div key={keyOf({ quota, standing })} class="quota-full">
              <QuotaBar of={{ quota, standing }} />
              <p class="muted small" title={readAt(quota)}>
                {aboutLabel({ quota, standing })}
              </p>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

function QuotaBar({ of, name = words.name(of) }: { of: QuotaNow; name?: string }) {
  const { share, resetAt } = of.standing;
  const left = words.left(of);
  return (
    <span class="quota" title={`${name}\n${aboutLabel(of)}`}>
      <span class="name cut muted">{name}</span>
      <LeftMeter share={share} label={name} />
      <span class="num left">{left}</span>
      <span class="num resets muted">
        {resetAt === undefined ? "" : <Countdown until={resetAt} words={(time) => t("resets {0}", time)} />}
      </span>
    </span>
  );
}

/** How much exactly, and how old that is. */
function aboutLabel(of: QuotaNow): string {
  return [words.exact(of), words.read(of.standing)].filter((text) => text !== "").join(" · ");
}

const readAt = ({ readAt }: QuotaView): string | undefined =>
  readAt === undefined ? undefined : format.date(readAt);

function keyOf({ model, quota }: QuotaNow): string {
  return [model ?? quota?.model, quota?.name, quota?.unit, quota?.window]
    .map((each) => each ?? "")
    .join("\n");
}
