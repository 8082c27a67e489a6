/** In which language a person at a terminal is spoken to: as POSIX has it. What programs read stays English. */
import { readFile } from "node:fs/promises";
import { config } from "@vscode/l10n";
import * as z from "zod";
import { type Language, readerOf } from "../control/languages.ts";
import type { Environment } from "../gateway/config/load.ts";

let current: Language = "en";

export const spoken = (): Language => current;

/**
 * Before anything is said. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
 * @param terminal does a person read what is written?
 */
export async function speak(env: Environment, terminal: boolean): Promise<void> {
  const language = terminal ? languageOf(env) : "en";
  try {
    config({ contents: await stringsOf(language) });
    current = language;
  } catch {
    // Copied without its texts it is still of use, in English.
  }
}

/** `LC_ALL`, else `LC_MESSAGES`, else `LANG`: the first that is not empty decides. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Environment): Language {
  const locale = LC_ALL || LC_MESSAGES || LANG || "";
  // `zh_CN.UTF-8@pinyin`, `ko`, `C`.
  const [, name = ""] = /^([\w-]+)/.exec(locale) ?? [];
  return readerOf([name.replaceAll("_", "-")]).language;
}

const stringsSchema = z.record(z.string(), z.string());

/** By the English text. */
async function stringsOf(language: Language): Promise<Record<string, string>> {
  if (language === "en") return {};
  const folder = import.meta.url.endsWith(".ts") ? "../../l10n" : "./l10n";
  const file = new URL(`${folder}/bundle.l10n.${language}.json`, import.meta.url);
  return stringsSchema.parse(JSON.parse(await readFile(file, "utf8")));
}
