/** A sign-in in the person's browser, from the page to an account that is proved. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { ControlError } from "../../control/channel.ts";
import type { AddResult, SignInStarted } from "../../control/credentials.ts";
import { attempt, type CommandContext } from "../commandContext.ts";
import { labels } from "../labels.ts";
import { showInformation, showWarning } from "../messages.ts";
import { openLink } from "../openLink.ts";

/** Milliseconds for the exchange and the call that proves the account, after the browser is done. */
const PROOF_MS = 90_000;

/** @returns `undefined` when the person cancelled. @param who whose page it is, e.g. `Google` */
export async function browserSignIn(
  window: CommandContext,
  who: string,
  started: SignInStarted,
): Promise<AddResult | undefined> {
  await openLink(started.url);
  let over = false;
  void attempt(window, () => helpMeanwhile(window, who, started, () => over));
  let keep = false;
  try {
    for (;;) {
      const result = await finish(window, who, started, keep);
      if (result === undefined) return cancelled(who);
      if (result.ok || result.canKeep !== true) return result;
      const choice = await showWarning(
        t("You are signed in with {0}, but the account did not answer a first call", who),
        { modal: true, detail: result.message },
        labels.retry(),
        labels.keep(),
      );
      if (choice === undefined) {
        await window.host.call("accounts.signIn.cancel", { id: started.id });
        return cancelled(who);
      }
      keep = choice === labels.keep();
    }
  } finally {
    over = true;
  }
}

function cancelled(who: string): undefined {
  void showInformation(t("The sign-in with {0} was cancelled. Nothing was changed.", who));
  return undefined;
}

function finish(
  window: CommandContext,
  who: string,
  { id, expiresAt, notes }: SignInStarted,
  keep: boolean,
): Thenable<AddResult | undefined> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t("Sign in with {0} in your browser…", who),
      cancellable: true,
    },
    async (progress, token) => {
      if (notes[0] !== undefined) progress.report({ message: notes[0] });
      token.onCancellationRequested(() => {
        void attempt(window, async () => {
          await window.host.call("accounts.signIn.cancel", { id });
        });
      });
      const timeoutMs = Math.max(expiresAt - Date.now(), 0) + PROOF_MS;
      const result = await window.host.call("accounts.signIn.await", { id, keep }, { timeoutMs });
      return token.isCancellationRequested && !result.ok ? undefined : result;
    },
  );
}

/** For browsers that did not open, or cannot come back to this computer. */
async function helpMeanwhile(
  window: CommandContext,
  who: string,
  { id, url, redirectUri }: SignInStarted,
  over: () => boolean,
): Promise<void> {
  const copy = t("Copy Link");
  let message = t(
    "If the browser did not open, copy the link. If it ends at a page that cannot be opened ({0}), paste that page's address here.",
    new URL(redirectUri).host,
  );
  for (;;) {
    const choice = await showInformation(message, copy, t("Paste Address…"));
    if (choice === undefined) return;
    if (over()) {
      await showInformation(t("This sign-in with {0} is over. Start again.", who));
      return;
    }
    if (choice === copy) {
      await vscode.env.clipboard.writeText(url);
      continue;
    }
    const pasted = await vscode.window.showInputBox({
      title: t("Portico: sign in with {0}", who),
      prompt: t("The whole address of the page that your browser could not open."),
      placeHolder: `${redirectUri}?code=…`,
      ignoreFocusOut: true,
      validateInput: (text) => (URL.canParse(text.trim()) ? undefined : t("This is not a complete address.")),
    });
    if (pasted === undefined || over()) continue;
    try {
      await window.host.call("accounts.signIn.paste", { id, url: pasted.trim() });
      return;
    } catch (error) {
      // The sign-in goes on: another address may be the right one.
      if (!(error instanceof ControlError) || over()) throw error;
      message = error.message;
    }
  }
}
