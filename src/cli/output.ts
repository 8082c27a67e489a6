/** How the program speaks and ends. */
import type { Environment } from "../gateway/config/load.ts";
import type { Output } from "./boundedOutput.ts";
import { type Screen, screenOn } from "./screen.ts";
import type { ConnectOptions } from "./session.ts";

/** 0: done. 1: failed. 2: called wrongly. */
export type ExitCode = 0 | 1 | 2;

/** What commands are given to speak with. */
export interface Console {
  readonly out: Screen;
  /** For what is no result. */
  readonly err: Screen;
  /** What `out` writes to; absent: it is always read. */
  readonly stdout?: Output;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Environment;
}

export function systemConsole(): Console {
  const { stdout, stderr, stdin, env } = process;
  return { out: screenOn(stdout, env), err: screenOn(stderr, env), stdout, stdin, env };
}

/** JSON as a program reads it, and a person if need be. */
export function json(console: Console, value: unknown): void {
  console.out.line(JSON.stringify(value, undefined, 2));
}

export function steering(
  console: Console,
  { dataDir, config }: Pick<ConnectOptions, "dataDir" | "config">,
): ConnectOptions {
  return { dataDir, config, env: console.env, write: (text) => console.err.line(text.trimEnd()) };
}

/**
 * Both streams are written first: pipes are asynchronous on some systems.
 * @param withinMs even where nobody reads them; absent: whoever asked for the output gets all of it
 */
export function exit(code: number, withinMs?: number): void {
  const end = () => process.exit(code);
  process.stdout.write("", () => process.stderr.write("", end));
  if (withinMs !== undefined) setTimeout(end, withinMs);
}
