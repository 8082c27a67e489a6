/** Quotas in words, the same on every page. Time is given in. */
import { t } from "@vscode/l10n";
import type { QuotaView } from "../control/accounts.ts";
import type { QuotaNow, QuotaStanding } from "../control/quotas.ts";
import type { Format } from "./format.ts";

export class QuotaLabels {
  readonly #format: Format;

  constructor(format: Format) {
    this.#format = format;
  }

  /** `requests / day`; with its model, and then of what only where the model has several alike: `gpt-5 / day`. */
  name({ model, quota }: QuotaNow, among: readonly QuotaNow[] = []): string {
    if (quota === undefined) return model ?? t("all models");
    if (model === undefined) return nameOf(quota);
    const alike = among.filter((each) => each.model === model && each.quota?.window === quota.window);
    return alike.length > 1 ? `${model} · ${nameOf(quota)}` : nameOf(quota, model);
  }

  /** `81 %`, `$12.60`, `used up`; an amount where there is no limit to compare with. */
  left({ quota, standing }: QuotaNow): string {
    const { basis, left, share } = standing;
    if (basis === "refused") return t("used up");
    if (quota !== undefined && left !== undefined && isMoney(quota.unit))
      return this.#amount(left, quota.unit);
    if (share !== undefined) return this.#format.percent(share);
    return left === undefined || quota === undefined ? "—" : this.#amount(left, quota.unit);
  }

  /** `12 of 50 requests left`, in exact numbers; whether it still holds, and why not. */
  exact({ quota, standing }: QuotaNow): string {
    if (quota === undefined) return t("used up; the provider does not say of what");
    const { limit, unit, remaining } = quota;
    const { basis, left } = standing;
    if (basis === "refused") return t("used up; {0} before that", this.#leftOf(quota, remaining));
    if (basis === "renewed") {
      return left === undefined
        ? t("all of it left since its reset")
        : t("{0} since its reset", this.#leftOf(quota, left));
    }
    if (left === undefined && limit !== undefined)
      return t("of {0} {1}", this.#amount(limit, unit), unitLabel(unit));
    return this.#leftOf(quota, left);
  }

  /** `read 3 min ago`; empty where nobody knows. */
  read({ ageMs }: QuotaStanding): string {
    return ageMs === undefined ? "" : t("read {0} ago", this.#format.age(ageMs));
  }

  #leftOf({ limit, unit }: QuotaView, left: number | undefined): string {
    if (left === undefined) return t("nothing is known");
    const money = isMoney(unit);
    const number = (value: number) => (money ? this.#amount(value, unit) : this.#format.exact(value));
    const what = money ? "" : ` ${unitLabel(unit)}`;
    if (limit === undefined) return t("{0}{1} left", number(left), what);
    return t("{0} of {1}{2} left", number(left), number(limit), what);
  }

  #amount(value: number, unit: string): string {
    if (unit === "usd") return this.#format.money(value);
    if (unit === "cny") return this.#format.money(value).replace("$", "¥");
    return this.#format.amount(value);
  }
}

const isMoney = (unit: string): boolean => unit === "usd" || unit === "cny";

/** `tokens / min`, `credit`; of `what` instead of its unit, such as a model. */
function nameOf({ name, unit, window }: QuotaView, what = unitLabel(unit)): string {
  if (isMoney(unit)) return /credit/i.test(name) ? t("credit") : t("balance");
  switch (window) {
    case "minute":
      return t("{0} / min", what);
    case "hour":
      return t("{0} / hour", what);
    case "day":
      return t("{0} / day", what);
    case "week":
      return t("{0} / week", what);
    case "month":
      return t("{0} / month", what);
    default:
      return what;
  }
}

function unitLabel(unit: string): string {
  switch (unit) {
    case "requests":
      return t("requests");
    case "tokens":
      return t("tokens");
    case "input-tokens":
      return t("input tokens");
    case "output-tokens":
      return t("output tokens");
    default:
      return unit;
  }
}
