/** How an account of each provider can be added, and what the wizard is at. Pure. */
import { t } from "@vscode/l10n";
import type { ProviderView } from "../../../../control/contract.ts";
import type { PlacedResult } from "../../../../control/credentials.ts";

export type Way = "key" | "google" | "openrouter" | "tokens" | "file";

/** The likeliest first. */
export function waysOf(provider: string): readonly Way[] {
  if (provider === "gemini") return ["key", "google", "tokens", "file"];
  if (provider === "vertex") return ["google", "file", "tokens", "key"];
  if (provider === "openrouter") return ["openrouter", "key"];
  return ["key"];
}

export function wayLabel(way: Way): { label: string; hint: string } {
  switch (way) {
    case "key":
      return { label: t("API key"), hint: t("Paste the key of the provider's own page.") };
    case "google":
      return {
        label: t("Sign in with Google"),
        hint: t("In your browser, with your own OAuth client of Google Cloud."),
      };
    case "openrouter":
      return { label: t("Sign in with OpenRouter"), hint: t("In your browser; no key to copy.") };
    case "tokens":
      return {
        label: t("Refresh tokens"),
        hint: t("One or many: a line each, or JSON with addresses."),
      };
    case "file":
      return {
        label: t("Credential file"),
        hint: t("A service account's JSON key, or the file that gcloud leaves."),
      };
  }
}

/** What was added, and what was not. */
export interface Added {
  accounts: { id: string; label: string; models?: number }[];
  failed: { place: string; message: string }[];
}

export function addedOf(results: readonly PlacedResult[]): Added {
  return {
    accounts: results.flatMap((each) =>
      each.ok ? [{ id: each.account.id, label: each.account.label, models: each.models.length }] : [],
    ),
    failed: results.flatMap((each) => (each.ok ? [] : [{ place: each.place, message: each.message }])),
  };
}

/** Those that a person adds by choice, servers of one's own last; the sandbox is there by itself. */
export function offered(providers: readonly ProviderView[]): {
  cloud: ProviderView[];
  own: ProviderView[];
} {
  const all = providers.filter(({ id }) => id !== "sandbox");
  const isOwn = ({ keyRequired, id }: ProviderView) => !keyRequired || id === "custom";
  return { cloud: all.filter((each) => !isOwn(each)), own: all.filter(isOwn) };
}
