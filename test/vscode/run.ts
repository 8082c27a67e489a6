/** Runs the scenario in the first VS Code that can be had. Argument: the options as JSON. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../support/port.ts";
import { startCodeServer } from "./codeServer.ts";
import { type Editor, type EditorOptions, say } from "./editor.ts";
import { startElectron } from "./electron.ts";
import { PATIENCE_MS } from "./patience.ts";
import { scenario } from "./scenario.ts";
import { type Servers, startServers } from "./servers.ts";
import { Stage } from "./stage.ts";

interface Options {
  scratch: string;
  cache: string;
  extensions: string[];
  screenshots: string;
}

const options = JSON.parse(process.argv[2] ?? "{}") as Options;
const { scratch, screenshots } = options;
const wanted = process.env.PORTICO_VSCODE;

let passed = 0;
let failed = 0;
let skipped = 0;

/** Milliseconds for one step, however it hangs. */
const STEP_MS = 4 * PATIENCE_MS;

function within<T>(milliseconds: number, job: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([job, late]).finally(() => clearTimeout(timer));
}

/** One line of the outcome. */
function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function startEditor(port: number, servers: Servers): Promise<Editor> {
  const settings = {
    "portico.port": port,
    "http.proxy": servers.internet.proxy,
    "workbench.reduceMotion": "on",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    // Room for the pages.
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    // So that files are chosen in the editor, not in the system's dialogs.
    "files.simpleDialog.enable": true,
    "chat.disableAIFeatures": true,
    "telemetry.telemetryLevel": "off",
    "security.workspace.trust.enabled": false,
    "git.enabled": false,
    // In a browser VS Code has it behind this.
    "issueReporter.experimental.webReporter": true,
    // Its notices of ports would crowd out Portico's: VS Code shows three at a time.
    "remote.autoForwardPorts": false,
  };
  await mkdir(join(scratch, "data", "User"), { recursive: true });
  await writeFile(join(scratch, "data", "User", "settings.json"), JSON.stringify(settings, undefined, 2));
  const editorOptions: EditorOptions = {
    ...options,
    node: process.execPath,
    env: { PORTICO_TEST_DIR: join(scratch, "companions"), ...servers.env },
  };
  if (wanted === "code-server") return startCodeServer(editorOptions);
  try {
    return await startElectron(editorOptions);
  } catch (error) {
    if (wanted === "electron") throw error;
    say(`VS Code on the desktop cannot be used here: ${error instanceof Error ? error.message : error}`);
    say("Using code-server instead.");
    return startCodeServer(editorOptions);
  }
}

await rm(screenshots, { recursive: true, force: true });
const servers = await startServers(scratch);
const port = await freePort();
let editor: Editor | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void Promise.resolve(editor?.stop()).finally(() => process.exit(1));
  });
}
try {
  editor = await startEditor(port, servers);
  report(`In ${editor.name}:`);
  const stage = new Stage({ editor, scratch, screenshots, servers, port });
  for (const { name, run } of scenario(stage, process.env.PORTICO_VSCODE_ONLY ?? "")) {
    // Each step builds on those before it.
    if (failed > 0) {
      skipped += 1;
      report(`  skipped  ${name} (a step before it failed)`);
      continue;
    }
    const begin = performance.now();
    try {
      const note = await within(STEP_MS, run());
      passed += 1;
      report(`  passed   ${name} (${Math.round(performance.now() - begin)} ms)${note ? `: ${note}` : ""}`);
    } catch (error) {
      failed += 1;
      report(`  FAILED   ${name}\n${error instanceof Error ? error.stack : String(error)}`);
      await stage.showFailure();
    }
  }
} catch (error) {
  failed += 1;
  report(error instanceof Error ? String(error.stack) : String(error));
} finally {
  await editor?.stop();
  await servers.close();
}
report(`Screenshots: ${screenshots}`);
report(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
