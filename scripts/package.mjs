// npm run package: a production build as portico-VERSION.vsix, without a warning and with nothing
// in it that does not belong there.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { sayPackage } from "./lib/packageSize.mjs";
import { findNode, root, tool } from "./lib/paths.mjs";

const BELONGS = [
  /^dist\/((extension|seldom)\.cjs|[\w-]+\.js|(tokens|prices)\.br)$/,
  /^dist\/webviews\//,
  /^dist\/third-party-notices\.txt$/,
  /^media\/[\w-]+\.(png|svg|ttf)$/,
  /^dist\/l10n\/[\w.-]+\.json$/,
  /^package(\.nls[\w.-]*)?\.json$/,
  /^(README|CHANGELOG)\.md$/,
  /^LICENSE(\.txt)?$/,
];

/** @returns {Promise<string>} all that vsce said */
function vsce(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(findNode(), [tool("@vscode", "vsce", "vsce"), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    }
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve(said) : reject(new Error(said.trim()))));
  });
}

async function main() {
  await ensureInstalled();
  await build(["--production"]);
  const files = (await vsce("ls", "--no-dependencies")).split(/\r?\n/).filter((line) => /^[\w.]/.test(line));
  const strays = files.filter((file) => !BELONGS.some((pattern) => pattern.test(file)));
  if (strays.length > 0) throw new Error(`these do not belong into the package: ${strays.join(", ")}`);

  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const name = `portico-${version}.vsix`;
  const said = await vsce(
    "package",
    "--no-dependencies",
    // Until there is a public one, package.json names none, and the README's links stay as they are.
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--out",
    join(root, name),
  );
  process.stderr.write(said);
  if (/\bwarning\b/i.test(said)) throw new Error("vsce has warnings; see above");
  await sayPackage(name, files.length);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
