/** A box for a text that stays open until what is typed will do. */
import * as vscode from "vscode";
import { openLink } from "./openLink.ts";
import { withoutLinks } from "./withoutLinks.ts";

export interface Box {
  readonly title: string;
  readonly prompt: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** What was wrong the last time, in words of any origin. */
  readonly refusal?: string | undefined;
  /** Where the text is to be had: a button leads there. */
  readonly page?: { readonly url: string; readonly tooltip: string } | undefined;
  /** The text as it is meant. */
  clean(typed: string): string;
  /** @returns why it will not do, for a person */
  problemOf(text: string): string | undefined;
}

/** @returns the clean text; `undefined` when the person gave up */
export function askInBox(box: Box): Promise<string | undefined> {
  const { title, prompt, placeholder, password = false, refusal, page } = box;
  const input = vscode.window.createInputBox();
  input.title = title;
  input.prompt = prompt;
  input.placeholder = placeholder;
  input.password = password;
  input.ignoreFocusOut = true;
  if (refusal !== undefined) input.validationMessage = withoutLinks(refusal);
  if (page !== undefined) {
    input.buttons = [{ iconPath: new vscode.ThemeIcon("link-external"), tooltip: page.tooltip }];
    input.onDidTriggerButton(() => void openLink(page.url));
  }
  return new Promise<string | undefined>((resolve) => {
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidAccept(() => {
      const text = box.clean(input.value);
      const problem = box.problemOf(text);
      if (problem === undefined) resolve(text);
      else input.validationMessage = problem;
    });
    input.onDidHide(() => resolve(undefined));
    input.show();
  }).finally(() => input.dispose());
}
