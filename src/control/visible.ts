/** What others wrote, as it may be shown: nothing in it steers a terminal or turns the direction of a line. */

/** What nearly every text is made of: nothing in it steers. */
const PLAIN = /^[ -~]*$/;
/** Control characters and those of https://www.unicode.org/reports/tr9/, which no text of one line needs. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const STEERING_IN_TEXT = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** One line: white space of any kind is a space, what else would steer is written as its escape, `\u202e`. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ").replace(STEERING, escaped);
}

/** The same of a text of several lines: those, and what they are indented by, stay. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/\r\n/g, "\n").replace(STEERING_IN_TEXT, escaped);
}

/** The same with line ends and tabs as escapes as well: a line of the log cannot be forged. */
export function visibleLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(STEERING, escaped);
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
