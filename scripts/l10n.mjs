// npm run l10n: collects what people read into l10n/bundle.l10n.json, puts translations into its order, takes out
// what nobody reads any more, and says what is not translated yet.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { collectStrings } from "./lib/l10n.mjs";
import { root } from "./lib/paths.mjs";

const read = async (file) => JSON.parse(await readFile(join(root, file), "utf8"));
const write = (file, texts) => writeFile(join(root, file), `${JSON.stringify(texts, null, 2)}\n`);

/** @returns how many are missing */
async function order(file, english) {
  const texts = await read(file);
  const keys = Object.keys(english);
  await write(file, Object.fromEntries(keys.filter((key) => key in texts).map((key) => [key, texts[key]])));
  const missing = keys.filter((key) => !(key in texts));
  for (const key of missing) console.error(`${file} lacks ${JSON.stringify(key)}: ${english[key]}`);
  return missing.length;
}

const strings = await collectStrings();
await write("l10n/bundle.l10n.json", strings);
console.error(`${Object.keys(strings).length} strings in l10n/bundle.l10n.json`);
let missing = 0;
for (const file of await readdir(join(root, "l10n")))
  if (/^bundle\.l10n\.[\w-]+\.json$/.test(file)) missing += await order(`l10n/${file}`, strings);
const names = await read("package.nls.json");
for (const file of await readdir(root))
  if (/^package\.nls\.[\w-]+\.json$/.test(file)) missing += await order(file, names);
// A text that is missing in a language is shown in English there; the tests want them all.
if (missing > 0) process.exitCode = 1;
