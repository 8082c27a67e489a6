/** The document of a page in VS Code. Scripts run only from the extension's own folder. */
import type { PageStart } from "../../control/page.ts";

export interface PageDocument {
  title: string;
  /** Addresses as the webview may load them. */
  script: string;
  style: string;
  /** The webview's own source of such addresses (`webview.cspSource`). */
  source: string;
  nonce: string;
  start: PageStart;
}

export function pageHtml({ title, script, style, source, nonce, start }: PageDocument): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${source}`,
    `style-src ${source}`,
    `font-src ${source}`,
    `img-src ${source} data:`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${attribute(start.locale ?? "en")}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(title)}</title>
<link rel="stylesheet" href="${attribute(style)}">
</head>
<body class="view-${start.view}">
<script type="application/json" id="portico">${inScript(start)}</script>
<script type="module" nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** JSON that cannot end the element it stands in. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
