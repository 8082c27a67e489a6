/** What `package.json` can ask of a window: for the walkthrough's steps, and for what the palette offers. */
import * as vscode from "vscode";
import type { WindowView } from "../../control/window.ts";
import { type ContextValues, contextsOf } from "./contextValues.ts";

type ContextKey = keyof ContextValues;

export class Contexts {
  readonly #told = new Map<ContextKey, boolean | string>();

  show({ status }: WindowView, editor: { canChat: boolean }): void {
    for (const [key, value] of Object.entries(contextsOf(status, editor)))
      this.#set(key as ContextKey, value);
  }

  #set(key: ContextKey, value: boolean | string): void {
    if (this.#told.get(key) === value) return;
    this.#told.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  }
}
