/** Percent-encoding, as people and other programs write it. */

/** What has a stray `%` in it is taken as it stands. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
