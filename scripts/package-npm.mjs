// npm run package:npm: a production build of the command line as portico-VERSION.tgz, for `npm install` and `npx`.
// Its files lie in dist/npm.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { assemble } from "./lib/npmPackage.mjs";
import { sayPackage } from "./lib/packageSize.mjs";
import { root } from "./lib/paths.mjs";
import { npm, run } from "./lib/run.mjs";

async function main() {
  await ensureInstalled();
  await build(["--production"]);
  const folder = join(root, "dist", "npm");
  const files = await assemble(folder);
  const { program, args } = npm(["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", root]);
  const code = await run(program, args, { cwd: folder });
  if (code !== 0) throw new Error(`npm pack failed with exit code ${code}; its messages are above.`);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const name = `portico-${version}.tgz`;
  await sayPackage(name, files.length);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
