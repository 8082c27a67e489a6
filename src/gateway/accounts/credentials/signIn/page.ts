/** What a person reads in the browser when a sign-in came back. */

export interface Page {
  readonly ok: boolean;
  /** Plain text. */
  readonly text: string;
}

export function pageHtml({ ok, text }: Page): string {
  const title = ok ? "Signed in" : "Not signed in";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Portico: ${title}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 20vh auto 0; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>${escaped(text)}</p>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
