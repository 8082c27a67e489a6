/** What is left of an account's quotas, as bars with their numbers and resets. */
import { t } from "@vscode/l10n";
import type { ListedAccount, QuotaView } from "../../../control/accounts.ts";
import { Ago, Countdown } from "../../components/Countdown.tsx";
import { Meter, toneOfLeft } from "../../components/Meter.tsx";
import { useNow } from "../../state/clock.ts";
import { format } from "../../words.ts";
import { byModel, shareLeft, tightestFirst } from "./find.ts";
import { exactWords, leftWords, quotaName } from "./words.ts";

/** The tightest ones, for a row or a card. */
export function QuotaBars({ account, most }: { account: ListedAccount; most: number }) {
  const now = useNow();
  const { quotas, credential } = account;
  if (quotas.length === 0) {
    return (
      <span class="no-quotas muted">
        {credential === "none" ? t("no limits") : t("limits not known yet")}
      </span>
    );
  }
  const all = tightestFirst(quotas, now);
  return (
    <span class="quotas">
      {all.slice(0, most).map((quota) => (
        <QuotaBar key={keyOf(quota)} quota={quota} now={now} name={nameAmong(all, quota)} />
      ))}
      {all.length > most && <span class="muted more">{t("and {0} more", all.length - most)}</span>}
    </span>
  );
}

/** All of them, model by model, with how old the numbers are. */
export function AllQuotas({ quotas }: { quotas: readonly QuotaView[] }) {
  const now = useNow();
  if (quotas.length === 0) {
    return (
      <p class="muted">
        {t("No limits are known yet. Many providers tell them only with a reply, some not at all.")}
      </p>
    );
  }
  return (
    <div class="all-quotas">
      {byModel(quotas, now).map(({ model, quotas: list }) => (
        <div key={model ?? ""} class="quota-group">
          <h4 class="cut" title={model}>
            {model ?? t("All models")}
          </h4>
          {list.map((quota) => (
            <div key={keyOf(quota)} class="quota-full">
              <QuotaBar quota={quota} now={now} />
              <p class="muted small">
                {exactWords(quota)}
                {quota.readAt !== undefined && (
                  <>
                    {" · "}
                    {t("read")} <Ago time={quota.readAt} />
                  </>
                )}
              </p>
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

/** With its model; of what, only where there are others of that model and time. */
function nameAmong(all: readonly QuotaView[], quota: QuotaView): string {
  const { model, window } = quota;
  if (model === undefined) return quotaName(quota);
  const alike = all.filter((each) => each.model === model && each.window === window);
  return alike.length > 1 ? `${model} · ${quotaName(quota)}` : quotaName(quota, model);
}

function QuotaBar({ quota, now, name = quotaName(quota) }: { quota: QuotaView; now: number; name?: string }) {
  const share = shareLeft(quota, now);
  const left = leftWords(quota, share);
  const resetAt = quota.resetAt !== undefined && quota.resetAt > now ? quota.resetAt : undefined;
  return (
    <span class="quota" title={titleOf(quota, name)}>
      <span class="name cut muted">{name}</span>
      {share === undefined ? (
        <span class="meter-none" />
      ) : (
        <Meter share={share} tone={toneOfLeft(share)} label={name} words={t("{0} left", left)} />
      )}
      <span class="num left">{left}</span>
      <span class="num resets muted">
        {resetAt === undefined ? "" : <Countdown until={resetAt} words={(time) => t("resets {0}", time)} />}
      </span>
    </span>
  );
}

function titleOf(quota: QuotaView, name: string): string {
  const read = quota.readAt === undefined ? "" : `\n${t("read {0}", format.date(quota.readAt))}`;
  return `${name}\n${exactWords(quota)}${read}`;
}

function keyOf({ model = "", name, unit, window }: QuotaView): string {
  return `${model}\n${name}\n${unit}\n${window ?? ""}`;
}
