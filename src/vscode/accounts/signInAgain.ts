/** Sign in Again…: the same account with a new sign-in or another key. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { ListedAccount } from "../../control/accounts.ts";
import type { CheckResult } from "../../control/contract.ts";
import type { AddResult } from "../../control/credentials.ts";
import { cleanKey, keyProblem } from "../../control/pastedText.ts";
import type { CommandContext } from "../commandContext.ts";
import { askInBox } from "../inputBox.ts";
import { labels } from "../labels.ts";
import { showError, showInformation, showWarning } from "../messages.ts";
import { withProgress } from "../progress.ts";
import { browserSignIn } from "./browserSignIn.ts";
import { pickAccount } from "./pickAccount.ts";

const CHECK_TIMEOUT_MS = 60_000;

/** @param id without: the person chooses */
export async function signInAgain(window: CommandContext, id?: string): Promise<void> {
  const account = await pickAccount(window, {
    title: t("sign in again"),
    fits: ({ credential }) => credential !== "service-account",
    none: t("A service account does not sign in. Remove it and add it again with another key file."),
    id,
  });
  if (account === undefined) return;
  if (account.credential === "google") {
    const started = await window.host.call("accounts.signIn.google", { again: account.id });
    return tell(account, await browserSignIn(window, "Google", started));
  }
  if (account.credential === "openrouter") {
    const browser = { label: `$(globe) ${t("Sign in with your browser")}`, byKey: false };
    const key = { label: `$(key) ${t("Paste an API key")}`, byKey: true };
    const title = `${t("Portico: {0}", t("sign in again"))} · ${account.label}`;
    const way = await vscode.window.showQuickPick([browser, key], { title });
    if (way === undefined) return;
    if (!way.byKey) {
      const started = await window.host.call("accounts.signIn.openrouter", { again: account.id });
      return tell(account, await browserSignIn(window, "OpenRouter", started));
    }
  }
  await replaceKey(window, account);
}

/** What the button of a notification says. */
export function againLabel({ credential }: ListedAccount): string | undefined {
  if (credential === "service-account") return undefined;
  return credential === "google" || credential === "openrouter" ? t("Sign in Again…") : t("Replace Key…");
}

async function tell({ label }: ListedAccount, result: AddResult | undefined): Promise<void> {
  if (result === undefined) return;
  if (result.ok) await showInformation(t("{0} is signed in again.", label));
  else await showError(t("{0} is not signed in: {1}", label, result.message));
}

async function replaceKey(window: CommandContext, account: ListedAccount): Promise<void> {
  let refusal: string | undefined;
  for (;;) {
    const apiKey = await askKey(account, refusal);
    if (apiKey === undefined) return;
    let result = await replace(window, account, apiKey, false);
    while (!result.ok && result.reason !== "key-refused") {
      const choice = await showWarning(
        t("{0} did not accept the call", account.label),
        { modal: true, detail: result.message },
        labels.retry(),
        labels.keep(),
      );
      if (choice === undefined) return;
      result = await replace(window, account, apiKey, choice === labels.keep());
    }
    if (result.ok) {
      await showInformation(t("{0} has its new key.", account.label));
      return;
    }
    refusal = t("The key was refused: {0}", result.message);
  }
}

/** Stays open while it is asked again, and shows the provider's own words. */
function askKey({ label }: ListedAccount, refusal: string | undefined): Promise<string | undefined> {
  return askInBox({
    title: `${t("Portico: new key")} · ${label}`,
    prompt: t("API key. It is tried with a real call before it takes the old one's place."),
    password: true,
    refusal,
    clean: cleanKey,
    problemOf: (key) => (key === "" ? t("Paste the new key.") : wrongKey(key)),
  });
}

/** Why a key cannot be sent. */
export function wrongKey(key: string): string | undefined {
  const problem = keyProblem(key, t);
  return problem === undefined ? undefined : t("The key {0}.", problem);
}

function replace(
  { host }: CommandContext,
  { id, label }: ListedAccount,
  apiKey: string,
  keep: boolean,
): Thenable<CheckResult> {
  return withProgress(t("Portico asks whether {0} takes the key…", label), () =>
    host.call("accounts.replaceKey", { id, apiKey, keep }, { timeoutMs: CHECK_TIMEOUT_MS }),
  );
}
