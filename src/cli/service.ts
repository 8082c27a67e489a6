/** `portico service`: Portico runs in the background from log-in on. What is written is shown first, and holds no secret. */

import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { t } from "@vscode/l10n";
import { codeOf, writeWhole } from "../gateway/common/dataFolder.ts";
import { messageOf } from "../gateway/common/errors.ts";
import { agreed } from "./agreed.ts";
import type { ServiceArguments } from "./command.ts";
import { foldersOf } from "./folders.ts";
import type { Console, ExitCode } from "./output.ts";
import type { Screen } from "./screen.ts";
import { MARK, type ServiceFile, serviceFile, UNIT } from "./serviceFiles.ts";

/** Milliseconds that systemd gets; a stop waits for running requests. */
const SYSTEMD_MS = 60_000;

export async function manageService(args: ServiceArguments, console: Console): Promise<ExitCode> {
  const file = fileFor(args, console);
  const byHand = process.platform === "darwin" || process.platform === "win32";
  switch (args.kind) {
    case "service install":
      refusePassing(file);
      return byHand ? showInstall(file, console.out) : install(file, args.yes, console);
    case "service uninstall":
      return byHand ? showCommands(file.uninstall, console.out) : uninstall(file, args.yes, console);
    case "service status":
      return byHand ? showCommands(file.status, console.out) : status(file, console);
  }
}

function fileFor(args: ServiceArguments, { env }: Console): ServiceFile {
  const { config, port, dataDir } = args;
  const command = [
    process.execPath,
    realpathSync(process.argv[1] ?? ""),
    "serve",
    // Named in full: what a shell knows of folders, a service does not.
    ...["--data-dir", foldersOf(dataDir, env).data],
    ...(config === undefined ? [] : ["--config", resolve(config)]),
    ...(port === undefined ? [] : ["--port", String(port)]),
  ];
  const uid = process.getuid?.() ?? 0;
  return serviceFile(command, { platform: process.platform, env, home: homedir(), uid });
}

/** npm may empty npx's folder, and an update of VS Code replaces its program. */
function refusePassing({ text }: ServiceFile): void {
  const by = process.versions.electron !== undefined ? "VS Code" : "npx";
  if (by === "npx" && !/[\\/]_npx[\\/]/.test(text)) return;
  const how = "npm install --global ./portico-VERSION.tgz";
  throw new Error(
    t("This Portico came with {0} and may go away with it. Install one to stay first: {1}", by, how),
  );
}

async function install(file: ServiceFile, yes: boolean, console: Console): Promise<ExitCode> {
  const { out, env } = console;
  const before = await textOf(file.path);
  if (before !== undefined && !before.includes(MARK)) {
    throw new Error(t("{0} was not written by Portico, so it stays as it is.", file.path));
  }
  if (before === file.text) out.line(t("{0} is there already.", file.path));
  else {
    out.line(file.path);
    out.line(file.text);
    if (!(await agreed(t("Write {0}?", file.path), yes, console))) return 1;
    await mkdir(dirname(file.path), { recursive: true });
    await writeWhole(file.path, file.text);
    out.line(t("{0} is written.", file.path));
  }
  for (const command of file.install) {
    const failed = await systemctl(command, env);
    if ("why" in failed) return tellByHand(failed.why, file.install, console);
  }
  out.line(t("Portico runs now, and starts when you log in."));
  out.line(t("To have it start with the computer, before you log in: {0}", "loginctl enable-linger"));
  return 0;
}

async function uninstall(file: ServiceFile, yes: boolean, console: Console): Promise<ExitCode> {
  const { out, env } = console;
  const before = await textOf(file.path);
  if (before === undefined) {
    out.line(t("No service of Portico is installed."));
    return 0;
  }
  if (!before.includes(MARK)) {
    throw new Error(t("{0} was not written by Portico, so it stays as it is.", file.path));
  }
  if (!(await agreed(t("Stop Portico and remove {0}?", file.path), yes, console))) return 1;
  let why: string | undefined;
  for (const command of file.uninstall) {
    const done = await systemctl(command, env);
    if ("why" in done) why = done.why;
  }
  await rm(file.path, { force: true });
  // Where systemd could not be asked: what makes it start at log-in is a link there.
  await rm(join(dirname(file.path), "default.target.wants", UNIT), { force: true });
  out.line(t("{0} is removed. Portico's data stays.", file.path));
  if (why !== undefined) return tellByHand(why, [`systemctl --user stop ${UNIT}`], console);
  await systemctl("systemctl --user daemon-reload", env);
  return 0;
}

async function status(file: ServiceFile, { out, env }: Console): Promise<ExitCode> {
  const text = await textOf(file.path);
  if (text === undefined) {
    out.line(t("No service of Portico is installed."));
    return 1;
  }
  out.line(file.path);
  const enabled = await systemctl(`systemctl --user is-enabled ${UNIT}`, env);
  const active = await systemctl(`systemctl --user is-active ${UNIT}`, env);
  // Both print their word also where they fail.
  if (enabled.said === "" || active.said === "") {
    out.line(t("systemd cannot be asked: {0}", "why" in active ? active.why : ""));
    return 1;
  }
  out.line(t("systemd says: {0}, {1}", enabled.said, active.said));
  return active.said === "active" ? 0 : 1;
}

function showInstall({ path, text, install }: ServiceFile, out: Screen): ExitCode {
  out.line(t("Put this into {0}:", path));
  out.line();
  out.line(text);
  return showCommands(install, out);
}

function showCommands(commands: readonly string[], out: Screen): ExitCode {
  out.line(t("Run this:"));
  for (const command of commands) out.line(`  ${command}`);
  return 0;
}

function tellByHand(why: string, commands: readonly string[], { err }: Console): ExitCode {
  err.line(t("systemd did not do it: {0}", why));
  err.line(t("Run it yourself:"));
  for (const command of commands) err.line(`  ${command}`);
  return 1;
}

type Asked = { readonly said: string } | { readonly said: string; readonly why: string };

/** @param command of words without blanks */
function systemctl(command: string, env: Console["env"]): Promise<Asked> {
  const [program = "", ...args] = command.split(" ");
  return new Promise((resolve) => {
    execFile(program, args, { timeout: SYSTEMD_MS, env }, (error, stdout, stderr) => {
      const said = stdout.trim();
      if (error === null) resolve({ said });
      else resolve({ said, why: stderr.trim().split("\n")[0] || messageOf(error) });
    });
  });
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
