/** An account in short: how it fares, what is left of its quotas, when it is back. */
import { t } from "@vscode/l10n";
import type { ListedAccount } from "../../control/accounts.ts";
import { worstHold, worstState } from "../../control/holds.ts";
import { format, stateLabel } from "../labels.ts";
import { useNow } from "../state/clock.ts";
import { type QuotaLine, quotaLines } from "../state/quotas.ts";
import { Countdown } from "./Countdown.tsx";
import { HoldEnd } from "./HoldEnd.tsx";
import { LeftMeter } from "./Meter.tsx";
import { ProviderMark } from "./ProviderMark.tsx";
import { Dot } from "./State.tsx";

/** What is to be known of it beside its name. */
function aboutLabel(account: ListedAccount, now: number): string {
  const hold = worstHold(account, now);
  if (account.state === "disabled") return t("switched off");
  if (hold !== undefined) {
    const { word } = stateLabel(hold.condition);
    // Why it needs somebody stands beside what mends it, once.
    return hold.model === undefined ? word : t("{0}, {1} only", word, hold.model);
  }
  if ((account.usedBy?.length ?? 0) > 0) return t("in use by {0}", account.usedBy?.join(", ") ?? "");
  return account.credential === "none" ? t("this computer") : account.provider;
}

export function Quotas({ lines }: { lines: readonly QuotaLine[] }) {
  return (
    <span class="short-quotas">
      {lines.map((line) => (
        <span key={line.key} class="short-quota" title={line.title}>
          <span class="cut muted">{line.label}</span>
          <LeftMeter share={line.share} label={line.label} />
          <span class="num right muted">{line.value}</span>
        </span>
      ))}
    </span>
  );
}

/** When it is ready again, else when the tightest quota starts anew. */
export function Back({ account, lines }: { account: ListedAccount; lines: readonly QuotaLine[] }) {
  const hold = worstHold(account, useNow());
  if (hold?.until !== undefined) return <HoldEnd hold={hold} />;
  const resetAt = lines[0]?.resetAt;
  if (resetAt === undefined) return null;
  return (
    <span class="muted">
      <Countdown until={resetAt} words={(time) => t("resets {0}", time)} />
    </span>
  );
}

/** @param most lines of quotas */
export function AccountLine({ account, most }: { account: ListedAccount; most: number }) {
  const now = useNow();
  const lines = quotaLines(account, format, now).slice(0, most);
  const { word, tone } = stateLabel(worstState(account, now));
  const about = aboutLabel(account, now);
  return (
    <div class="account-line">
      <Dot tone={tone} />
      <span class="who">
        <span class="cut" title={account.label}>
          <ProviderMark provider={account.provider} />
          {account.label}
        </span>
        <span class="cut muted" title={about}>
          <span class="spoken">{word}. </span>
          {about}
        </span>
      </span>
      {lines.length > 0 ? (
        <Quotas lines={lines} />
      ) : (
        <span class="short-quotas none muted">
          {account.credential === "none" ? t("no limits") : t("limits not known yet")}
        </span>
      )}
      <span class="back num right">
        <Back account={account} lines={lines} />
      </span>
    </div>
  );
}
