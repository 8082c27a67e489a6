/** Add Account…, where a provider takes more than a key: sign-ins, refresh tokens, credential files. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ProviderView } from "../../control/contract.ts";
import type { AddResult, PlacedResult } from "../../control/credentials.ts";
import type { CommandContext } from "../commandContext.ts";
import { labels } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { withProgress } from "../progress.ts";
import { browserSignIn } from "./browserSignIn.ts";
import { askGoogleClient, askProject } from "./googleClient.ts";
import { readChosenFile } from "./transfer.ts";

export type Way = "key" | "google" | "openrouter" | "clipboard" | "file";

/** Milliseconds; each of them is proved by a call. */
const MANY_TIMEOUT_MS = 300_000;

type WayItem = vscode.QuickPickItem & { way: Way };

/** How an account of this provider can be added. */
export function waysOf({ id }: Pick<ProviderView, "id">): readonly WayItem[] {
  const key: WayItem = {
    way: "key",
    label: `$(key) ${t("API key")}`,
    detail: t("Paste the key of the provider's own page."),
  };
  if (id === "gemini") return [key, ...googleWays()];
  if (id === "vertex") return [...googleWays(), key];
  if (id !== "openrouter") return [key];
  const label = `$(globe) ${t("Sign in with OpenRouter")}`;
  return [{ way: "openrouter", label, detail: t("In your browser; no key to copy.") }, key];
}

function googleWays(): WayItem[] {
  return [
    {
      way: "google",
      label: `$(globe) ${t("Sign in with Google")}`,
      detail: t("In your browser, with your own OAuth client of Google Cloud."),
    },
    {
      way: "clipboard",
      label: `$(clippy) ${t("Refresh tokens from the clipboard")}`,
      detail: t("One a line, or JSON with addresses. Copy them, then choose this."),
    },
    {
      way: "file",
      label: `$(file) ${t("Credential file")}`,
      detail: t("A service account's key, gcloud's default credentials, or tokens."),
    },
  ];
}

/** Asks only where there is a choice. */
export async function chooseWay(provider: ProviderView): Promise<Way | undefined> {
  const ways = waysOf(provider);
  if (ways.length === 1) return ways[0]?.way;
  const title = `${labels.addTitle()} · ${provider.label}`;
  const placeHolder = t("How do you want to add it?");
  return (await vscode.window.showQuickPick(ways, { title, placeHolder, ignoreFocusOut: true }))?.way;
}

/** @returns what was added, or why not; `undefined` when the person gave up. */
export async function addBySignIn(
  window: CommandContext,
  provider: ProviderView,
  way: "google" | "openrouter",
): Promise<AddResult | undefined> {
  if (way === "openrouter") {
    const started = await window.host.call("accounts.signIn.openrouter", {});
    return browserSignIn(window, "OpenRouter", started);
  }
  const title = `${labels.addTitle()} · ${provider.label}`;
  const client = await askGoogleClient(title);
  if (client === undefined) return undefined;
  const project = await askProject(title, provider.id === "vertex");
  if (project === undefined) return undefined;
  const started = await window.host.call("accounts.signIn.google", {
    account: { provider: provider.id },
    client,
    ...(project === "" ? {} : { quotaProject: project }),
  });
  return browserSignIn(window, "Google", started);
}

/** @returns `undefined` when the person gave up */
export async function addFromText(
  window: CommandContext,
  provider: ProviderView,
  way: "clipboard" | "file",
): Promise<PlacedResult[] | undefined> {
  const title = `${labels.addTitle()} · ${provider.label}`;
  const text =
    way === "clipboard" ? await vscode.env.clipboard.readText() : await readChosenFile(t("Credential file"));
  if (text === undefined) return undefined;
  if (text.trim() === "") throw new Error(t("There is nothing in it. Copy the tokens first."));
  const complete = /"client_id"\s*:|"service_account"/.test(text);
  const client = complete ? undefined : await askGoogleClient(title);
  if (!complete && client === undefined) return undefined;
  const project = await askProject(title, provider.id === "vertex");
  if (project === undefined) return undefined;
  const params = {
    account: { provider: provider.id },
    text,
    ...(client === undefined ? {} : { client }),
    ...(project === "" ? {} : { quotaProject: project }),
  };
  return withProgress(labels.tryingEach(), () =>
    window.host.call("accounts.addMany", params, { timeoutMs: MANY_TIMEOUT_MS }),
  );
}

/** Says what became of several. */
export async function tellMany(results: readonly PlacedResult[]): Promise<void> {
  const added = results.filter(({ ok }) => ok);
  const failed = results.flatMap((each) => (each.ok ? [] : [`• ${each.place}: ${each.message}`]));
  const count =
    added.length === 0
      ? t("No account was added.")
      : added.length === 1
        ? t("1 account was added.")
        : t("{0} accounts were added.", added.length);
  if (failed.length === 0) {
    await showInformation(count);
    return;
  }
  const more = failed.length > 10 ? [`• ${t("and {0} more", failed.length - 10)}`] : [];
  const rest = added.length === 0 ? count : `${count} ${t("{0} could not be added.", failed.length)}`;
  await showWarning(rest, {
    modal: true,
    detail: [...failed.slice(0, 10), ...more].join("\n"),
  });
}
