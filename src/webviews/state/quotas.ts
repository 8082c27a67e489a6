/** Quotas as lines that people read. Pure. */
import { t } from "@vscode/l10n";
import type { ListedAccount, QuotaView } from "../../control/accounts.ts";
import type { Format } from "../format.ts";

const HOUR_MS = 3_600_000;
const WINDOW_MS = {
  minute: 60_000,
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
} as const;

export interface QuotaLine {
  key: string;
  /** `gpt-5 / day`. */
  label: string;
  /** Left of it, of 0 to 1; absent where the limit is not known. */
  share?: number;
  /** `81 %`, `$12.60`. */
  value: string;
  /** In full: `1,620,000 of 2,000,000 tokens left, read 20 s ago`. */
  title: string;
  /** Milliseconds since 1970. */
  resetAt?: number;
}

/** What is left of one quota now: after its reset, all of it. */
export function leftOf({ remaining, limit, resetAt }: QuotaView, now: number): number | undefined {
  return resetAt !== undefined && resetAt <= now && limit !== undefined ? limit : remaining;
}

/** The tightest first; those of which nothing is known are left out. */
export function quotaLines({ quotas }: ListedAccount, format: Format, now: number): QuotaLine[] {
  return quotas
    .flatMap((quota): QuotaLine[] => {
      const left = leftOf(quota, now);
      return left === undefined ? [] : [quotaLine(quota, left, format, now)];
    })
    .sort((a, b) => (a.share ?? 2) - (b.share ?? 2));
}

function quotaLine(quota: QuotaView, left: number, format: Format, now: number): QuotaLine {
  const { model, name, unit, limit, resetAt, window, readAt } = quota;
  const money = unit.toUpperCase() === "USD";
  const share = limit === undefined || limit <= 0 ? undefined : Math.min(1, Math.max(0, left / limit));
  const amount = (value: number) => (money ? format.money(value) : format.exact(value));
  const words = money ? "" : ` ${unit}`;
  const whole =
    limit === undefined
      ? t("{0} left", `${amount(left)}${words}`)
      : t("{0} of {1} left", amount(left), `${amount(limit)}${words}`);
  const age = readAt === undefined ? "" : ` · ${t("read {0} ago", format.age(now - readAt))}`;
  return {
    key: `${model ?? ""} ${name} ${window ?? ""}`,
    label: window === undefined ? (model ?? name) : `${model ?? name} / ${windowWord(window)}`,
    value: money ? format.money(left) : share === undefined ? format.amount(left) : format.percent(share),
    title: `${model === undefined ? "" : `${model}, ${name}: `}${whole}${age}`,
    ...(share === undefined ? {} : { share }),
    ...(resetAt === undefined || resetAt <= now ? {} : { resetAt }),
  };
}

function windowWord(window: NonNullable<QuotaView["window"]>): string {
  const words = { minute: t("min"), hour: t("hour"), day: t("day"), week: t("week"), month: t("month") };
  return words[window];
}

/** Shorter ones come back before anybody could act. */
const WORTH_SAYING: ReadonlySet<QuotaView["window"]> = new Set(["day", "week", "month"]);
/** Of the window that has to be over before a pace can be told. */
const LEAST_ELAPSED = 0.05;

/** When a long quota is used up at the pace so far, where that is before its reset; milliseconds since 1970. */
export function usedUpAt(quota: QuotaView, now: number): number | undefined {
  const { remaining, limit, resetAt, window } = quota;
  if (remaining === undefined || limit === undefined || resetAt === undefined || window === undefined) {
    return undefined;
  }
  if (!WORTH_SAYING.has(window) || resetAt <= now || remaining <= 0 || remaining > limit / 2)
    return undefined;
  const elapsed = now - (resetAt - WINDOW_MS[window]);
  const used = limit - remaining;
  if (elapsed < LEAST_ELAPSED * WINDOW_MS[window] || used <= 0) return undefined;
  const at = now + remaining / (used / elapsed);
  return at < resetAt ? at : undefined;
}
