/** What `package.json` can ask of a window: the walkthrough's steps are done when these are true. */
import * as vscode from "vscode";
import type { WindowView } from "../../control/window.ts";

export type ContextKey = "portico.running" | "portico.hasAccounts";

export class Contexts {
  readonly #told = new Map<ContextKey, boolean>();

  show({ status }: WindowView): void {
    this.#set("portico.running", status?.proxy.kind === "running");
    this.#set("portico.hasAccounts", status !== undefined && !status.sandboxOnly);
  }

  #set(key: ContextKey, value: boolean): void {
    if (this.#told.get(key) === value) return;
    this.#told.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  }
}
