/**
 * Report Issue…: the editor's own issue reporter with what a bug report needs, redacted. Its menu for extensions
 * (`issue/reporter`) is a proposed API and not used; the command has been there for long, but not in every fork.
 */
import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import type { CommandContext } from "./commandContext.ts";
import { reportForIssue } from "./issueReport.ts";
import { showInformation } from "./messages.ts";

const REPORTER = "workbench.action.openIssueReporter";
/** A manifest that says where issues go. Without it the reporter opens, hides the report and cannot send it. */
const SAYS_WHERE = /"(?:bugs|repository)":[^}]*github\.com/;

/** Maintainers read them, so they are in English. */
const BODY = "What I did:\n\nWhat happened:\n\nWhat I expected:\n";

export async function reportIssue({ host, context, log }: CommandContext): Promise<void> {
  const report = await host.call("diagnostics.get", undefined).then(
    ({ text }) => reportForIssue(text),
    (error: unknown) => {
      // Where the gateway does not answer a report is wanted most. The reason may name folders and people.
      log.error(String(error));
      return reportForIssue("The gateway did not answer, so there is no report of it.");
    },
  );
  if (await opened(context, report, log)) return;
  const content = `${BODY}\n${report}\n`;
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document);
  await showInformation(t("Here is the report: read it, and paste it where you report."));
}

/** @returns whether there is a reporter, and it has the report: shown before it is sent */
async function opened(
  { extension: { id, packageJSON } }: CommandContext["context"],
  data: string,
  log: CommandContext["log"],
): Promise<boolean> {
  if (!SAYS_WHERE.test(JSON.stringify(packageJSON))) return false;
  try {
    await vscode.commands.executeCommand(REPORTER, { extensionId: id, issueBody: BODY, data });
    return true;
  } catch (error) {
    // Not every fork has it.
    log.error(String(error));
    return false;
  }
}
