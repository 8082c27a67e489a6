/** What is said of an account. */
import { t } from "@vscode/l10n";
import type { CredentialKind, ListedAccount } from "../../../control/accounts.ts";
import type { Protocol } from "../../../control/contract.ts";
import { holdsNow, worstState } from "../../../control/holds.ts";
import type { Open } from "../../../control/open.ts";
import { isProtocol, PROTOCOL_FACTS } from "../../../control/protocol.ts";
import { stateLabel, type Tone } from "../../labels.ts";
import type { Sort, StateFilter } from "./find.ts";

/** In a word, of the account or of the model that fares worst. */
export function fareLabel(account: ListedAccount, now: number): { word: string; tone: Tone } {
  const worst = worstState(account, now);
  const holds = holdsNow(account, now);
  if (holds.length === 0 || holds.some(({ model }) => model === undefined)) return stateLabel(worst);
  const models = new Set(holds.map(({ model }) => model)).size;
  const { tone } = stateLabel(worst);
  return {
    tone: tone === "bad" ? "warn" : tone,
    word: models === 1 ? t("ready but for 1 model") : t("ready but for {0} models", models),
  };
}

export function stateFilterLabel(state: StateFilter): string {
  const words: Record<StateFilter, string> = {
    all: t("All states"),
    ready: t("Ready"),
    cooling: t("Waiting"),
    exhausted: t("Used up"),
    "needs-attention": t("Needs you"),
    disabled: t("Off"),
  };
  return words[state];
}

export function sortLabel(sort: Sort): string {
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

export function credentialLabel(credential: ListedAccount["credential"]): string {
  const words: Record<CredentialKind, string> = {
    key: t("API key"),
    google: t("Sign-in with Google"),
    openrouter: t("Sign-in with OpenRouter"),
    "service-account": t("Service account"),
    none: t("None needed"),
  };
  return Object.hasOwn(words, credential) ? words[credential as CredentialKind] : credential;
}

export function protocolLabel(protocol: Open<Protocol>): string {
  return isProtocol(protocol) ? t(PROTOCOL_FACTS[protocol].label) : protocol;
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
export function againLabel({ credential }: ListedAccount): string | undefined {
  if (credential === "service-account" || credential === "none") return undefined;
  return credential === "key" ? t("Replace key") : t("Sign in again");
}

export function modelCount(models: number): string {
  return models === 1 ? t("1 model") : t("{0} models", models);
}

export function accountCount(accounts: number): string {
  return accounts === 1 ? t("1 account") : t("{0} accounts", accounts);
}
