/** The quotas of an account as short lines. Pure. */
import type { ListedAccount } from "../../control/accounts.ts";
import { quotasNow } from "../../control/quotas.ts";
import type { Format } from "../format.ts";
import { QuotaLabels } from "../quotaLabels.ts";

export interface QuotaLine {
  key: string;
  /** `gpt-5 / day`. */
  label: string;
  /** Left of it, of 0 to 1; absent where the limit is not known. */
  share?: number;
  /** `81 %`, `$12.60`, `used up`. */
  value: string;
  /** In full: `1,620,000 of 2,000,000 tokens left · read 20 s ago`. */
  title: string;
  /** Milliseconds since 1970. */
  resetAt?: number;
}

/** The tightest first; those of which nothing is known are left out. */
export function quotaLines(account: ListedAccount, format: Format, now: number): QuotaLine[] {
  const words = new QuotaLabels(format);
  const all = quotasNow(account, now);
  return all
    .filter(({ standing: { left, share } }) => left !== undefined || share !== undefined)
    .map((each): QuotaLine => {
      const { quota, standing } = each;
      const { share, resetAt } = standing;
      const label = words.name(each, all);
      return {
        key: `${each.model ?? ""} ${quota?.name ?? ""} ${quota?.window ?? ""}`,
        label,
        value: words.left(each),
        title: [label, words.exact(each), words.read(standing)].filter((text) => text !== "").join(" · "),
        ...(share === undefined ? {} : { share }),
        ...(resetAt === undefined ? {} : { resetAt }),
      };
    });
}
