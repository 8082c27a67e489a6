/** A sign-in in the person's browser, from the page to an account that is proved. */
import * as vscode from "vscode";
import { ControlError } from "../../control/channel.ts";
import type { AddResult, SignInStarted } from "../../control/credentials.ts";
import { attempt, type CommandContext } from "../commandContext.ts";
import { showInformation, showWarning } from "../messages.ts";
import { openLink } from "../openLink.ts";

/** Milliseconds for the exchange and the call that proves the account, after the browser is done. */
const PROOF_MS = 90_000;

const COPY = "Copy Link";
const PASTE = "Paste Address…";
const RETRY = "Try Again";
const KEEP = "Keep Anyway";

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
        `You are signed in with ${who}, but the account did not answer a first call`,
        { modal: true, detail: result.message },
        RETRY,
        KEEP,
      );
      if (choice === undefined) {
        await window.host.call("accounts.signIn.cancel", { id: started.id });
        return cancelled(who);
      }
      keep = choice === KEEP;
    }
  } finally {
    over = true;
  }
}

function cancelled(who: string): undefined {
  void showInformation(`The sign-in with ${who} was cancelled. Nothing was changed.`);
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
      title: `Sign in with ${who} in your browser…`,
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
  let message = `If the browser did not open, copy the link. If it ends at a page that cannot be opened (${new URL(redirectUri).host}), paste that page's address here.`;
  for (;;) {
    const choice = await showInformation(message, COPY, PASTE);
    if (choice === undefined) return;
    if (over()) {
      await showInformation(`This sign-in with ${who} is over. Start again.`);
      return;
    }
    if (choice === COPY) {
      await vscode.env.clipboard.writeText(url);
      continue;
    }
    const pasted = await vscode.window.showInputBox({
      title: `Portico: sign in with ${who}`,
      prompt: "The whole address of the page that your browser could not open.",
      placeHolder: `${redirectUri}?code=…`,
      ignoreFocusOut: true,
      validateInput: (text) => (URL.canParse(text.trim()) ? undefined : "This is not a complete address."),
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
