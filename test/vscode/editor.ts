/** What the tests need of a VS Code, wherever it runs. */
import type { Page } from "playwright-core";

export interface EditorOptions {
  /** A folder of this run alone; `data/User/settings.json` is written already. */
  scratch: string;
  /** Where downloads are kept between runs. */
  cache: string;
  /** The Node.js to run things with. */
  node: string;
  /** `.vsix` files to install. */
  extensions: readonly string[];
  /** For the extension hosts. */
  env: Readonly<Record<string, string>>;
}

export interface Editor {
  readonly name: string;
  /** A new window with this folder. */
  openWindow(folder: string): Promise<Page>;
  /**
   * The display language of windows that are loaded from now on, without VS Code's own texts in it. Absent: it cannot
   * be had without a language pack.
   * @param language as VS Code names it (`ko`, `zh-cn`); `undefined`: English
   */
  speak?(language: string | undefined): Promise<void>;
  stop(): Promise<void>;
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
