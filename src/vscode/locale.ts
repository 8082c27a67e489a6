/** How this window writes numbers and times: in the display language, by the clock of the system. */

let chosen: string | undefined;

/** BCP 47; before a window said so, the system's. */
export const locale = (): string | undefined => chosen;

/**
 * @param language of VS Code, which names no region: "en" alone would count twelve hours everywhere
 * @param system whose clock is kept; absent: the one of this computer
 */
export function useLocale(language: string, system?: string): string {
  const { hourCycle } = new Intl.DateTimeFormat(system, { hour: "numeric" }).resolvedOptions();
  chosen = localeWithClock(language, hourCycle);
  return chosen;
}

/** `en-u-hc-h23`. A language that is no tag is left as it is. */
export function localeWithClock(language: string, hourCycle: string | undefined): string {
  if (hourCycle === undefined) return language;
  try {
    return new Intl.Locale(language, { hourCycle: hourCycle as "h23" }).toString();
  } catch {
    return language;
  }
}
