// Translations of what one part of the program says, and not of the others.
import { glob, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { helpTexts } from "./helpTexts.mjs";
import { root } from "./paths.mjs";

/** What the pages say, and what VS Code's side and the command line do, with what both share. */
export const PAGES = "src/{webviews,control}/**/*.{ts,tsx}";
export const NATIVE = "src/{vscode,control,cli}/**/*.ts";

/** @param {string} pattern @returns {Promise<string>} sources, as one text */
export async function readSources(pattern) {
  let sources = "";
  for await (const file of glob(pattern, { cwd: root })) sources += await readFile(join(root, file), "utf8");
  return sources;
}

/**
 * A text counts where it stands in the sources: one too many costs its bytes, and one too few would be English.
 * @param {Record<string, string>} texts translations by English text @param {string} sources
 * @returns {Record<string, string>}
 */
export function ownTexts(texts, sources) {
  const isOwn = (text) => sources.includes(text) || sources.includes(JSON.stringify(text).slice(1, -1));
  return Object.fromEntries(Object.entries(texts).filter(([text]) => isOwn(text)));
}

/** @returns {Promise<string>} sources of VS Code's side and the command line, and what they put together */
export const nativeSources = async () => [await readSources(NATIVE), ...helpTexts()].join("\n");

/** Writes those of VS Code's side and the command line to `dist/l10n/`, where VS Code looks for them. */
export async function writeNativeTexts() {
  const read = async (name) => JSON.parse(await readFile(join(root, "l10n", name), "utf8"));
  const own = ownTexts(await read("bundle.l10n.json"), await nativeSources());
  await mkdir(join(root, "dist", "l10n"), { recursive: true });
  for (const name of await readdir(join(root, "l10n"))) {
    if (!/^bundle\.l10n\.[\w-]+\.json$/.test(name)) continue;
    const texts = Object.entries(await read(name)).filter(([text]) => text in own);
    await writeFile(join(root, "dist", "l10n", name), JSON.stringify(Object.fromEntries(texts)));
  }
}
