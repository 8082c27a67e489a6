// Bundles everything into dist/: the extension, its gateway worker, the pages and the command line.
//   node esbuild.mjs [--production] [--watch] [--quiet]
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";
import { noticesOf } from "./scripts/lib/notices.mjs";
import { writeNativeTexts } from "./scripts/lib/ownTexts.mjs";
import { mediaTypes, packed, packedPrices } from "./scripts/lib/packed.mjs";
import { pagesBundle } from "./scripts/lib/pages.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);
const production = process.argv.includes("--production");
const watching = process.argv.includes("--watch");
const { version } = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8"));

/** What bundled CommonJS packages need in an ES module. */
const requireShim =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22",
  minify: production,
  sourcemap: production ? false : "linked",
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
  define: {
    __PORTICO_VERSION__: JSON.stringify(version),
    // Asked by undici, which leaves out a second, experimental parser then, as in Node.js itself.
    esbuildDetection: "true",
  },
  alias: {
    // Its CommonJS build loads its parts in a way that cannot be bundled.
    "jsonc-parser": require.resolve("jsonc-parser").replace(/umd([\\/])main\.js$/, "esm$1main.js"),
    // A list, of which several packages bring a version each: the newest has all that is in the others.
    "mime-db": require.resolve("mime-db"),
    // Half a megabyte of character sets, which the platform has as well.
    "iconv-lite": "./scripts/lib/charsets.ts",
    undici: "./scripts/lib/undici.cjs",
    // Its index loads OpenTelemetry's SDK with it, down to what reads the identity of the machine.
    "@opentelemetry/otlp-transformer":
      "./node_modules/@opentelemetry/otlp-transformer/dist/trace/protobuf/trace.mjs",
  },
};

/** @type {import("esbuild").BuildOptions[]} */
const bundles = [
  {
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.cjs",
    format: "cjs",
    external: ["vscode"],
    // What it imports later has to find VS Code's own module, which is there for `require` alone.
    supported: { "dynamic-import": false },
    plugins: [apart("./seldom.ts", "./seldom.cjs")],
  },
  { entryPoints: ["src/vscode/seldom.ts"], outfile: "dist/seldom.cjs", format: "cjs", external: ["vscode"] },
  // The gateway: as a thread of VS Code's, and as a command line; and what VS Code runs after it has uninstalled the
  // extension. What they have in common is there once.
  {
    entryPoints: [
      { in: "src/gateway/worker.ts", out: "worker" },
      { in: "src/cli/main.ts", out: "portico" },
      { in: "src/cli/uninstall.ts", out: "uninstall" },
    ],
    outdir: "dist",
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]",
    banner: { js: requireShim },
    plugins: [
      lazyHttp(),
      mediaTypes(),
      apart("../gateway/pool/shared.ts", "./pool.js"),
      cleared("dist", /-[0-9A-Z]{8}\.js(\.map)?$/),
    ],
  },
  // What speaks to a pool's engine: loaded where one is configured, and not in the extension.
  {
    entryPoints: ["src/gateway/pool/shared.ts"],
    outfile: "dist/pool.js",
    format: "esm",
    banner: { js: requireShim },
  },
  // The thread that counts tokens, started by both of its neighbours.
  {
    entryPoints: ["src/gateway/records/tokensWorker.ts"],
    outfile: "dist/tokens.js",
    format: "esm",
    plugins: [
      packed({
        module: /gpt-tokenizer[\\/]esm[\\/]bpeRanks[\\/]o200k_base\.js$/,
        file: new URL("dist/tokens.br", import.meta.url),
        best: production,
      }),
    ],
  },
  // The thread that keeps recorded requests, started likewise.
  {
    entryPoints: ["src/gateway/records/recordsWorker.ts"],
    outfile: "dist/records.js",
    format: "esm",
    banner: { js: requireShim },
    plugins: [
      packedPrices({
        module: /@pydantic[\\/]genai-prices[\\/]dist[\\/]index\.js$/,
        file: new URL("dist/prices.br", import.meta.url),
        best: production,
      }),
    ],
  },
  { ...pagesBundle, plugins: [...pagesBundle.plugins, cleared("dist/webviews")] },
  // Runs on every Node.js that there is, to say which one is needed. The last: whether all is built is
  // seen by its time.
  {
    entryPoints: ["src/cli.ts"],
    outfile: "dist/cli.js",
    format: "esm",
    target: "node16",
    banner: { js: "#!/usr/bin/env node" },
    plugins: [apart("./cli/main.ts", "./portico.js"), executable("dist/cli.js")],
  },
].filter(({ entryPoints }) => existsSync(new URL(entryPoints[0].in ?? entryPoints[0], import.meta.url)));

