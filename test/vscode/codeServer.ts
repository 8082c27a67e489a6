/** VS Code in a browser: code-server from npm, installed once into a cache outside of the project. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { LANGUAGES } from "../../src/control/languages.ts";
import { wholeBrowserPath } from "../support/chromium.ts";
import { nativeBuildEnvironment, pathWithNode } from "../support/nativeBuild.ts";
import { freePort } from "../support/port.ts";
import { type Editor, type EditorOptions, say } from "./editor.ts";
import { PATIENCE_MS, until } from "./patience.ts";

const VERSION = "4.139.1";

const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @throws with what is missing and how to get it. */
export async function startCodeServer(options: EditorOptions): Promise<Editor> {
  const browserPath = findBrowser();
  const entry = await install(options.cache, options.node);
  const { scratch, node } = options;
  const folders = ["--user-data-dir", join(scratch, "data"), "--extensions-dir", join(scratch, "extensions")];
  const env = { ...process.env, ...options.env, PATH: pathWithNode(node, options.env.PATH) };
  for (const vsix of options.extensions) {
    await finished(
      spawn(node, [entry, ...folders, "--install-extension", vsix], { env, stdio: "pipe" }),
      vsix,
    );
  }
  const port = await freePort();
  const server = spawn(
    node,
    [
      entry,
      "--auth",
      "none",
      "--bind-addr",
      `127.0.0.1:${port}`,
      "--disable-telemetry",
      "--disable-update-check",
      "--disable-workspace-trust",
      ...folders,
    ],
    { env, stdio: "pipe", detached: process.platform !== "win32" },
  );
  const output = collect(server);
  let browser: Browser | undefined;
  let context: BrowserContext | undefined;
  const stop = async () => {
    await browser?.close();
    await kill(server);
  };
  try {
    await answers(`http://127.0.0.1:${port}/healthz`, output);
    browser = await chromium.launch({
      executablePath: browserPath,
      args: BROWSER_ARGS,
      timeout: PATIENCE_MS,
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  } catch (error) {
    await stop();
    throw error;
  }
  const open = context;
  return {
    name: `code-server ${VERSION}`,
    async openWindow(folder): Promise<Page> {
      const page = await open.newPage();
      await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
      return page;
    },
    speak: (language) => speak(scratch, language),
    stop,
  };
}

/** As VS Code's server reads it for each window: the choice, and the packs of `languages`, which an install leaves out. */
async function speak(scratch: string, language: string | undefined): Promise<void> {
  const data = join(scratch, "data");
  const choice = join(data, "User", "argv.json");
  if (language === undefined) return rm(choice, { force: true });
  const extensions = [{ extensionIdentifier: { id: "portico-test.languages" }, version: "0.0.1" }];
  const texts = join(scratch, "extensions", "portico-test.languages-0.0.1", "texts.i18n.json");
  const pack = (label: string) => ({ hash: label, extensions, translations: { vscode: texts }, label });
  const packs = Object.fromEntries(Object.keys(LANGUAGES).map((each) => [each, pack(each)]));
  await writeFile(join(data, "languagepacks.json"), JSON.stringify(packs));
  await writeFile(choice, JSON.stringify({ locale: language }));
}

function findBrowser(): string {
  if (wholeBrowserPath === undefined)
    throw new Error("No Chromium or Chrome found. Install one, or name it in PORTICO_BROWSER.");
  return wholeBrowserPath;
}

/** @returns code-server's entry script. Its native parts are built for the Node.js given. */
async function install(cache: string, node: string): Promise<string> {
  const folder = join(cache, "code-server");
  const entry = join(folder, "node_modules", "code-server", "out", "node", "entry.js");
  const mark = join(folder, `installed-${VERSION}`);
  if (existsSync(mark)) return entry;
  say(`Installing code-server ${VERSION} into ${folder} (about two minutes, once) …`);
  await mkdir(folder, { recursive: true });
  const allowScripts = { [`code-server@${VERSION}`]: true, argon2: true };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, allowScripts }));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const child = spawn(npm, ["install", "--no-audit", "--no-fund", `code-server@${VERSION}`], {
    cwd: folder,
    env: nativeBuildEnvironment(node),
    stdio: "pipe",
    shell: process.platform === "win32",
  });
  await finished(
    child,
    "npm install code-server (on Debian it needs build-essential, libkrb5-dev and pkg-config)",
  );
  await writeFile(`${mark}.tmp`, "");
  await rename(`${mark}.tmp`, mark);
  return entry;
}

function collect(child: ChildProcess): { text: string } {
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      output.text = (output.text + String(data)).slice(-20_000);
    });
  }
  return output;
}

async function finished(child: ChildProcess, what: string): Promise<void> {
  const output = collect(child);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new Error(`${what} failed:\n${output.text}`);
}

async function answers(url: string, output: { text: string }): Promise<void> {
  const look = () => fetch(url).catch(() => undefined);
  await until(look, () => `code-server does not answer:\n${output.text}`);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  // It leads a process group of its own, with the extension hosts in it.
  if (process.platform === "win32") child.kill();
  else process.kill(-child.pid, "SIGTERM");
  const late = setTimeout(() => {
    if (child.pid !== undefined && process.platform !== "win32") process.kill(-child.pid, "SIGKILL");
  }, 5000);
  await exited;
  clearTimeout(late);
}
