/** The HTML that a browser gets: the page around the script, and what a visitor without a session reads. */
import type { PageName, PageStart, PageState } from "../../../control/page.ts";

export interface PageParts {
  readonly start: PageStart;
  /** Fresh for each reply, base64. */
  readonly nonce: string;
}

const PAGES: ReadonlySet<string> = new Set<PageName>([
  "dashboard",
  "accounts",
  "api-proxy",
  "monitor",
  "token-stats",
  "settings",
]);
/** Of a link's own; more is left out. */
const MAX_QUERY = 20;
/** Characters of one value. */
const MAX_VALUE = 500;

export function dashboardHtml({ start, nonce }: PageParts): string {
  return `<!doctype html>
<html lang="${escaped(start.locale ?? "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Portico</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/panel.css">
<script type="application/json" id="portico">${scriptJson(start)}</script>
</head>
<body class="view-${start.view}">
<div id="root"></div>
<script type="module" nonce="${nonce}" src="/panel.js"></script>
</body>
</html>
`;
}

/** Nothing but our own files and our own socket. */
export function dashboardCsp(nonce: string, host: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export interface Notice {
  readonly title: string;
  /** Plain text, a paragraph each. */
  readonly text: readonly string[];
  /** Goes there by itself. */
  readonly to?: string;
}

export function noticeHtml({ title, text, to }: Notice): string {
  const refresh = to === undefined ? "" : `<meta http-equiv="refresh" content="0; url=${escaped(to)}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
${refresh}<title>Portico: ${escaped(title)}</title>
</head>
<body>
<h1>${escaped(title)}</h1>
${text.map((each) => `<p>${escaped(each)}</p>`).join("\n")}
</body>
</html>
`;
}

export const NOTICE_CSP =
  "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** @returns the page that a path names; `undefined`: none. */
export function pageAt(url: URL): PageState | undefined {
  const name = url.pathname === "/" ? "dashboard" : url.pathname.slice(1);
  if (!isPage(name)) return undefined;
  const query = [...url.searchParams]
    .filter(([key, value]) => key !== "code" && key.length <= MAX_VALUE && value.length <= MAX_VALUE)
    .slice(0, MAX_QUERY);
  return { page: name, ...(query.length === 0 ? {} : { query: Object.fromEntries(query) }) };
}

function isPage(name: string): name is PageName {
  return PAGES.has(name);
}

/** The first language that the browser asks for, where it looks like one. */
export function localeOf(acceptLanguage: string | undefined): string | undefined {
  const first = acceptLanguage?.split(/[,;]/, 1)[0]?.trim() ?? "";
  return /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/.test(first) ? first : undefined;
}

/** JSON that cannot end the element it stands in. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
