/** What is said of an account. */
import { t } from "@vscode/l10n";
import type { ListedAccount, QuotaView } from "../../../control/accounts.ts";
import type { Protocol, ProviderView } from "../../../control/contract.ts";
import { format, stateWords, type Tone } from "../../words.ts";
import { type Sort, type StateFilter, worstState } from "./find.ts";

/** In a word, of the account or of the model that fares worst. */
export function fareWords(account: ListedAccount): { word: string; tone: Tone } {
  if (!account.enabled) return stateWords("disabled");
  const worst = worstState(account);
  if (worst === account.state) return stateWords(worst);
  const models = new Set(account.held.map(({ model }) => model)).size;
  const { tone } = stateWords(worst);
  return {
    tone: tone === "bad" ? "warn" : tone,
    word: models === 1 ? t("ready but for 1 model") : t("ready but for {0} models", models),
  };
}

export function stateFilterWords(state: StateFilter): string {
  switch (state) {
    case "all":
      return t("All states");
    case "ready":
      return t("Ready");
    case "cooling":
      return t("Waiting");
    case "exhausted":
      return t("Used up");
    case "needs-attention":
      return t("Needs you");
    case "disabled":
      return t("Off");
  }
}

export function sortWords(sort: Sort): string {
  const words: Record<Sort, string> = {
    attention: t("Needs you first"),
    name: t("Name"),
    provider: t("Provider"),
    priority: t("Priority"),
    left: t("Least left"),
    used: t("Last used"),
    busy: t("Busiest"),
  };
  return words[sort];
}

export function credentialWords(credential: ListedAccount["credential"]): string {
  const words: Record<ListedAccount["credential"], string> = {
    key: t("API key"),
    google: t("Sign-in with Google"),
    openrouter: t("Sign-in with OpenRouter"),
    "service-account": t("Service account"),
    none: t("None needed"),
  };
  return words[credential];
}

export function protocolWords(protocol: Protocol): string {
  const words: Record<Protocol, string> = {
    "openai-chat": t("OpenAI chat completions"),
    "openai-responses": t("OpenAI responses"),
    anthropic: t("Anthropic messages"),
    gemini: "Gemini",
  };
  return words[protocol];
}

/** The provider as people call it. */
export function providerLabel(id: string, providers: readonly ProviderView[]): string {
  return providers.find((each) => each.id === id)?.label ?? id;
}

/** `tokens / min`, `credit`; of `what` instead of its unit, such as a model. */
export function quotaName({ name, unit, window }: QuotaView, what = unitWords(unit)): string {
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

function unitWords(unit: string): string {
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

/** `81 %`; an amount where there is no limit to compare with. */
export function leftWords(quota: QuotaView, share: number | undefined): string {
  if (quota.remaining !== undefined && isMoney(quota.unit)) {
    return amount(quota.remaining, quota.unit);
  }
  if (share !== undefined) return format.percent(share);
  return quota.remaining === undefined ? "—" : amount(quota.remaining, quota.unit);
}

/** `12 of 50 requests left`, in exact numbers. */
export function exactWords({ remaining, limit, unit }: QuotaView): string {
  if (remaining === undefined) {
    return limit === undefined
      ? t("nothing is known")
      : t("of {0} {1}", amount(limit, unit), unitWords(unit));
  }
  const money = isMoney(unit);
  const what = money ? "" : ` ${unitWords(unit)}`;
  const left = money ? amount(remaining, unit) : format.exact(remaining);
  if (limit === undefined) return t("{0}{1} left", left, what);
  return t("{0} of {1}{2} left", left, money ? amount(limit, unit) : format.exact(limit), what);
}

function isMoney(unit: string): boolean {
  return unit === "usd" || unit === "cny";
}

function amount(value: number, unit: string): string {
  if (unit === "usd") return format.money(value);
  if (unit === "cny") return format.money(value).replace("$", "¥");
  return format.amount(value);
}

/** The page that a provider's own words name, and what one does there. */
export function linkIn(reason: string): { url: string; label: string } | undefined {
  const found = /https?:\/\/[^\s"'<>()[\]{}]+/.exec(reason)?.[0]?.replace(/[.,;:!?]+$/, "");
  if (found === undefined || !URL.canParse(found)) return undefined;
  const about = `${reason} ${found}`;
  if (/bill|credit|balance|top.?up|payment|plan/i.test(about)) return { url: found, label: t("Top up") };
  if (/key/i.test(about)) return { url: found, label: t("Get a key") };
  return { url: found, label: t("Provider's page") };
}

/** What mends the credential; undefined: another key file, by adding it anew. */
export function againWords({ credential }: ListedAccount): string | undefined {
  if (credential === "service-account" || credential === "none") return undefined;
  return credential === "key" ? t("Replace key") : t("Sign in again");
}

export function modelCount(models: number): string {
  return models === 1 ? t("1 model") : t("{0} models", models);
}

export function accountCount(accounts: number): string {
  return accounts === 1 ? t("1 account") : t("{0} accounts", accounts);
}
