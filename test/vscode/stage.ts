/** What the steps share: the editor, the windows opened so far, the servers of the tests' own. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readAddress } from "../../src/gateway/controlServer/address.ts";
import { type ControlClient, connectControl } from "../../src/gateway/controlServer/client.ts";
import type { Editor } from "./editor.ts";
import { until } from "./patience.ts";
import type { Servers } from "./servers.ts";
import { Workbench } from "./workbench.ts";

/** Portico's data folder in `scratch`. */
export const STORAGE = ["data", "User", "globalStorage", "portico-gateway.portico"];

const accountsFile = z.object({ accounts: z.array(z.object({ id: z.string() })) });

export interface StageOptions {
  editor: Editor;
  scratch: string;
  screenshots: string;
  servers: Servers;
  /** The setting `portico.port`. */
  port: number;
}

/** `run` may return a measured value, for the report. */
export interface Step {
  name: string;
  run(): Promise<string | undefined>;
}

export class Stage {
  readonly servers: Servers;
  readonly scratch: string;
  /** The setting `portico.port`. */
  port: number;
  readonly windows: Workbench[] = [];
  /** Where pictures go. */
  readonly screenshots: string;
  readonly #editor: Editor;

  constructor({ editor, scratch, screenshots, servers, port }: StageOptions) {
    this.servers = servers;
    this.scratch = scratch;
    this.port = port;
    this.#editor = editor;
    this.screenshots = screenshots;
  }

  /** Where the proxy runs. */
  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where the extension hosts' companions write what they are. */
  get companions(): string {
    return join(this.scratch, "companions");
  }

  async open(folder: string): Promise<Workbench> {
    const path = join(this.scratch, folder);
    await mkdir(path, { recursive: true });
    const opened = new Workbench(await this.#editor.openWindow(path), folder, this.screenshots);
    this.windows.push(opened);
    await opened.ready();
    return opened;
  }

  /** Windows that are loaded from now on. @returns whether this editor can */
  async speak(language: string | undefined): Promise<boolean> {
    await this.#editor.speak?.(language);
    return this.#editor.speak !== undefined;
  }

  /** Those that are open; opens another where there are not two. */
  async two(): Promise<Workbench[]> {
    const open = () => this.windows.filter(({ page }) => !page.isClosed());
    while (open().length < 2) await this.open(`window-${this.windows.length + 1}`);
    return open();
  }

  /** As if it had not been opened. */
  async close(window: Workbench): Promise<void> {
    await window.close();
    this.windows.splice(this.windows.indexOf(window), 1);
  }

  window(index = 0): Workbench {
    const found = this.windows[index];
    if (found === undefined) throw new Error("the window is not open");
    return found;
  }

  /** The first that has not been closed. */
  get first(): Workbench {
    const found = this.windows.find(({ page }) => !page.isClosed());
    if (found === undefined) throw new Error("no window is open");
    return found;
  }

  /** A step in the first window that is open. */
  step(name: string, run: (window: Workbench) => Promise<string | undefined>): Step {
    return { name, run: () => run(this.first) };
  }

  /** Steers the gateway from outside, so that nothing of it is in the way of what is looked at. */
  async control<T>(work: (client: ControlClient) => Promise<T>): Promise<T> {
    const address = await until(
      () => readAddress(join(this.scratch, ...STORAGE, "gateway.json")),
      () => "nobody leads",
    );
    const client = await connectControl(address);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }

  /** Ids of the accounts that are kept. */
  async accounts(): Promise<string[]> {
    const file = join(this.scratch, ...STORAGE, "accounts.json");
    const { accounts } = accountsFile.parse(JSON.parse(await readFile(file, "utf8")));
    return accounts.map(({ id }) => id);
  }

  /** What each window shows, for whoever looks into a failed run. */
  async showFailure(): Promise<void> {
    for (const [index, each] of this.windows.entries())
      if (!each.page.isClosed()) await each.screenshot(`failed-${index + 1}`);
  }
}
