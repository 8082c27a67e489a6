/** What the host put into the page before its script runs. Imported first: strings are set here. */
import { config } from "@vscode/l10n";
import type { PageStart } from "../control/page.ts";
import { browserReader, stringsOf } from "./language.ts";
import { showAllVisibly } from "./visibleTexts.ts";
import type { VsCodeApi } from "./wire.ts";

declare global {
  /** Given by VS Code, to be called once. */
  var acquireVsCodeApi: (() => VsCodeApi) | undefined;
}

export const start: PageStart = read();
export const vscode: VsCodeApi | undefined =
  start.kind === "vscode" ? globalThis.acquireVsCodeApi?.() : undefined;

const reader = start.kind === "browser" ? browserReader(start.locale) : undefined;
const strings = await stringsOf(start.language ?? reader?.language ?? "en");

/** BCP 47, for numbers and dates. */
export const locale: string = reader?.locale ?? start.locale ?? navigator.language;

if (strings !== undefined) config({ contents: strings });
showAllVisibly();
document.documentElement.lang = strings === undefined ? "en" : new Intl.Locale(locale).baseName;

/** Where the page goes. */
export function rootElement(): HTMLElement {
  return document.getElementById("root") ?? document.body;
}

function read(): PageStart {
  const text = document.getElementById("portico")?.textContent;
  // The host that writes it is ours; a page without it is one in a browser.
  return text ? JSON.parse(text) : { kind: "browser", view: "panel" };
}
