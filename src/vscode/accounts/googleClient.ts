/** Asks for the person's own OAuth client and project at Google. */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { GoogleClient } from "../../control/credentials.ts";
import { openLink } from "../openLink.ts";

const CLIENTS_PAGE = "https://console.cloud.google.com/auth/clients";

/** @returns `undefined` when the person gave up. */
export async function askGoogleClient(title: string): Promise<GoogleClient | undefined> {
  const clientId = await askWithPage(
    title,
    t("Client ID of your own OAuth client at Google, of type “Desktop app”."),
    "1234567890-abc.apps.googleusercontent.com",
  );
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

/** A box with a button to the page where the value is. */
function askWithPage(title: string, prompt: string, placeholder: string): Promise<string | undefined> {
  const input = vscode.window.createInputBox();
  input.title = title;
  input.prompt = prompt;
  input.placeholder = placeholder;
  input.ignoreFocusOut = true;
  input.buttons = [
    { iconPath: new vscode.ThemeIcon("link-external"), tooltip: t("Open Google's page of OAuth clients") },
  ];
  return new Promise<string | undefined>((resolve) => {
    input.onDidTriggerButton(() => void openLink(CLIENTS_PAGE));
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidAccept(() => {
      const value = input.value.trim();
      if (value === "") input.validationMessage = t("Google shows it on the page of your client.");
      else resolve(value);
    });
    input.onDidHide(() => resolve(undefined));
    input.show();
  }).finally(() => input.dispose());
}
