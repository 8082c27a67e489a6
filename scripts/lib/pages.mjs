// How the pages are bundled: modules for the browser, each page a part of its own, all styles in one.

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
};
