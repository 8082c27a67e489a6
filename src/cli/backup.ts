/** `portico backup` and `portico restore`: everything that a new computer needs, in one file under a passphrase. */
import { t } from "@vscode/l10n";
import { restoreLines } from "../control/restoreWords.ts";
import { agreed } from "./agreed.ts";
import type { BackupArguments, ImportArguments } from "./command.ts";
import { connectGateway, openGateway } from "./connect.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain } from "./screen.ts";
import { counted, entryLine, newPassphrase, readIn, writeOut } from "./transferAccounts.ts";
import { using } from "./using.ts";

export async function backUp(args: BackupArguments, console: Console): Promise<ExitCode> {
  const passphrase = await newPassphrase(args.passphraseEnv, console);
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    if (steered === undefined) {
      console.err.line(t("There is nothing to back up."));
      return 1;
    }
    const { text, ...counts } = await steered.call("backup.export", { passphrase });
    await writeOut(args.file, text, console);
    const { accounts } = counts;
    if (args.json && args.file !== "-") json(console, counts);
    else
      console.err.line(
        t(
          "Backed up {0}, with routes, budgets, settings and client keys. Keep the passphrase.",
          counted(accounts),
        ),
      );
    return 0;
  });
}

export async function restore(args: ImportArguments, console: Console): Promise<ExitCode> {
  const params = await readIn(args, t("{0} is too large to be a backup", args.file), console);
  const { err } = console;
  return using(openGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const plan = await steered.call("backup.preview", params);
    for (const entry of plan.accounts) err.line(entryLine(entry));
    for (const line of restoreLines(plan, t, plain)) err.line(`  ${line}`);
    if (!plan.changes) {
      err.line(t("Everything in this backup is here already."));
      if (args.json) json(console, plan);
      return 0;
    }
    if (!(await agreed(t("Restore this backup?"), args.yes, console))) return 1;
    const done = await steered.call("backup.apply", params);
    if (args.json) json(console, done);
    else err.line(t("Restored. Port, LAN access and key of this computer are as they were."));
    return 0;
  });
}
