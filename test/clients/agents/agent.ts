/** A command-line agent: how it is pointed at a gateway, and which of its tools do what. */
import type { Protocol } from "../../../src/control/protocol.ts";

export interface Setup {
  /** Where the client packages are installed: holds `node_modules`. */
  readonly installed: string;
  /** The client's home folder, its own. */
  readonly home: string;
  /** The folder it works in. */
  readonly project: string;
  /** The gateway's, without a path. */
  readonly baseUrl: string;
  /** What the client shows the gateway. */
  readonly key: string;
  readonly prompt: string;
  /** A server of tools that the client is to use: a program and its arguments. */
  readonly mcpServer?: readonly [program: string, ...args: string[]];
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** `undefined`: without that variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The input of one tool, for a file (absolute path) and the word in it. */
export type ToolInput = (file: string, word: string) => Readonly<Record<string, unknown>> | string;

export interface Agent {
  readonly name: string;
  /** The protocol it speaks. */
  readonly protocol: Protocol;
  /** Path of its program below `node_modules`. */
  readonly program: readonly string[];
  /** What the person would read: the answer in the output of a run. */
  answer(stdout: string): string;
  /** Tools that read a file: name and input; the first that the client offers is used. */
  readonly read: Readonly<Record<string, ToolInput>>;
  /** Its tool that searches tools, where it declares those of a large server only once they were found. */
  readonly searchTool?: string;
  /** Tools that change the word in a file. */
  readonly edit: Readonly<Record<string, ToolInput>>;
}

/** One that is pointed at a gateway by hand, as the documents of its vendor say. */
export interface PreparedAgent extends Agent {
  /** Writes its configuration below `home` and says how to run it on `prompt`, without questions. */
  prepare(setup: Setup): Promise<Command>;
}
