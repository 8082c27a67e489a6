/** The HTML that a browser gets: the page around the script, and what a visitor without a session reads. */
import { isPage, type PageStart, type PageState } from "../../../control/page.ts";

export interface PageParts {
  readonly start: PageStart;
  /** Fresh for each reply, base64. */
  readonly nonce: string;
}

/** Of a link's own; more is left out. */
const MAX_QUERY = 20;
/** Characters of one value. */
const MAX_VALUE = 500;

/** The portico of `media/icon.svg`, drawn for a few pixels. */
const FAVICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3.5" fill="#2f4463"/>' +
    '<path d="M6.25 12.5V9.6a1.75 1.75 0 0 1 3.5 0v2.9z" fill="#f7b987"/><path d="M8 2.5 13.5 5.6h-11zM3.3 6.3h9.4v.9' +
    'H3.3zM3.7 7.6H5v4.9H3.7zM11 7.6h1.3v4.9H11zM2.5 12.8h11v.9h-11z" fill="#f6f1e7"/></svg>',
)}`;

export function dashboardHtml({ start, nonce }: PageParts): string {
  return `<!doctype html>
<html lang="${escaped(start.locale ?? "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Portico</title>
<link rel="icon" href="${FAVICON}">
<link rel="stylesheet" href="/panel.css">
<script type="application/json" id="portico">${scriptJson(start)}</script>
</head>
<body class="view-${start.view}">
<div id="root"></div>
<script nonce="${nonce}">${LATER_LINK}</script>
<script type="module" nonce="${nonce}" src="/panel.js"></script>
</body>
</html>
`;
}

/** A link that whoever is in opens again: its code stays in no address, and is good where the session has ended. */
const LATER_LINK = `
const hasCode = () => location.hash.startsWith("#code=");
if (hasCode()) history.replaceState(null, "", location.pathname + location.search);
addEventListener("hashchange", () => hasCode() && location.reload());
`;

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
}

export const NEW_LINK =
  'Run "portico dashboard" in a terminal on this computer for a new link, or look where you started "portico serve".';
export const NO_SESSION: Notice = { title: "Open Portico with its link", text: [NEW_LINK] };
/** What comes from elsewhere than our own page, or is no code at all. */
export const MISSED: Notice = { title: "This is no link to Portico", text: [NEW_LINK] };

export function noticeHtml(words: Notice, more = ""): string {
  const { title, text } = words;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Portico: ${escaped(title)}</title>
<link rel="icon" href="${FAVICON}">
</head>
<body>
<h1>${escaped(title)}</h1>
${text.map((each) => `<p>${escaped(each)}</p>`).join("\n")}
${more}</body>
</html>
`;
}

export const NOTICE_CSP =
  "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * What a visitor without a session gets: how to come in, and a script that takes the code out of the link's
 * fragment and shows it. Whoever has no script reads what to do, and their code is still good.
 */
export function signInHtml(nonce: string): string {
  return noticeHtml(
    NO_SESSION,
    `<noscript><p>The dashboard needs JavaScript. Allow it for this address, then open the link again.</p></noscript>
<script nonce="${nonce}">${SIGN_IN}</script>
`,
  );
}

export function signInCsp(nonce: string): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** The address is without the code before anything else can fail. */
const SIGN_IN = `
const code = new URLSearchParams(location.hash.slice(1)).get("code");
const here = location.pathname + location.search;
function say(title, text) {
  document.title = "Portico: " + title;
  const heading = document.createElement("h1");
  heading.textContent = title;
  document.body.replaceChildren(heading, ...text.map((each) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = each;
    return paragraph;
  }));
}
async function signIn() {
  history.replaceState(null, "", here);
  say("Opening Portico", []);
  const reply = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (reply.ok) return location.replace(here);
  const words = await reply.json();
  say(words.title, words.text);
}
// The link was pasted where this page was open already.
addEventListener("hashchange", () => location.reload());
if (code !== null) {
  signIn().catch(() => say("Portico does not answer", ["See that it still runs, then open the link again."]));
}
`;

/** A page in a file: it goes to the dashboard by itself. */
export function leadingHtml(url: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${escaped(url)}">
<title>Opening Portico</title>
</head>
<body>
<p><a href="${escaped(url)}">Open Portico's dashboard</a></p>
</body>
</html>
`;
}

/** @returns the page that a path names; `undefined`: none. */
export function pageAt(url: URL): PageState | undefined {
  const name = url.pathname === "/" ? "dashboard" : url.pathname.slice(1);
  if (!isPage(name)) return undefined;
  const query = [...url.searchParams]
    .filter(([key, value]) => key.length <= MAX_VALUE && value.length <= MAX_VALUE)
    .slice(0, MAX_QUERY);
  return { page: name, ...(query.length === 0 ? {} : { query: Object.fromEntries(query) }) };
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
