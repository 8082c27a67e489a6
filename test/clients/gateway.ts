/** The gateway as people run it: `portico serve` as a process, with a config file. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { SettingsInput } from "../../src/gateway/settings/settings.ts";
import { start } from "../integration/cli/program.ts";

const BUNDLE = resolve(import.meta.dirname, "../../dist/cli.js");

/** A request as the log tells of it. */
export interface Logged {
  readonly method: string;
  readonly path: string;
  /** Absent: no account was asked. */
  readonly lane?: string;
  readonly status: number;
  readonly line: string;
}

export interface RunningGateway extends AsyncDisposable {
  readonly baseUrl: string;
  /** Stops it in good order; from then on its log is whole. Resolves with its exit code. */
  finish(): Promise<number | null>;
  /** Every finished request. */
  requests(): Logged[];
  log(): string;
}

const LINE = /\b([A-Z]+) (\/\S*).* (\d{3}) \d+ ms\b/;
const LANE = / -> \S+ \((\w+)\) /;

function readLog(log: string): Logged[] {
  return log.split("\n").flatMap((line) => {
    const [, method, path, status] = LINE.exec(line) ?? [];
    if (method === undefined || path === undefined) return [];
    // Claude Code opens its connection with this before it has something to ask, whatever comes back.
    if (method === "HEAD" && path === "/") return [];
    const lane = LANE.exec(line)?.[1];
    return [{ method, path, status: Number(status), line, ...(lane === undefined ? {} : { lane }) }];
  });
}

export async function startGateway(folder: string, settings: SettingsInput): Promise<RunningGateway> {
  const home = join(folder, "gateway");
  await mkdir(home, { recursive: true });
  const config = join(home, "portico.json");
  await writeFile(config, JSON.stringify(settings));
  const program = start(
    ["serve", "--port", "0", "--config", config, "--data-dir", join(home, "data")],
    { HOME: home, XDG_RUNTIME_DIR: home },
    BUNDLE,
  );
  const baseUrl = await program.ready();
  return {
    baseUrl,
    async finish() {
      program.kill("SIGTERM");
      return (await program.ended).code;
    },
    requests: () => readLog(program.stderr()),
    log: () => program.stderr(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
