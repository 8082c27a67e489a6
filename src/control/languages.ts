/** The languages that Portico speaks, and which of them somebody reads. Pure. */

/** By the name of its file in `l10n`. English needs none: it stands in the code. */
export const LANGUAGES = {
  en: { name: "English", tag: "en" },
  "zh-cn": { name: "简体中文", tag: "zh-CN" },
  ko: { name: "한국어", tag: "ko" },
} as const satisfies Readonly<Record<string, { name: string; tag: string }>>;

export type Language = keyof typeof LANGUAGES;

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

export interface Reader {
  readonly language: Language;
  /** BCP 47, for numbers and dates. */
  readonly locale: string;
}

/**
 * @param tags what somebody reads, best first, in BCP 47
 * @param wanted goes before what the tags say
 */
export function readerOf(tags: readonly string[], wanted?: Language): Reader {
  const known = tags.map(languageOf);
  const language = wanted ?? known.find((each) => each !== undefined) ?? "en";
  // Whoever has no translation reads English, and numbers as they are used to.
  const locale = wanted === undefined && language === "en" ? tags[0] : tags[known.indexOf(language)];
  return { language, locale: locale ?? LANGUAGES[language].tag };
}

/** @returns `undefined` where there is none, or the tag is no tag. Traditional Chinese is not simplified Chinese. */
function languageOf(tag: string): Language | undefined {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    if (language === "zh") return script === "Hans" ? "zh-cn" : undefined;
    return isLanguage(language) ? language : undefined;
  } catch {
    return undefined;
  }
}
