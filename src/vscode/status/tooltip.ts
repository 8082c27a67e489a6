/** The status bar item's tooltip as Markdown, in which others' words are text and only our own links act. Pure. */
import { COMMANDS } from "../commandIds.ts";
import type { StatusAction, StatusView } from "./statusView.ts";

/** What VS Code may run from it. */
export const TOOLTIP_COMMANDS: readonly string[] = Object.values(COMMANDS);

export function tooltipMarkdown(
  { lines: [first = "", ...rest], address, actions }: Pick<StatusView, "lines" | "address" | "actions">,
  nameOf: (action: StatusAction) => string,
): string {
  const links = actions.map((action) => `[${plain(nameOf(action))}](command:${COMMANDS[action]})`);
  return [
    `**${plain(first)}**`,
    ...(address === undefined ? [] : [code(address)]),
    ...rest.map(plain),
    ...(links.length === 0 ? [] : [links.join(" · ")]),
  ].join("\n\n");
}

/** In code nothing is a link, and nothing needs an escape but its own mark. */
function code(text: string): string {
  return `\`${text.replace(/[`\s]/g, "")}\``;
}

/**
 * Text as it is. `:`, `/` and `@` are escaped as well: a bare address would become a link, with the escapes of its
 * dots in it. `appendText` would do it with spaces at which no line breaks.
 */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]()#+\-.!~<>|&$:/@]/g, "\\$&");
}
