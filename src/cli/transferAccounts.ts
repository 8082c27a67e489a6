/** `portico accounts export` and `accounts import`: one JSON file, with keys only under a passphrase. */
import { writeFile } from "node:fs/promises";
import type { ImportEntry, ImportParams } from "../control/credentials.ts";
import { readText } from "../gateway/common/readText.ts";
import { agreed } from "./agreed.ts";
import { type ExportArguments, type ImportArguments, UsageError } from "./command.ts";
import { connectGateway } from "./connect.ts";
import { keySource, readHidden } from "./key.ts";
import { type Console, type ExitCode, json, messageOf, steering } from "./output.ts";
import { plain } from "./screen.ts";
import type { Session } from "./session.ts";
import { using } from "./using.ts";

const MAX_LENGTH = 900_000;
const PASSPHRASE_MIN = 12;
const STDOUT = "-";

export async function exportAccounts(args: ExportArguments, console: Console): Promise<ExitCode> {
  const { file } = args;
  const passphrase = args.keys ? await newPassphrase(args.passphraseEnv, console) : undefined;
  return using(connectGateway(steering(console, args)), async (steered): Promise<ExitCode> => {
    const ids = ((await steered?.call("accounts.list", undefined)) ?? []).map(({ id }) => id);
    if (steered === undefined || ids.length === 0) {
      console.err.line("There is no account to export.");
      return 1;
    }
    const params = { ids, ...(passphrase === undefined ? {} : { passphrase }) };
    const { text, accounts, secrets } = await steered.call("accounts.export", params);
    if (file === STDOUT) console.out.write(text);
    else await writeNew(file, text);
    const how = secrets ? "with keys, encrypted" : "without keys";
    if (args.json && file !== STDOUT) json(console, { accounts, secrets });
    else console.err.line(`Exported ${counted(accounts)} (${how}).`);
    return 0;
  });
}

/** Never over another file, and only for this user. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const there = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new Error(there ? `${file} is there already; name another file` : messageOf(error));
  }
}

async function newPassphrase(variable: string | undefined, console: Console): Promise<string> {
  const passphrase = await readPassphrase(variable, "A passphrase for the file: ", console);
  if (passphrase.length < PASSPHRASE_MIN) {
    throw new UsageError(`a passphrase has at least ${PASSPHRASE_MIN} characters`);
  }
  if (variable === undefined) {
    const again = await readPassphrase(undefined, "The same once more: ", console);
    if (again !== passphrase) throw new UsageError("these are two passphrases; nothing was exported");
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
    throw new UsageError(`the environment variable ${variable} is not set or empty`);
  }
  if (!stdin.isTTY)
    throw new UsageError("the passphrase is asked for in a terminal, or --passphrase-env NAME");
  return readHidden(question, keySource(console));
}

export async function importAccounts(args: ImportArguments, console: Console): Promise<ExitCode> {
  const text = await readText(args.file);
  if (text.length > MAX_LENGTH) throw new UsageError(`${args.file} is too large to be a file of accounts`);
  const locked = /"secrets"\s*:\s*\{/.test(text);
  const passphrase = locked
    ? await readPassphrase(args.passphraseEnv, "The passphrase that it was exported with: ", console)
    : undefined;
  const params = { text, ...(passphrase === undefined ? {} : { passphrase }) };
  return using(connectGateway(steering(console, args), true), async (steered): Promise<ExitCode> => {
    if (steered === undefined) throw new Error("There is no data folder.");
    return bringIn(params, args, steered, console);
  });
}

async function bringIn(
  params: ImportParams,
  args: ImportArguments,
  steered: Session,
  console: Console,
): Promise<ExitCode> {
  const { err } = console;
  const { entries } = await steered.call("accounts.import.preview", params);
  for (const entry of entries) err.line(entryLine(entry));
  const added = entries.filter(({ action }) => action !== "duplicate").length;
  if (added === 0) {
    err.line("Every account of this file is here already.");
    if (args.json) json(console, []);
    return 0;
  }
  if (!(await agreed(`Import ${counted(added)}?`, args.yes, console))) return 1;
  const done = await steered.call("accounts.import.apply", params);
  if (args.json) json(console, done);
  else err.line(`Imported ${counted(done.length)}.`);
  return 0;
}

function entryLine({ label, action, newId, id, sameAs, needsKey }: ImportEntry): string {
  if (action === "duplicate") return `  ${plain(label)}: here already as ${sameAs ?? id}`;
  return `  ${plain(label)}: new, as ${newId ?? id}${needsKey ? "; its key has to be added afterwards" : ""}`;
}

const counted = (count: number): string => (count === 1 ? "1 account" : `${count} accounts`);
