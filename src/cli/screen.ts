/** What a person reads goes through here: colours where they are wanted, and nothing that could play tricks. */
import { styleText } from "node:util";

export type Colour = "green" | "yellow" | "red" | "dim" | "bold";

export interface Screen {
  /** Columns; `undefined`: not a terminal, lines may be as long as they like. */
  readonly width: number | undefined;
  readonly colour: boolean;
  /** How a person calls this program here. */
  readonly program: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Minutes that local time is ahead of UTC at a moment. */
  utcOffset(at: number): number;
  /** A line, without its line feed. */
  line(text?: string): void;
  /** As it is. */
  write(text: string): void;
}

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** `NO_COLOR` counts when it is not empty. https://no-color.org */
export function screenOn(terminal: Terminal, env: Readonly<Record<string, string | undefined>>): Screen {
  const tty = terminal.isTTY === true;
  return {
    width: tty ? Math.max(terminal.columns ?? 80, 40) : undefined,
    // npm names itself to what it runs; in a clone nothing else finds the program.
    program: env.npm_command === undefined ? "portico" : "npx portico",
    colour: tty && !env.NO_COLOR && env.TERM !== "dumb",
    now: Date.now,
    utcOffset: (at) => -new Date(at).getTimezoneOffset(),
    line: (text = "") => void terminal.write(`${text}\n`),
    write: (text) => void terminal.write(text),
  };
}

export function paint({ colour }: Pick<Screen, "colour">, style: Colour, text: string): string {
  return colour ? styleText(style, text, { validateStream: false }) : text;
}

/** One line of plain text: what providers and clients wrote must not steer the terminal. */
export { visible as plain } from "../control/visible.ts";

/** Wide characters take two columns. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;

/** Columns that plain text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (!/\p{Mn}/u.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Cut to `width` columns, with an ellipsis where something is missing. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const character of text) {
    const more = widthOf(character);
    if (used + more > width - 1) break;
    kept += character;
    used += more;
  }
  return `${kept.trimEnd()}…`;
}
