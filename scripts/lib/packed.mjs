// Large tables of a package, packed beside the bundle: Brotli makes a third less of them than a .vsix does,
// and their source is not kept in memory.
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

/** @param {Buffer} bytes @param {number} quality 0 to 11; the last takes seconds per megabyte */
const compress = (bytes, quality) =>
  promisify(brotliCompress)(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });

/**
 * Takes the place of a module whose default export is JSON.
 * @param {{module: RegExp, file: URL, best: boolean}} options `file`: beside the bundle, which reads it when it loads
 * @returns {import("esbuild").Plugin}
 */
export function packed({ module, file, best }) {
  const name = file.pathname.split("/").at(-1);
  return {
    name: "packed",
    setup: ({ onLoad }) => {
      onLoad({ filter: module }, async ({ path }) => {
        const { default: table } = await import(pathToFileURL(path).href);
        await writeFile(file, await compress(Buffer.from(JSON.stringify(table)), best ? 11 : 4));
        return {
          contents: `import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
export default JSON.parse(brotliDecompressSync(readFileSync(new URL(${JSON.stringify(`./${name}`)}, import.meta.url))).toString());`,
        };
      });
    },
  };
}
