// How the pages are bundled: modules for the browser, each page a part of its own, all styles in one.
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./paths.mjs";

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
  plugins: [ownStrings()],
};

/**
 * Translations of what the pages say, and not of what only VS Code's side and the command line do. A text counts where
 * it stands in the sources: one too many costs its bytes, and one too few would be English.
 * @returns {import("esbuild").Plugin}
 */
function ownStrings() {
  let sources;
  return {
    name: "own strings",
    setup: ({ onStart, onLoad }) => {
      onStart(async () => {
        sources = "";
        for await (const file of glob("src/{webviews,control}/**/*.{ts,tsx}", { cwd: root }))
          sources += await readFile(join(root, file), "utf8");
      });
      onLoad({ filter: /bundle\.l10n\.[\w-]+\.json$/ }, async ({ path }) => {
        const texts = Object.entries(JSON.parse(await readFile(path, "utf8")));
        const isOwn = (text) => sources.includes(text) || sources.includes(JSON.stringify(text).slice(1, -1));
        const own = Object.fromEntries(texts.filter(([text]) => isOwn(text)));
        // As JSON, each text would be an export as well.
        return { contents: `export default ${JSON.stringify(own)};`, loader: "js" };
      });
    },
  };
}
