/** Where a key comes from: a variable, a hidden prompt, or standard input; never an argument. */

import type { ReadStream } from "node:tty";
import { t } from "@vscode/l10n";
import { cleanKey, keyProblem } from "../control/pastedText.ts";
import { decodeText } from "../gateway/common/readText.ts";
import type { Environment } from "../gateway/config/load.ts";
import { UsageError } from "./command.ts";
import type { Console } from "./output.ts";

export interface KeySource {
  readonly stdin: NodeJS.ReadStream;
  readonly env: Environment;
  /** Shown to the person, on standard error. */
  write(text: string): void;
}

export const keySource = ({ stdin, env, err }: Console): KeySource => ({
  stdin,
  env,
  write: (text) => err.write(text),
});

/** Characters, or bytes; keys are far shorter, key files (JSON) are not. */
const MAX_KEY = 20_000;
/** Milliseconds after which a person who sees nothing is told what is waited for. */
const HINT_MS = 2000;

export interface Wanted {
  /** `--key-env`. */
  readonly variable: string | undefined;
  /** What the key is of, for the prompt. */
  readonly label: string;
  readonly required: boolean;
}

/** @returns `undefined`: none. @throws UsageError */
export async function readKey(wanted: Wanted, source: KeySource): Promise<string | undefined> {
  const { variable } = wanted;
  if (variable !== undefined) {
    const value = source.env[variable];
    const key = cleanKey(value ?? "");
    if (key !== "") return checked(key, t("the key in {0}", variable));
    throw new UsageError(
      value === undefined
        ? t("the environment variable {0} is not set", variable)
        : t("the environment variable {0} is empty", variable),
    );
  }
  const key = cleanKey(
    source.stdin.isTTY ? await readHidden(questionOf(wanted), source) : await readAll(wanted, source),
  );
  if (key !== "") return checked(key, t("the key of {0}", wanted.label));
  if (!wanted.required) return undefined;
  throw new UsageError(t("{0} needs a key: give it on standard input or with --key-env NAME", wanted.label));
}

function checked(key: string, name: string): string {
  const problem = keyProblem(key, t);
  if (problem !== undefined) throw new UsageError(`${name} ${problem}`);
  return key;
}

async function readAll({ label }: Wanted, { stdin, write }: KeySource): Promise<string> {
  const hint = setTimeout(() => {
    write(`${t("Waiting for the key of {0} on standard input; end it (Ctrl+D) for none.", label)}\n`);
  }, HINT_MS);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stdin) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk);
      size += bytes.length;
      if (size > MAX_KEY) throw new UsageError(t("what is on standard input is no key: it is too long"));
      chunks.push(bytes);
    }
    return decodeText(Buffer.concat(chunks));
  } finally {
    clearTimeout(hint);
  }
}

const questionOf = ({ label, required }: Wanted): string =>
  `${required ? t("Key of {0}:", label) : t("Key of {0} (Enter: none):", label)} `;

/** What is typed is not shown. Ctrl+C ends the program, as everywhere. */
export function readHidden(
  question: string,
  { stdin, write }: Pick<KeySource, "stdin" | "write">,
): Promise<string> {
  const terminal = stdin as ReadStream;
  write(question);
  terminal.setRawMode(true);
  terminal.setEncoding("utf8");
  terminal.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const end = (finish: () => void) => {
      terminal.off("data", onData);
      terminal.setRawMode(false);
      terminal.pause();
      write("\n");
      finish();
    };
    const onData = (chunk: string) => {
      const text = typed + chunk;
      const stop = [...chunk].find((character) => ENDS.includes(character));
      typed = edit(text.slice(0, MAX_KEY));
      if (stop === CTRL_C) end(() => reject(new UsageError(t("cancelled"))));
      else if (stop !== undefined) end(() => resolve(typed));
    };
    terminal.on("data", onData);
  });
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";
const BACKSPACES = ["\u007f", "\b"];
const ENDS = ["\r", "\n", CTRL_C, CTRL_D];

/** The typed text up to its end: backspace takes back one character, Ctrl+U all of them. */
export function edit(text: string): string {
  let kept = "";
  for (const character of text) {
    if (ENDS.includes(character)) break;
    if (BACKSPACES.includes(character)) kept = kept.slice(0, -1);
    else if (character === CTRL_U) kept = "";
    else if (!/\p{Cc}/u.test(character)) kept += character;
  }
  return kept.trim();
}
