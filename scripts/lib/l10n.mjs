// Strings of the pages and of the editor's side, found in the sources.
import { glob, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { getL10nJson } from "@vscode/l10n-dev";
import { SAID } from "../../src/control/channel.ts";
import { FILE_KINDS } from "../../src/control/dataFiles.ts";
import { PROTOCOL_FACTS } from "../../src/control/protocol.ts";
import { helpTexts } from "./helpTexts.mjs";
import { root } from "./paths.mjs";

/**
 * @param {string} [pattern] of the sources; absent: all that say something
 * @returns {Promise<Record<string, unknown>>} English string to itself, sorted, so that a diff says what changed
 */
export async function collectStrings(pattern = "src/{webviews,vscode,control,cli}/**/*.{ts,tsx}") {
  // The tool loads its parser anew for each file, so it gets one of each kind.
  const sources = new Map([
    [".ts", []],
    [".tsx", []],
  ]);
  for await (const file of glob(pattern, { cwd: root })) {
    const source = await readFile(join(root, file), "utf8");
    if (GIVEN.test(source) || source.includes("l10n")) sources.get(extname(file)).push(visible(source));
  }
  const found = await getL10nJson(
    [...sources].map(([extension, contents]) => ({ extension, contents: contents.join("\n") })),
  );
  // What these tables say is shown through `t(…)` as well.
  for (const { label, short, hint } of Object.values(PROTOCOL_FACTS)) {
    for (const text of [label, short, hint]) found[text] ??= text;
  }
  for (const text of [...FILE_KINDS, ...Object.values(SAID), ...helpTexts()]) found[text] ??= text;
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const IMPORT = 'import { t } from "@vscode/l10n";';
/** Both halves give theirs to what they share. */
const GIVEN = /\bt\??: Translate\b/;

/** The tool sees `l10n.t(…)` alone; the pages say `t(…)`. */
function visible(source) {
  const given = GIVEN.test(source);
  if (!given && !source.includes(IMPORT)) return source;
  return source
    .replace(IMPORT, given ? "" : 'import * as l10n from "@vscode/l10n";')
    .replace(/^/, given ? 'import * as l10n from "@vscode/l10n";\n' : "")
    .replace(/(?<![\w.$])t\(/g, "l10n.t(");
}
