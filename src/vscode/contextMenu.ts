/** What a row of a page says of itself (`data-vscode-context`), as the commands of its context menu get it. */

/** Of VS Code's own. */
const NOT_OURS: ReadonlySet<string> = new Set([
  "webview",
  "webviewSection",
  "preventDefaultContextMenuItems",
]);

/** What the page is to show, of a link or of a row; unchecked. */
export function queryIn(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null) return argument ?? undefined;
  return Object.fromEntries(Object.entries(argument).filter(([name]) => !NOT_OURS.has(name)));
}

/** The id of the account whose row it is; `undefined`: the person is to be asked. */
export function accountIn(argument: unknown): string | undefined {
  if (typeof argument !== "object" || argument === null || !("id" in argument)) return undefined;
  return typeof argument.id === "string" ? argument.id : undefined;
}
