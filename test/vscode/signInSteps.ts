/** Signing in with a browser: called off, answered wrongly, refused, and done. */
import assert from "node:assert/strict";
import type { Consent } from "../integration/oauth/authServer.ts";
import { until } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";
import type { Workbench } from "./workbench.ts";

export function signInSteps(stage: Stage): Step[] {
  const { auth } = stage.servers;

  async function startGoogle(window: Workbench): Promise<void> {
    await chooseWay(window, "Google Gemini", "Sign in with Google");
    await window.answer("Client ID", auth.clientId);
    await window.answer("Client secret", auth.clientSecret);
    await window.answer("Google Cloud project", "project-1");
  }

  /** As the person's browser: to the provider's page, and wherever that sends it. @returns where that is */
  async function consent(link: string, how: Consent): Promise<string> {
    auth.consent = how;
    const page = link
      .replace("https://accounts.google.com/o/oauth2/v2/auth", `${auth.base}/authorize`)
      .replace("https://openrouter.ai/auth", `${auth.base}/auth`);
    const { headers } = await fetch(page, { redirect: "manual" });
    return headers.get("location") ?? "";
  }

  return [
    stage.step("calls a sign-in off, and adds nothing", async (first) => {
      const before = await stage.accounts();
      await startGoogle(first);
      await first.dialog.filter({ hasText: "https://accounts.google.com/o/oauth2/v2/auth" }).waitFor();
      await first.screenshot("50-sign-in-page");
      await first.pressDialog("Cancel");
      await first.told("If the browser did not open");
      await first.screenshot("51-sign-in-waits");
      await first.pressNotification("Sign in with Google in your browser", "Cancel");
      await first.told("The sign-in with Google was cancelled");
      await first.clearNotifications();
      assert.deepEqual(await stage.accounts(), before);
      return undefined;
    }),

    stage.step("refuses the answer to another sign-in, pasted by hand", async (first) => {
      const before = await stage.accounts();
      await startGoogle(first);
      const link = await copiedLink(first);
      await first.pressNotification("If the browser did not open", "Paste Address…");
      await first.answer("The whole address of the page", "https://example.com/?code=1");
      await first.pressNotification(
        "That is not the address of the page after the sign-in",
        "Paste Address…",
      );
      await first.answer("The whole address of the page", await consent(link, "wrong-state"));
      await first.told("This answer belongs to another sign-in");
      await first.screenshot("52-wrong-state");
      await first.clearNotifications();
      assert.deepEqual(await stage.accounts(), before);
      return undefined;
    }),

    stage.step("adds a Google account once the browser comes back", async (first) => {
      const before = await stage.accounts();
      await startGoogle(first);
      const link = await copiedLink(first);
      assert.equal((await fetch(await consent(link, "allow"))).status, 200);
      await first.told("ada@example.com was added (1 model)");
      await first.clearNotifications();
      assert.deepEqual(await stage.accounts(), [...before, "gemini"]);
      return undefined;
    }),

    stage.step("says what OpenRouter refused, then signs in with one click", async (first) => {
      await chooseWay(first, "OpenRouter", "Sign in with OpenRouter");
      const refused = await fetch(await consent(await copiedLink(first), "deny"));
      assert.match(await refused.text(), /Not signed in/);
      await first.told("OpenRouter did not allow the sign-in");
      await first.screenshot("53-sign-in-denied");
      await first.clearNotifications();
      await chooseWay(first, "OpenRouter", "Sign in with OpenRouter");
      await fetch(await consent(await copiedLink(first), "allow"));
      await first.told("OpenRouter was added (1 model)");
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("takes refresh tokens from the clipboard, each with a real call", async (first) => {
      const before = await stage.accounts();
      const file = (refresh_token: string) => ({
        type: "authorized_user",
        client_id: auth.clientId,
        client_secret: auth.clientSecret,
        refresh_token,
      });
      const add = async (token: string) => {
        await first.writeClipboard(JSON.stringify(file(token)));
        await chooseWay(first, "Google Gemini", "Refresh tokens from the clipboard");
        await first.answer("Google Cloud project", "");
      };
      await add("1//a-token-that-nobody-gave-out");
      const refusal = first.dialog.filter({ hasText: "No account was added." });
      await refusal.filter({ hasText: "Token has been expired or revoked" }).waitFor();
      await first.screenshot("54-token-refused");
      await first.pressDialog("OK");
      await add(auth.issueRefreshToken());
      await first.told("1 account was added");
      await first.clearNotifications();
      assert.deepEqual(await stage.accounts(), [...before, "gemini-2"]);
      await first.statusBar.click();
      await first.row("Google Gemini").waitFor();
      await first.screenshot("55-accounts");
      await first.page.keyboard.press("Escape");
      return undefined;
    }),
  ];
}

async function chooseWay(window: Workbench, provider: string, way: string): Promise<void> {
  await window.runCommand("Portico: Add Account…");
  await window.row(provider).first().waitFor();
  await window.pick(provider);
  await window.pick(way);
}

/** The sign-in's page, from the editor's question whether to open it. */
async function copiedLink(window: Workbench): Promise<string> {
  // An earlier link may be there still, and the new one comes when it comes.
  await window.writeClipboard("no link yet");
  await window.pressDialog("Copy");
  await window.told("If the browser did not open");
  const copied = async () => {
    const text = await window.readClipboard();
    return text.startsWith("https://") ? text : undefined;
  };
  return until(copied, () => "no link was copied");
}