/** Milliseconds after which nobody runs an earlier build any more, and loads parts of it. None goes into a package. */
const KEPT_MS = production ? 0 : 24 * 3_600_000;

/**
 * Names of parts change with what is in them, so those of earlier builds would pile up.
 * @param {string} folder @param {RegExp} parts @returns {import("esbuild").Plugin}
 */
function cleared(folder, parts = /./) {
  const at = new URL(`${folder}/`, import.meta.url);
  return {
    name: "cleared",
    setup: ({ onEnd }) => {
      onEnd(async ({ errors, metafile }) => {
        if (errors.length > 0 || metafile === undefined || !existsSync(at)) return;
        const old = (await readdir(at)).filter(
          (name) => parts.test(name) && metafile.outputs[`${folder}/${name}`] === undefined,
        );
        for (const name of old) {
          const file = new URL(name, at);
          if (Date.now() - (await stat(file)).mtimeMs >= KEPT_MS) await rm(file);
        }
      });
    },
  };
}

/**
 * An import that stays one, of a bundle of its own.
 * @param {string} source @param {string} bundle @returns {import("esbuild").Plugin}
 */
function apart(source, bundle) {
  return {
    name: "apart",
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\./ }, ({ path }) =>
        path === source ? { path: bundle, external: true } : undefined,
      );
    },
  };
}

/**
 * An ES module that imports `node:http` has Node.js read each of its exports, and some of them load all of `fetch`:
 * 2.4 MB, and a tenth of a second on a slow machine. Asked for the module itself, it reads none.
 * @returns {import("esbuild").Plugin}
 */
function lazyHttp() {
  return {
    name: "lazy-http",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) =>
        kind === "import-statement" ? { path: "node:http", namespace: "lazy-http" } : undefined,
      );
      onLoad({ filter: /./, namespace: "lazy-http" }, () => ({
        contents: 'module.exports = process.getBuiltinModule("node:http");',
      }));
    },
  };
}

/** @param {string} file @returns {import("esbuild").Plugin} */
function executable(file) {
  return {
    name: "executable",
    setup: ({ onEnd }) => {
      onEnd(async ({ errors }) => {
        if (errors.length === 0) await chmod(new URL(file, import.meta.url), 0o755);
      });
    },
  };
}

/** Size of each bundle and of the packages that weigh most in it. */
function report({ outputs }) {
  for (const [file, { bytes, inputs }] of Object.entries(outputs)) {
    if (file.endsWith(".map")) continue;
    const weights = new Map();
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "portico";
      weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
    }
    const heaviest = [...weights].sort(([, a], [, b]) => b - a).slice(0, 5);
    const parts = heaviest.map(([name, size]) => `${name} ${kilobytes(size)}`).join(", ");
    console.error(`${file.padEnd(20)} ${kilobytes(bytes).padStart(8)}  (${parts})`);
  }
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(0)} kB`;
}

async function run() {
  if (watching) {
    await writeNativeTexts();
    for (const bundle of bundles) await (await context({ ...common, ...bundle, logLevel: "info" })).watch();
    return;
  }
  // A package must not hold what an earlier build left; a running gateway must not lose its files.
  if (production) await rm(new URL("dist/", import.meta.url), { recursive: true, force: true });
  await writeNativeTexts();
  const inputs = new Set();
  for (const bundle of bundles) {
    const { metafile } = await build({ ...common, ...bundle });
    for (const input of Object.keys(metafile.inputs)) inputs.add(input);
    // Sizes are for whoever builds, not for whoever starts.
    if (!process.argv.includes("--quiet")) report(metafile);
  }
  await writeFile(new URL("dist/third-party-notices.txt", import.meta.url), noticesOf(root, inputs));
}

// esbuild has already said what is wrong, and where.
run().catch((error) => {
  if (!Array.isArray(error?.errors)) console.error(error);
  process.exitCode = 1;
});
