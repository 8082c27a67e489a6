/**
 * What VS Code runs, at its next start, after the extension was uninstalled for good (`vscode:uninstall` in
 * package.json): a Node.js process without VS Code's API, which it ends after five seconds.
 * https://code.visualstudio.com/api/references/extension-manifest#extension-uninstall-hook
 */
import { resolve } from "node:path";
import { restoreClients } from "./afterUninstall.ts";

/** Milliseconds. Every file is written whole or not at all, whenever this ends. */
const ALL_MS = 4700;

setTimeout(() => process.exit(), ALL_MS).unref();
await restoreClients(process.env, resolve(import.meta.dirname, ".."));
process.exit();
