// npm run test:vscode: the packaged extension in a real VS Code, driven as a person would.
//   PORTICO_VSCODE=electron | code-server   which one; by default the first that can be had
//   PORTICO_VSCODE_ONLY=windows,underWay    only these parts of test/vscode/scenario.ts, after the first
//   PORTICO_VSIX=FILE                       tests this package instead of making one
//   PORTICO_CACHE=DIR                       keeps downloads there instead of in ~/.cache/portico
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureInstalled } from "./lib/install.mjs";
import { findNode, root, tool } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";

/** @returns {Promise<string>} path of the package */
async function makePackage() {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const code = await run(findNode(), [join(root, "scripts", "package.mjs")]);
  if (code !== 0) throw new Error("The extension could not be packaged; see above.");
  return join(root, `portico-${version}.vsix`);
}

/** An extension of the tests' own: `companion` measures from within, `languages` are packs without VS Code's texts. */
async function makeOwn(name, file) {
  const args = [
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--skip-license",
    "--out",
    file,
  ];
  const cwd = join(root, "test", "vscode", name);
  if ((await run(findNode(), [tool("@vscode", "vsce", "vsce"), ...args], { cwd })) !== 0) {
    throw new Error(`The extension ${name} could not be packaged; see above.`);
  }
}

async function main() {
  await ensureInstalled();
  const scratch = await mkdtemp(join(tmpdir(), "portico-vscode-"));
  try {
    const vsix = process.env.PORTICO_VSIX ? resolve(process.env.PORTICO_VSIX) : await makePackage();
    const own = ["companion", "languages"];
    for (const name of own) await makeOwn(name, join(scratch, `${name}.vsix`));
    const options = {
      scratch,
      cache: process.env.PORTICO_CACHE || join(homedir(), ".cache", "portico"),
      extensions: [vsix, ...own.map((name) => join(scratch, `${name}.vsix`))],
      screenshots: join(root, "screenshots", "vscode"),
    };
    const script = join(root, "test", "vscode", "run.ts");
    return await run(findNode(), ["--no-warnings", script, JSON.stringify(options)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error.message);
    console.log("0 passed, 1 failed, 0 skipped");
    process.exitCode = 1;
  },
);
