/** The processes of a run: the provider, a bare pipe, and the gateway as people start it. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface Running {
  readonly child: ChildProcess;
  readonly port: number;
}

/** As `usage.mjs` tells it. */
export interface ProcessUsage {
  /** Microseconds of CPU of all threads, user and system. */
  readonly cpu: number;
  /** Bytes of memory, and those of them that no file backs. */
  readonly rss: number;
  readonly anonymous: number;
  /** Milliseconds by which the main thread's timers were late since it was told `delay`: the 99th percentile. */
  readonly delay: number;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const started: ChildProcess[] = [];
const folders: string[] = [];

/** The provider, or the pipe: whatever says its port over the channel. */
export function start(file: string, ...args: string[]): Promise<Running> {
  const child = fork(here(file), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  started.push(child);
  return new Promise((resolve, reject) => {
    child.once("message", (ready: { port: number }) => resolve({ child, port: ready.port }));
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}`)));
  });
}

export interface GatewayOptions {
  /** Base URL of the provider. */
  readonly upstream: string;
  /** Folder of a build. */
  readonly dist?: string;
  /** Default: as people have it. */
  readonly recording?: boolean;
  readonly flags?: readonly string[];
}

/** `portico serve` of a production build, with an account for each protocol of the provider, its log in a file. */
export function startGateway(options: GatewayOptions): Promise<Running> {
  const { upstream, dist = here("../dist"), recording = true, flags = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), "portico-bench-"));
  folders.push(folder);
  const config = join(folder, "config.json");
  const account = (id: string, endpoints: object) => ({
    id,
    provider: "custom",
    endpoints,
    credentials: { apiKey: "bench-key" },
    models: [id],
  });
  const settings = {
    records: { enabled: recording },
    accounts: [
      account("bench", { "openai-chat": `${upstream}/v1` }),
      account("bench-anthropic", { anthropic: upstream }),
    ],
  };
  writeFileSync(config, JSON.stringify(settings));
  const args = ["serve", "--config", config, "--data-dir", join(folder, "data"), "--port", "0"];
  const child = fork(join(dist, "cli.js"), [...args, "--no-dashboard"], {
    stdio: ["ignore", "pipe", openSync(join(folder, "log"), "w"), "ipc"],
    execArgv: [...flags, "--import", pathToFileURL(here("usage.mjs")).href],
  });
  started.push(child);
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (data: Buffer) => {
      const port = /:(\d+)\s*$/.exec(data.toString().trimEnd())?.[1];
      if (port !== undefined) resolve({ child, port: Number(port) });
    });
    child.once("exit", (code) =>
      reject(new Error(`the gateway ended with ${code}; its log is in ${folder}`)),
    );
  });
}

export function usageOf({ child }: Pick<Running, "child">): Promise<ProcessUsage> {
  return new Promise((resolve) => {
    const listen = (reply: { usage?: ProcessUsage }) => {
      if (reply.usage === undefined) return;
      child.off("message", listen);
      resolve(reply.usage);
    };
    child.on("message", listen);
    child.send("usage");
  });
}

export async function stop({ child }: Pick<Running, "child">): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

/** Ends all that were started and removes what they left. */
export async function stopAll(): Promise<void> {
  await Promise.all(started.map((child) => stop({ child })));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
