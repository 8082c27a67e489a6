// The command line as an npm package of its own: what of dist/ it loads, with its texts and pages, and no dependencies.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { root } from "./paths.mjs";

/** What `portico` starts: itself, and its threads. */
const ENTRIES = ["cli.js", "portico.js", "tokens.js", "records.js"];
/** Pages for people who have no clone. */
const DOCS = [
  "cli.md",
  "server.md",
  "pool.md",
  "telemetry.md",
  "accounts.md",
  "scheduling.md",
  "clients.md",
  "protocols.md",
];
/** Of README.md: the rest is about clones and VS Code. */
const SECTIONS = ["Config file", "Set up your tools", "Who may call", "Licence"];

const START = `## Start

With [Node.js](https://nodejs.org/) 22.13 or newer:

\`\`\`console
npx portico serve
\`\`\`

It serves until Ctrl+C. Without any account the built-in *sandbox* answers, so you can try every client at once:

\`\`\`console
curl -N http://127.0.0.1:8045/v1/chat/completions -H "Content-Type: application/json" \\
  -d '{"model":"sandbox/echo","stream":true,"messages":[{"role":"user","content":"Hello"}]}'
\`\`\`

\`npx portico accounts add openai\` adds an account, \`npx portico dashboard --open\` shows the pages in your browser.
[The command line](docs/cli.md) has every command; [on a server](docs/server.md) is about a service that starts by itself,
and about containers.

`;

/**
 * Puts the package's files together from what is built, without a package manager.
 * @param {string} folder where they go; what is there is replaced
 * @returns {Promise<string[]>} its files, with slashes
 */
export async function assemble(folder) {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "docs"), { recursive: true });
  for (const name of await codeOf(join(root, "dist"))) await copy(`dist/${name}`, folder);
  const pages = await readdir(join(root, "dist", "webviews"));
  for (const name of pages) if (!name.endsWith(".map")) await copy(`dist/webviews/${name}`, folder);
  for (const name of await readdir(join(root, "dist", "l10n"))) await copy(`dist/l10n/${name}`, folder);
  for (const name of [
    "dist/tokens.br",
    "dist/prices.br",
    "dist/third-party-notices.txt",
    "LICENSE",
    "CHANGELOG.md",
  ]) {
    await copy(name, folder);
  }
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifestOf(manifest), undefined, 2)}\n`);
  const texts = { "README.md": readmeOf(await readFile(join(root, "README.md"), "utf8")) };
  for (const name of DOCS) texts[`docs/${name}`] = await readFile(join(root, "docs", name), "utf8");
  const files = new Set([...(await filesIn(folder)), ...Object.keys(texts)]);
  for (const [page, text] of Object.entries(texts)) {
    await writeFile(
      join(folder, page),
      withoutDeadLinks(text, page, (path) => files.has(path)),
    );
  }
  return [...files].sort();
}

/** Of the extension's manifest, what is the program's as well. */
export function manifestOf({ name, version, description, license, keywords, bin }) {
  return {
    name,
    version,
    description: description.replace(" in VS Code", ""),
    license,
    keywords,
    type: "module",
    bin,
    // `node:sqlite` needs no flag since then; src/cli.ts says so where it gets an older one.
    engines: { node: ">=22.13" },
  };
}

/** @param {string} text of README.md @returns {string} for those who have the package alone */
export function readmeOf(text) {
  const [intro = "", ...sections] = text.split(/^(?=## )/m);
  const kept = SECTIONS.map((name) => {
    const section = sections.find((each) => each.startsWith(`## ${name}\n`));
    if (section === undefined) throw new Error(`README.md has no section ${name} for the npm package`);
    return section;
  });
  return [intro, START, ...kept].join("");
}

/**
 * Links to what is not there become their words; pictures go.
 * @param {string} page its path in the package
 * @param {(path: string) => boolean} has
 */
export function withoutDeadLinks(text, page, has) {
  return text.replace(/(!?)\[([^\]]*)\]\(([^)\s]*)\)/g, (link, picture, words, target) => {
    if (/^(?:[a-z]+:|#)/i.test(target)) return link;
    const path = posix.normalize(posix.join(posix.dirname(page), target.replace(/#.*/, "")));
    if (has(path)) return link;
    return picture === "" ? words : "";
  });
}

/** The bundles and all that they load, at once or later. */
async function codeOf(dist) {
  const found = new Set(ENTRIES);
  for (const name of found) {
    const text = await readFile(join(dist, name), "utf8");
    for (const [, part] of text.matchAll(/(?:from\s*|import\s*\(?\s*)"\.\/([\w.-]+\.js)"/g)) found.add(part);
  }
  return found;
}

async function copy(path, folder) {
  const from = join(root, path);
  if (!existsSync(from)) throw new Error(`${path} is missing: npm run build`);
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(from, join(folder, path));
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    );
}
