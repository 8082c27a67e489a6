// The licences of the packages that are bundled, as one text that goes into the package.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What MIT-licensed software may be shipped with. SPDX names; of a choice, one is enough. CC-BY-4.0 is for
 * VS Code's icons: it wants its authors named, which this text does.
 */
const ALLOWED = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "CC-BY-4.0"]);
const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/**
 * @param {string} root the project's folder
 * @param {Iterable<string>} inputs paths of bundled files below it, as esbuild's metafile names them
 * @returns {string} every package once, by name, with its licence as it stands in the package
 * @throws where a package's licence is not one that we may ship, or its text is missing
 */
export function noticesOf(root, inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const packages = new Map();
  for (const folder of folders) {
    const found = read(join(root, folder));
    packages.set(`${found.name} ${found.version}`, found);
  }
  const sections = [...packages.values()].sort((a, b) => (title(a) < title(b) ? -1 : 1)).map(section);
  return [
    "Portico contains these packages, each under its own licence.",
    ...sections.map((text) => `${"-".repeat(80)}\n${text}`),
  ].join("\n\n");
}

function read(folder) {
  const { name, version, license, licenses, author } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const id = typeof license === "string" ? license : (license?.type ?? licenses?.[0]?.type);
  if (!isAllowed(id)) throw new Error(`${name} ${version} has the licence ${id}, which is not on the list`);
  const files = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  if (texts.length === 0) texts.push(licenceInReadme(folder) ?? `Licence: ${id}`);
  const by = typeof author === "string" ? author : author?.name;
  if (by !== undefined && !/copyright/i.test(texts.join())) texts.unshift(`Copyright ${by}`);
  return { name, version, id, text: texts.join("\n\n") };
}

/** Of "(MIT OR Apache-2.0)" one has to be allowed; an "AND" would have to be looked at. */
function isAllowed(id) {
  const choices = id?.replace(/[()]/g, "").split(/ OR /) ?? [];
  return choices.some((each) => ALLOWED.has(each.trim()));
}

/** Some packages say it in their README only. */
function licenceInReadme(folder) {
  const file = join(folder, "README.md");
  const readme = existsSync(file) ? readFileSync(file, "utf8") : "";
  return /^#+ *licen[cs]e\b[^\n]*\n([\s\S]*)/im.exec(readme)?.[1]?.trim() || undefined;
}

function title({ name, version }) {
  return `${name} ${version}`;
}

function section(found) {
  return `${title(found)} (${found.id})\n\n${found.text}`;
}
