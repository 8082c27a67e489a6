/** Asks for the person's own OAuth client and project at Google. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { GoogleClient } from "../../control/credentials.ts";
import { askInBox } from "../inputBox.ts";

const CLIENTS_PAGE = "https://console.cloud.google.com/auth/clients";

/** @returns `undefined` when the person gave up. */
export async function askGoogleClient(title: string): Promise<GoogleClient | undefined> {
  const clientId = await askInBox({
    title,
    prompt: t("Client ID of your own OAuth client at Google, of type “Desktop app”."),
    placeholder: "1234567890-abc.apps.googleusercontent.com",
    page: { url: CLIENTS_PAGE, tooltip: t("Open Google's page of OAuth clients") },
    clean: (typed) => typed.trim(),
    problemOf: (id) => (id === "" ? t("Google shows it on the page of your client.") : undefined),
  });
  if (clientId === undefined) return undefined;
  const clientSecret = await vscode.window.showInputBox({
    title,
    prompt: t("Client secret, as Google shows it beside the client ID. Kept in VS Code's secret storage."),
    password: true,
    ignoreFocusOut: true,
  });
  if (clientSecret === undefined) return undefined;
  const secret = clientSecret.trim();
  return { clientId, ...(secret === "" ? {} : { clientSecret: secret }) };
}

/** @returns `""`: none; `undefined` when the person gave up. */
export async function askProject(title: string, needed: boolean): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: needed
      ? t("Google Cloud project that pays, by its id. Leave it empty where the credential names it.")
      : t("Google Cloud project that is billed and counted, by its id. Leave it empty if you are not sure."),
    placeHolder: "my-project-123",
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^[a-z0-9.:-]{0,200}$/i.test(value.trim())
        ? undefined
        : t("A project id has letters, digits and dashes."),
  });
  return text?.trim();
}
