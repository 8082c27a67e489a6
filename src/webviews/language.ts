/** In which language a browser shows the pages: as the person chose here, else as the browser is set. */
import { isLanguage, type Language, type Reader, readerOf } from "../control/languages.ts";

const STORAGE_KEY = "portico.language";

/** `undefined`: as the browser has it. */
export function chosenLanguage(): Language | undefined {
  try {
    const kept = localStorage.getItem(STORAGE_KEY);
    return isLanguage(kept) ? kept : undefined;
  } catch {
    // A browser that keeps nothing is fine.
    return undefined;
  }
}

/** The page is loaded anew: all of its words change. */
export function chooseLanguage(language: Language | undefined): void {
  try {
    if (language === undefined) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // A browser that keeps nothing shows its own language.
  }
  location.reload();
}

/** @param first goes before what the browser lists */
export function browserReader(first: string | undefined): Reader {
  const tags = first === undefined ? navigator.languages : [first, ...navigator.languages];
  return readerOf(tags, chosenLanguage());
}

/** Of a language, by the English text; each is a part of its own, loaded where it is read. */
export async function stringsOf(language: Language): Promise<Record<string, string> | undefined> {
  switch (language) {
    case "en":
      return undefined;
    case "zh-cn":
      return (await import("../../l10n/bundle.l10n.zh-cn.json", { with: { type: "json" } })).default;
    case "ko":
      return (await import("../../l10n/bundle.l10n.ko.json", { with: { type: "json" } })).default;
  }
}
