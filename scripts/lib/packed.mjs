// Large tables of packages, packed beside the bundle: Brotli makes a third less of them than a .vsix does, and
// neither their source nor what V8 needs to compile a literal of that size stays in memory.
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

/**
 * @typedef {object} Packing
 * @property {RegExp} module path of the package's module
 * @property {URL} file beside the bundle, which reads it when it evaluates the module
 * @property {boolean} best seconds per megabyte, for a package
 */

/** @param {string} json @param {Packing} packing */
async function write(json, { file, best }) {
  const packed = await promisify(brotliCompress)(Buffer.from(json), {
    params: { [constants.BROTLI_PARAM_QUALITY]: best ? 11 : 4, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
  await writeFile(file, packed);
}

const IMPORTS = `import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
`;
/** @param {URL} file */
const reading = (file) =>
  `JSON.parse(brotliDecompressSync(readFileSync(new URL(${JSON.stringify(`./${file.pathname.split("/").at(-1)}`)}, import.meta.url))).toString())`;

/**
 * Takes the place of a module whose default export is JSON.
 * @param {Packing} packing @returns {import("esbuild").Plugin}
 */
export function packed(packing) {
  return {
    name: "packed",
    setup: ({ onLoad }) => {
      onLoad({ filter: packing.module }, async ({ path }) => {
        const { default: table } = await import(pathToFileURL(path).href);
        await write(JSON.stringify(table), packing);
        return { contents: `${IMPORTS}export default ${reading(packing.file)};` };
      });
    },
  };
}

/** Fields of the price list for people: a quarter of its bytes, and nobody reads them. */
const PROSE = new Set(["description", "price_comments"]);

/**
 * The list that a module begins with, without its prose, and the code around it.
 * @param {string} source
 * @throws {Error} where it begins otherwise, or its list is no JSON
 */
export function listIn(source) {
  const begin = /^const [\w$]+ = (?=\[)/.exec(source)?.[0].length ?? -1;
  const end = source.indexOf("\n]") + 2;
  if (begin < 0 || end < begin) throw new Error("The price list's module does not begin with its list.");
  /** @type {unknown} */
  const list = new Function(`return ${source.slice(begin, end)}`)();
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(list)), list))
    throw new Error("The price list is no JSON.");
  const json = JSON.stringify(list, (key, value) => (PROSE.has(key) ? undefined : value));
  return { json, before: source.slice(0, begin), after: source.slice(end) };
}

/**
 * Takes the price list out of its module, whose code stays.
 * @param {Packing} packing @returns {import("esbuild").Plugin}
 */
export function packedPrices(packing) {
  return {
    name: "packed-prices",
    setup: ({ onLoad }) => {
      onLoad({ filter: packing.module }, async ({ path }) => {
        const { json, before, after } = listIn(await readFile(path, "utf8"));
        await write(json, packing);
        return { contents: `${IMPORTS}${before}${reading(packing.file)}${after}`, loader: "js" };
      });
    },
  };
}

/**
 * The list of media types as JSON in a text, which takes V8 a third of the memory that a literal takes, without those
 * that have neither a file's ending nor a character set: nobody finds anything by them.
 * @returns {import("esbuild").Plugin}
 */
export function mediaTypes() {
  return {
    name: "media-types",
    setup: ({ onLoad }) => {
      onLoad({ filter: /mime-db[\\/]db\.json$/ }, async ({ path }) => {
        const all = Object.entries(JSON.parse(await readFile(path, "utf8")));
        const kept = all.filter(
          ([, { extensions, charset }]) => extensions !== undefined || charset !== undefined,
        );
        const json = JSON.stringify(Object.fromEntries(kept));
        return { contents: `module.exports = JSON.parse(${JSON.stringify(json)});`, loader: "js" };
      });
    },
  };
}
