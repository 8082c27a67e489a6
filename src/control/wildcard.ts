/** Model names with `*`, which stands for any number of characters. Case matters, nothing else is special. */

export const isWildcard = (pattern: string): boolean => pattern.includes("*");

/**
 * Whether all of `text` matches. Each piece between stars is looked for once, from left to right
 * and never again, so that no pattern can make it backtrack.
 */
export function matches(pattern: string, text: string): boolean {
  const first = pattern.indexOf("*");
  if (first === -1) return pattern === text;
  const last = pattern.lastIndexOf("*");
  const tail = pattern.slice(last + 1);
  if (text.length < first + tail.length) return false;
  if (!text.startsWith(pattern.slice(0, first)) || !text.endsWith(tail)) return false;

  const end = text.length - tail.length;
  let from = first;
  for (const piece of pattern.slice(first, last).split("*")) {
    if (piece === "") continue;
    const at = text.indexOf(piece, from);
    if (at === -1 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
}

/** How much of a pattern is fixed: the number of characters that are not stars. A longer one is preferred. */
export function specificity(pattern: string): number {
  let fixed = 0;
  for (const character of pattern) if (character !== "*") fixed++;
  return fixed;
}

/** Every `*` replaced by `text`; a pattern without one stays as it is. */
export const fill = (pattern: string, text: string): string => pattern.split("*").join(text);
