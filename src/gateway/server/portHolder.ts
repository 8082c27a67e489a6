/** Who has a port that we wanted. Best effort: every step may find nothing. */

import { readdir, readFile, readlink } from "node:fs/promises";
import * as http from "node:http";
import { isIPv6 } from "node:net";
import * as z from "zod";
import { parseJson } from "../common/json.ts";

/** Milliseconds; a person waits for the answer. */
const PROBE_MS = 1000;
const MAX_BODY = 4096;
const MAX_PROCESSES = 20_000;

const healthSchema = z.object({ name: z.literal("portico"), version: z.string().max(40).optional() });

export interface PortHolder {
  /** Words such as `another Portico 0.1.0 (pid 4711)` or `node (pid 4711)`. */
  readonly name: string;
  /** Base URL, where it is another Portico: what is sent to it is served. */
  readonly other?: string;
}

/** @returns `undefined`: not known */
export async function findPortHolder(port: number, address: string): Promise<PortHolder | undefined> {
  const [server, process] = await Promise.all([probe(port, address), listeningProcess(port)]);
  if (server?.startsWith(PORTICO)) {
    const name = process === undefined ? server : `${server} (pid ${process.pid})`;
    return { name, other: `http://${authorityOf(port, address)}` };
  }
  if (process !== undefined) return { name: `${process.name} (pid ${process.pid})` };
  return server === undefined ? undefined : { name: server };
}

const PORTICO = "another Portico";

const hostOf = (address: string): string =>
  address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;

function authorityOf(port: number, address: string): string {
  const host = hostOf(address);
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Asks the port itself, as any HTTP client would. */
function probe(port: number, address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = http.get(
      {
        host: hostOf(address),
        port,
        path: "/healthz",
        agent: false,
        signal: AbortSignal.timeout(PROBE_MS),
        headers: { host: authorityOf(port, address) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MAX_BODY) request.destroy();
        });
        response.on("close", () => resolve(describe(text, String(response.headers.server ?? ""))));
      },
    );
    request.on("error", () => resolve(undefined));
  });
}

function describe(body: string, serverHeader: string): string {
  const health = healthSchema.safeParse(parseJson(body));
  if (health.success) {
    const { version } = health.data;
    return version === undefined ? PORTICO : `${PORTICO} ${version}`;
  }
  const name = serverHeader.replace(/[^\x20-\x7e]/g, "").slice(0, 60);
  return name === "" ? "an HTTP server" : `the HTTP server ${name}`;
}

/** Linux: the socket's inode from the kernel's table, then the process that has it open. */
async function listeningProcess(port: number): Promise<{ pid: number; name: string } | undefined> {
  if (process.platform !== "linux") return undefined;
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readText(file)));
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const wanted = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  const pids = (await listFolder("/proc")).filter((name) => /^\d+$/.test(name)).slice(0, MAX_PROCESSES);
  for (const pid of pids) {
    for (const descriptor of await listFolder(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (!wanted.has(target)) continue;
      return { pid: Number(pid), name: await processName(pid) };
    }
  }
  return undefined;
}

/** Node names its main thread `MainThread`, and the thread's name is what `comm` holds: then the program's file. */
async function processName(pid: string): Promise<string> {
  const name = (await readText(`/proc/${pid}/comm`)).trim();
  if (name !== "" && name !== "MainThread") return name;
  const [program = ""] = (await readText(`/proc/${pid}/cmdline`)).split("\0", 1);
  return program.slice(program.lastIndexOf("/") + 1).slice(0, 60) || "a program";
}

/** Columns of proc_net_tcp(5): local address `HEX:PORT`, state `0A` is LISTEN, the tenth is the inode. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    return columns[1]?.endsWith(suffix) && columns[3] === "0A" && inode !== undefined ? [inode] : [];
  });
}

const readText = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
const listFolder = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
