/** The output channel, at the level the person chose for it. */
import * as vscode from "vscode";
import type { LogLevel } from "../../control/contract.ts";

export function createLogChannel(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel("Portico", { log: true });
}

export function writeLog(channel: vscode.LogOutputChannel, level: LogLevel, message: string): void {
  channel[level](message);
}
