/** A real engine for pools: a `redis-server` of one test's own, which it may freeze, kill, empty and start anew. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { freePort } from "./port.ts";

function found(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** `undefined`: none is installed; Debian has it in its package `redis-server`. */
export const redisPath = ["redis-server", "valkey-server"].find(found);

export interface Redis extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it anew, empty, at the same port. */
  again(): Promise<void>;
  /** One command, as `redis-cli` takes it; its reply as it comes. */
  command(...words: string[]): Promise<string>;
}

/** @param options as on its command line; with TLS, `port` says where it listens without */
export async function startRedis(options: readonly string[] = [], port?: number): Promise<Redis> {
  const at = port ?? (await freePort());
  let child: ChildProcess;
  const begin = async () => {
    child = spawn(
      redisPath ?? "redis-server",
      ["--port", String(at), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", ...options],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (/Ready to accept connections/i.test(said)) resolve();
      });
      child.on("exit", () => reject(new Error(`redis-server ended:\n${said}`)));
    });
  };
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  await begin();
  return {
    port: at,
    url: `redis://127.0.0.1:${at}`,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill: end,
    again: begin,
    command: (...words) =>
      new Promise((resolve, reject) => {
        const socket = connect(at, "127.0.0.1");
        socket.setEncoding("utf8").on("error", reject);
        socket.once("data", (text) => {
          socket.destroy();
          resolve(String(text));
        });
        socket.write(
          `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`,
        );
      }),
    [Symbol.asyncDispose]: end,
  };
}
