// How the pages are bundled: modules for the browser, each page a part of its own, all styles in one.
import { readFile } from "node:fs/promises";
import subsetFont from "subset-font";
import { ownTexts, PAGES, readSources } from "./ownTexts.mjs";

/** @type {import("esbuild").BuildOptions} */
export const pagesBundle = {
  entryPoints: [
    { in: "src/webviews/panel.tsx", out: "panel" },
    { in: "src/webviews/sidebar.tsx", out: "sidebar" },
    // Of both.
    { in: "src/webviews/styles.css", out: "panel" },
  ],
  outdir: "dist/webviews",
  platform: "browser",
  // Of the oldest VS Code that is supported, and of browsers of that time.
  target: "chrome128",
  format: "esm",
  splitting: true,
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]",
  // Translations are shorter as they are than in escapes.
  charset: "utf8",
  loader: { ".ttf": "file" },
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [ownStrings(), ownIcons()],
};

/**
 * Translations of what the pages say, and not of what only VS Code's side and the command line do.
 * @returns {import("esbuild").Plugin}
 */
function ownStrings() {
  let sources;
  return {
    name: "own strings",
    setup: ({ onStart, onLoad }) => {
      onStart(async () => {
        sources = await readSources(PAGES);
      });
      onLoad({ filter: /bundle\.l10n\.[\w-]+\.json$/ }, async ({ path }) => {
        const own = ownTexts(JSON.parse(await readFile(path, "utf8")), sources);
        // As JSON, each text would be an export as well.
        return { contents: `export default ${JSON.stringify(own)};`, loader: "js" };
      });
    },
  };
}

/** A rule of codicon.css: which glyph an icon's name is. */
const ICON = /^\.codicon-([\w-]+):before \{ content: "\\([0-9a-f]+)" \}$/gm;

/**
 * Icons that the pages show, and not the whole font and its list of names: 13 kB of 126. A name counts where it stands in
 * the sources as a string of its own.
 * @returns {import("esbuild").Plugin}
 */
function ownIcons() {
  let sources;
  const isOwn = (name) => ['"', "`"].some((quote) => sources.includes(`${quote}${name}${quote}`));
  return {
    name: "own icons",
    setup: ({ onStart, onLoad }) => {
      onStart(async () => {
        sources = await readSources(PAGES);
      });
      onLoad({ filter: /codicon\.css$/ }, async ({ path }) => {
        const css = await readFile(path, "utf8");
        return { contents: css.replace(ICON, (rule, name) => (isOwn(name) ? rule : "")), loader: "css" };
      });
      onLoad({ filter: /codicon\.ttf$/ }, async ({ path }) => {
        const css = await readFile(path.replace(/ttf$/, "css"), "utf8");
        const own = [...css.matchAll(ICON)].filter(([, name]) => isOwn(name));
        const glyphs = own.map(([, , code]) => String.fromCodePoint(Number.parseInt(code, 16))).join("");
        const contents = await subsetFont(await readFile(path), glyphs, { targetFormat: "truetype" });
        return { contents, loader: "file" };
      });
    },
  };
}
