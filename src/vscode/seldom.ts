/** Commands that are seldom run: a bundle of its own, which the first of them loads. */
import { config } from "@vscode/l10n";
import * as vscode from "vscode";
import { setLocale } from "./locale.ts";

export { backUp, restore } from "./accounts/backup.ts";
export { createClientKey } from "./proxy/createClientKey.ts";
export { removePortico } from "./remove/removePortico.ts";
export { reportIssue } from "./reportIssue.ts";

// The window's own are in the other bundle.
setLocale(vscode.env.language);
if (vscode.l10n.bundle !== undefined) config({ contents: vscode.l10n.bundle });
