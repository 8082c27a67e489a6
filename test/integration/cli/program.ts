/** The real command line as a child process, and an upstream whose replies a test holds back. */
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { leaksIn } from "../../support/secrets.ts";

export const root = resolve(import.meta.dirname, "../../..");
/** The sources as they stand: Node.js runs them without a build. */
const SOURCE = resolve(root, "src/cli.ts");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program extends AsyncDisposable {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves when standard error has had this text `times` times; rejects when the program ends before. */
  says(text: string, times?: number): Promise<void>;
  /** Resolves with the base URL when the ready line came; rejects when the program ends before. */
  ready(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** Variables that would lead the program elsewhere. */
const FOREIGN = /proxy$|^portico_|^node_/i;

/** Word of running gateways is left apart from that of this computer's user. */
const RUNTIME =
  process.platform === "win32"
    ? { LOCALAPPDATA: join(tmpdir(), `portico-runtime-${process.pid}`) }
    : { XDG_RUNTIME_DIR: join(tmpdir(), `portico-runtime-${process.pid}`) };

/** @param input what is on standard input, to its end; nothing by default */
export function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  file = SOURCE,
  input?: string,
): Program {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...clean, ...RUNTIME, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A program that does not want it may be gone before it is written.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  let stdout = "";
  let stderr = "";
  let over = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    wake();
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.on("error", failed);
    child.on("close", (code, signal) => {
      over = true;
      done({ code, signal });
      wake();
    });
  });
  function until<T>(what: string, found: () => T | undefined): Promise<T> {
    return new Promise((done, failed) => {
      const look = () => {
        const value = found();
        if (value === undefined && !over) return;
        waiting.delete(look);
        if (value !== undefined) done(value);
        else failed(new Error(`ended before ${what}:\n${stdout}\n${stderr}`));
      };
      waiting.add(look);
      look();
    });
  }
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    says: async (text, times = 1) => {
      await until(JSON.stringify(text), () => (stderr.split(text).length > times ? true : undefined));
    },
    ready: () => until("the ready line", () => /listening on (http:\S+)\n/.exec(stdout)?.[1]),
    kill: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      const leaks = [...leaksIn("standard output", stdout), ...leaksIn("standard error", stderr)];
      if (leaks.length > 0) throw new Error(`secrets got out: ${leaks.join("; ")}`);
    },
  };
}

export interface Upstream extends AsyncDisposable {
  /** Base URL for `openai-chat`. */
  readonly url: string;
  /** Resolves with the next request that is held, together with its key. */
  next(): Promise<{ key: string | undefined; reply: ServerResponse }>;
}

/** An OpenAI-style server whose chat requests wait until the test replies. */
export async function startUpstream(): Promise<Upstream> {
  type Held = { key: string | undefined; reply: ServerResponse };
  const held: Held[] = [];
  const wanted: ((request: Held) => void)[] = [];
  const server = createServer((request, reply) => {
    request.resume();
    if (!request.url?.endsWith("/chat/completions")) {
      reply.writeHead(404).end();
      return;
    }
    const one = { key: request.headers.authorization, reply };
    const next = wanted.shift();
    if (next === undefined) held.push(one);
    else next(one);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    next() {
      const one = held.shift();
      return one === undefined ? new Promise((done) => wanted.push(done)) : Promise.resolve(one);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

export function completion(content: string): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

/** A chat request through the gateway. */
export function ask(base: string, model: string, key = "client-key-SEEDED-of-the-test"): Promise<Response> {
  return fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, connection: "close" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
}
