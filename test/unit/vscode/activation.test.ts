import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bestOf } from "../../support/bestOf.ts";

/** Milliseconds of work, as promised. */
const ACTIVATION_MS = 50;
const bundle = fileURLToPath(new URL("../../../dist/extension.cjs", import.meta.url));

/** Loads and activates the bundle in a new process, against an editor that answers at once; prints the milliseconds it worked. */
const PROGRAM = `
// An extension host has them long since.
for (const name of ["http", "https", "net", "tls", "fs/promises", "crypto", "os", "path", "worker_threads"]) require("node:" + name);
const Module = require("node:module");
const anything = () =>
  new Proxy(function () {}, {
    get: (_target, key) => (key === "then" ? undefined : key === Symbol.toPrimitive ? () => "" : anything()),
    apply: () => anything(),
    construct: () => anything(),
    set: () => true,
  });
const names = "window workspace commands env Uri ThemeIcon ThemeColor QuickPickItemKind ProgressLocation StatusBarAlignment ConfigurationTarget Disposable EventEmitter MarkdownString LogLevel QuickInputButtons CancellationTokenSource l10n extensions lm";
const editor = Object.fromEntries(names.split(" ").map((name) => [name, anything()]));
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? editor : load(name, ...rest));
const context = { extensionPath: "/x", subscriptions: [], secrets: anything(), globalState: anything(), globalStorageUri: { fsPath: "/x" }, extension: { packageJSON: {} } };
const began = process.cpuUsage();
require(process.argv[1]).activate(context);
const { user, system } = process.cpuUsage(began);
process.stdout.write(String((user + system) / 1000));
process.exit(context.subscriptions.length > 0 ? 0 : 1);
`;

describe.skipIf(!existsSync(bundle))("activation (skipped without a build: npm run build)", () => {
  it("takes under 50 ms of our own, loading included", async () => {
    // Work and not time, which other programs stretch; the best of some, because they empty caches as well.
    const run = () => Number(execFileSync(process.execPath, ["-e", PROGRAM, bundle], { encoding: "utf8" }));
    expect(await bestOf(run, ACTIVATION_MS, 20)).toBeLessThan(ACTIVATION_MS);
  });
});
