/**
 * What a message quotes is mostly the request that it refuses: a parameter's value, a model's name, a
 * sentence of the conversation. None of that says anything about the account.
 */

/** By the mark that opens a quotation. */
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": "”",
  "„": "“",
  "‘": "’",
  "‚": "‘",
  "«": "»",
  "‹": "›",
  "「": "」",
  "『": "』",
};
const WORD = /[\p{L}\p{N}_]/u;

/**
 * The text with what stands between quotation marks cut out; the marks stay. A quotation that nobody
 * closes goes to the end: messages are cut short in their middle. Takes linear time.
 */
export function withoutQuotations(text: string): string {
  let kept = "";
  for (let at = 0; at < text.length; at++) {
    const mark = text[at] ?? "";
    kept += mark;
    const closing = CLOSING[mark];
    if (closing === undefined || isApostrophe(text, at)) continue;
    at = endOf(text, at + 1, closing);
    if (at < text.length) kept += closing;
  }
  return kept;
}

/** The place of the mark that closes a quotation, or the end of the text. */
function endOf(text: string, from: number, closing: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === closing && !isWithinWord(text, at)) return at;
  }
  return text.length;
}

/** `don't`, `customers' own`: a letter stands before it. */
function isApostrophe(text: string, at: number): boolean {
  return (text[at] === "'" || text[at] === "’") && WORD.test(text[at - 1] ?? "");
}

/** `'it doesn't matter'`: within single quotes, an apostrophe has letters on both sides. */
function isWithinWord(text: string, at: number): boolean {
  return isApostrophe(text, at) && WORD.test(text[at + 1] ?? "");
}
