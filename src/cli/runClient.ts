/** `portico run CLIENT`: one run of a tool on Portico, without a file of its own touched. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { t } from "@vscode/l10n";
import { LOCAL_HOSTS } from "../control/noProxy.ts";
import { systemHost } from "../gateway/clients/connections.ts";
import { findProgram } from "../gateway/clients/detect.ts";
import { planRun, type RunPlan } from "../gateway/clients/runs.ts";
import { runnable } from "../gateway/clients/table/index.ts";
import { codeOf } from "../gateway/common/dataFolder.ts";
import { type FoundTarget, targetOf, whichModel } from "./clientTarget.ts";
import { type RunArguments, UsageError } from "./command.ts";
import { connectRunning } from "./connect.ts";
import { type Console, steering } from "./output.ts";
import type { Session } from "./session.ts";
import { using } from "./using.ts";

/** Lines of our own log that are shown when the tool has ended. */
const SHOWN_LINES = 20;

/** @returns the tool's exit code; 128 and the signal's number where a signal ended it */
export async function runClient(args: RunArguments, console: Console): Promise<number> {
  const spec = runnable(args.client);
  const host = systemHost(console.env);
  const program = findProgram(spec.programs, host);
  if (program === undefined) {
    throw new Error(t("{0} is not on the path. Get it: {1}", spec.label, spec.install));
  }
  const lines: string[] = [];
  // The terminal is the tool's while it runs.
  const write = (line: string) => {
    lines.push(line.trimEnd());
    if (lines.length > SHOWN_LINES) lines.shift();
  };
  try {
    return await using(gateway({ ...steering(console, args), write }), async (session) => {
      const found = await targetOf(session);
      const { model } = args;
      if (model === undefined && spec.ownModels === undefined)
        throw new UsageError(whichModel(spec, found.models, "run"));
      const folder = await mkdtemp(join(tmpdir(), "portico-run-"));
      try {
        const target = {
          ...addressOf(found),
          noProxy: LOCAL_HOSTS,
          ...(model === undefined ? {} : { model }),
        };
        const plan = planRun(spec.id, target, { host, folder, read });
        if (plan === undefined)
          throw new UsageError(t("{0} cannot be run so; connect it instead", spec.label));
        for (const [name, text] of Object.entries(plan.files)) {
          const file = join(folder, name);
          await mkdir(dirname(file), { recursive: true, mode: 0o700 });
          await writeFile(file, text, { mode: 0o600 });
        }
        return await ended(program, plan, args.rest, console);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  } finally {
    for (const line of lines) console.err.line(line);
  }
}

const addressOf = ({ baseUrl, key }: FoundTarget) => ({ baseUrl, key });

/** The one that runs, else one of our own on a free port, gone with the tool. */
async function gateway(options: Parameters<typeof connectRunning>[0]): Promise<Session> {
  const running = await connectRunning(options);
  if (running !== undefined) {
    const { proxy } = await running.call("status.get", undefined);
    if (proxy.kind === "running") return running;
    await running[Symbol.asyncDispose]();
    throw new Error(t("Portico is here, but its proxy does not run. Start it first: {0}", "portico start"));
  }
  const { openLocalSession } = await import("./localSession.ts");
  const own = await openLocalSession(options);
  try {
    const { proxy } = await own.call("proxy.start", { port: 0 });
    if (proxy.kind === "failed") throw new Error(proxy.message);
    return own;
  } catch (error) {
    await own[Symbol.asyncDispose]();
    throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** What `cmd.exe` takes as it is. */
const HARMLESS = /^[\w@+=:./\\-]+$/;

function ended(
  program: string,
  plan: RunPlan,
  rest: readonly string[],
  { env, stdin }: Console,
): Promise<number> {
  const args = [...plan.args, ...rest];
  const shell = /\.(?:cmd|bat)$/i.test(program);
  const bad = shell ? args.find((each) => !HARMLESS.test(each)) : undefined;
  if (bad !== undefined) {
    throw new UsageError(
      t("Windows cannot hand {0} to {1} unchanged; connect it instead", JSON.stringify(bad), program),
    );
  }
  return new Promise((resolve, reject) => {
    const child = spawn(shell ? `"${program}"` : program, args, {
      stdio: "inherit",
      env: { ...env, ...plan.env },
      shell,
    });
    // What the terminal sends reaches the tool anyway, and what it does about it is its own affair.
    const pass = (signal: NodeJS.Signals) => {
      if (signal !== "SIGINT" || stdin.isTTY !== true) child.kill(signal);
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, pass);
    const done = () => {
      for (const signal of signals) process.off(signal, pass);
    };
    child.once("error", (error) => {
      done();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
