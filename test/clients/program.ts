/** Runs a client to its end, in an environment of its own. */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { Command } from "./agents/agent.ts";

export interface Ended {
  /** `null`: it was ended by a signal. */
  readonly code: number | null;
  /** It was still running when its time was over. */
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds that a client gets for its task: seconds are enough, but for a machine that has other work. */
const TIME_LIMIT_MS = 240_000;
/** Characters kept of each output. */
const OUTPUT_LIMIT = 1_000_000;
/** What programs need of the surroundings; keys, proxies and settings of the person's clients stay out. */
const KEPT = [
  "PATH",
  "LANG",
  "TZ",
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ComSpec",
  "PATHEXT",
  "PROCESSOR_ARCHITECTURE",
];

/** The environment for everything below `home`: no proxy for loopback, and none at all. */
export function environment(home: string): Record<string, string> {
  const kept = KEPT.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const path = [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter);
  const temporary = join(home, "tmp");
  return {
    ...Object.fromEntries(kept),
    PATH: path,
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, "AppData", "Roaming"),
    LOCALAPPDATA: join(home, "AppData", "Local"),
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_DATA_HOME: join(home, ".local", "share"),
    XDG_STATE_HOME: join(home, ".local", "state"),
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    TERM: "xterm-256color",
    NO_COLOR: "1",
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
  };
}

/** Resolves when the client has ended, or was ended because its time was over. */
export function runClient(command: Command, home: string, cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const ownGroup = process.platform !== "win32";
    const child = spawn(command.program, command.args, {
      cwd,
      env: { ...environment(home), ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: ownGroup,
    });
    let stdout = "";
    let stderr = "";
    let timedOut = false;
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      if (stdout.length < OUTPUT_LIMIT) stdout += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      if (stderr.length < OUTPUT_LIMIT) stderr += piece;
    });
    const endAll = () => {
      if (child.pid === undefined) return;
      try {
        if (ownGroup) process.kill(-child.pid, "SIGKILL");
        else child.kill();
      } catch {
        // Nobody of the group is left.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      endAll();
    }, TIME_LIMIT_MS);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("exit", () => {
      // What the client left running would hold its pipes open.
      clearTimeout(timer);
      endAll();
    });
    child.on("close", (code) => resolve({ code, timedOut, stdout, stderr }));
  });
}

/** Ends what a client has left running in a folder of the test's, as Cline leaves its hub. On Linux, which tells. */
export async function endLeftovers(folder: string): Promise<void> {
  if (process.platform !== "linux") return;
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (!command.includes(`${folder}/`)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
