// npm run l10n: collects what people read into l10n/bundle.l10n.json, from which translations are made.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { collectStrings } from "./lib/l10n.mjs";
import { root } from "./lib/paths.mjs";

await mkdir(join(root, "l10n"), { recursive: true });
const strings = await collectStrings();
await writeFile(join(root, "l10n", "bundle.l10n.json"), `${JSON.stringify(strings, null, 2)}\n`);
console.error(`${Object.keys(strings).length} strings in l10n/bundle.l10n.json`);
