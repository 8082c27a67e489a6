// Installs the command-line agents and the frameworks of test/clients where they are missing, in a folder of their own.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { npm, run, seconds } from "./run.mjs";

/** Milliseconds between signs of life. */
const STILL_THERE_MS = 10_000;
/** They fetch or place their programs when they are installed. */
const WITH_SCRIPTS = ["@anthropic-ai/claude-code", "opencode-ai"];
/** Theirs only copies what is there already. */
const WITHOUT_SCRIPTS = ["@kilocode/cli"];

/** Holds `node_modules` with the clients; test/clients looks there, too. */
export const clientsFolder = join(
  process.env.PORTICO_CACHE || join(homedir(), ".cache", "portico"),
  "clients",
);

/**
 * @returns {Promise<Record<string, string>>} package -> version, as test/clients/versions.json pins them
 * @throws where they cannot be installed
 */
export async function ensureClients() {
  const wanted = await readJson(join(root, "test", "clients", "versions.json"));
  const found = await Promise.all(
    Object.keys(wanted).map((name) => readJson(join(clientsFolder, "node_modules", name, "package.json"))),
  );
  if (Object.values(wanted).every((version, at) => found[at]?.version === version)) return wanted;

  const start = performance.now();
  console.error(`Installing clients into ${clientsFolder} (about 1 GB) …`);
  await mkdir(clientsFolder, { recursive: true });
  const project = {
    name: "portico-test-clients",
    private: true,
    dependencies: wanted,
    allowScripts: Object.fromEntries([
      ...WITH_SCRIPTS.map((name) => [name, true]),
      ...WITHOUT_SCRIPTS.map((name) => [name, false]),
    ]),
  };
  await writeFile(join(clientsFolder, "package.json"), `${JSON.stringify(project, undefined, 2)}\n`);
  const stillThere = setInterval(
    () => console.error(`… still installing (${seconds(start)})`),
    STILL_THERE_MS,
  );
  try {
    const { program, args } = npm([
      "install",
      "--include=optional",
      "--ignore-scripts=false",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ]);
    const code = await run(program, args, { cwd: clientsFolder });
    if (code !== 0) throw new Error(`npm install failed with exit code ${code}; its messages are above.`);
  } finally {
    clearInterval(stillThere);
  }
  console.error(`The clients are installed (${seconds(start)}).`);
  return wanted;
}

/** `undefined`: it is not there, or broken. */
async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}
