/** How this window writes numbers and times: in the display language, by the clock of the system. */

let named: { language: string; system: string | undefined } | undefined;
let chosen: string | undefined;

/** BCP 47; before a window said so, the system's. */
export function locale(): string | undefined {
  if (chosen === undefined && named !== undefined) {
    // Not before it is asked for: the first such question costs a window milliseconds when it starts.
    const { hourCycle } = new Intl.DateTimeFormat(named.system, { hour: "numeric" }).resolvedOptions();
    chosen = localeWithClock(named.language, hourCycle);
  }
  return chosen;
}

/**
 * @param language of VS Code, which names no region: "en" alone would count twelve hours everywhere
 * @param system whose clock is kept; absent: the one of this computer
 */
export function setLocale(language: string, system?: string): void {
  named = { language, system };
  chosen = undefined;
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
