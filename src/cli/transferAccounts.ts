/** `portico accounts export` and `accounts import`: one JSON file, with keys only under a passphrase. */

import { stat, writeFile } from "node:fs/promises";
import { t } from "@vscode/l10n";
import type { ImportEntry, ImportParams } from "../control/credentials.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { readText } from "../gateway/common/readText.ts";
import { agreed } from "./agreed.ts";
import { type ExportArguments, type ImportArguments, UsageError } from "./command.ts";
import { connectGateway, openGateway } from "./connect.ts";
import { keySource, readHidden } from "./key.ts";
import { type Console, type ExitCode, json, steering } from "./output.ts";
import { plain } from "./screen.ts";
import { using } from "./using.ts";

/** Characters. */
const MAX_LENGTH = 900_000;
/** Of a character. */
const MAX_BYTES = 4;
const PASSPHRASE_MIN = 12;
const STDOUT = "-";

export async function exportAccounts(args: ExportArguments, console: Console): Promise<ExitCode> {
  const { file } = args;
  const passphrase = args.keys ? await newPassphrase(args.passphraseEnv, console) : undefined;
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const ids = ((await steered?.call("accounts.list", undefined)) ?? []).map(({ id }) => id);
    if (steered === undefined || ids.length === 0) {
      console.err.line(t("There is no account to export."));
      return 1;
    }
    const params = { ids, ...(passphrase === undefined ? {} : { passphrase }) };
    const { text, accounts, secrets } = await steered.call("accounts.export", params);
    await writeOut(file, text, console);
    if (args.json && file !== STDOUT) json(console, { accounts, secrets });
    else console.err.line(exported(accounts, secrets));
    return 0;
  });
}

/** Never over another file, and only for this user. @param file `-`: standard output */
export async function writeOut(file: string, text: string, console: Console): Promise<void> {
  if (file === STDOUT) {
    console.out.write(text);
    return;
  }
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const there = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new Error(there ? t("{0} is there already; name another file", file) : messageOf(error));
  }
}

export async function newPassphrase(variable: string | undefined, console: Console): Promise<string> {
  const passphrase = await readPassphrase(variable, `${t("A passphrase for the file:")} `, console);
  if (passphrase.length < PASSPHRASE_MIN) {
    throw new UsageError(t("a passphrase has at least {0} characters", PASSPHRASE_MIN));
  }
  if (variable === undefined) {
    const again = await readPassphrase(undefined, `${t("The same once more:")} `, console);
    if (again !== passphrase) throw new UsageError(t("these are two passphrases; nothing was written"));
  }
  return passphrase;
}

async function readPassphrase(
  variable: string | undefined,
  question: string,
  console: Console,
): Promise<string> {
  const { stdin, env } = console;
  if (variable !== undefined) {
    const value = env[variable] ?? "";
    if (value !== "") return value;
    throw new UsageError(t("the environment variable {0} is not set or empty", variable));
  }
  if (!stdin.isTTY)
    throw new UsageError(t("the passphrase is asked for in a terminal, or --passphrase-env NAME"));
  return readHidden(question, keySource(console));
}

/** The file, with its passphrase where it has one. @param tooLarge what is said of one that cannot be meant */
export async function readIn(
  { file, passphraseEnv }: ImportArguments,
  tooLarge: string,
  console: Console,
): Promise<ImportParams> {
  // A file of gigabytes is not read to say so.
  const { size } = await stat(file);
  const text = size > MAX_LENGTH * MAX_BYTES ? undefined : await readText(file);
  if (text === undefined || text.length > MAX_LENGTH) throw new UsageError(tooLarge);
  if (!/"secrets"\s*:\s*\{/.test(text)) return { text };
  const question = `${t("The passphrase that it was written with:")} `;
  return { text, passphrase: await readPassphrase(passphraseEnv, question, console) };
}

export async function importAccounts(args: ImportArguments, console: Console): Promise<ExitCode> {
  const tooLarge = t("{0} is too large to be a file of accounts", args.file);
  const params = await readIn(args, tooLarge, console);
  const { err } = console;
  return using(openGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const { entries } = await steered.call("accounts.import.preview", params);
    for (const entry of entries) err.line(entryLine(entry));
    const added = entries.filter(({ action }) => action !== "duplicate").length;
    if (added === 0) {
      err.line(t("Every account of this file is here already."));
      if (args.json) json(console, []);
      return 0;
    }
    if (!(await agreed(t("Import {0}?", counted(added)), args.yes, console))) return 1;
    const done = await steered.call("accounts.import.apply", params);
    if (args.json) json(console, done);
    else err.line(t("Imported {0}.", counted(done.length)));
    return 0;
  });
}

export function entryLine({ label, action, newId, id, sameAs, needsKey }: ImportEntry): string {
  const name = plain(label);
  if (action === "duplicate") return `  ${t("{0}: here already as {1}", name, sameAs ?? id)}`;
  const as = newId ?? id;
  return `  ${needsKey ? t("{0}: new, as {1}; its key has to be added afterwards", name, as) : t("{0}: new, as {1}", name, as)}`;
}

export const counted = (count: number): string => (count === 1 ? t("1 account") : t("{0} accounts", count));

const exported = (accounts: number, secrets: boolean): string =>
  secrets
    ? t("Exported {0} (with keys, encrypted).", counted(accounts))
    : t("Exported {0} (without keys).", counted(accounts));
