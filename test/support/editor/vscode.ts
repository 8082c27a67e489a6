/**
 * VS Code's API as far as unit tests of `src/vscode` need it: `vitest.config.ts` gives it to them as `vscode`.
 * It keeps panels as VS Code does, and is as hard on them: what is posted to a page that does not run is lost.
 */

type Listener<T> = (value: T) => void;

class Emitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}

/** A frame of the control API, as a page gets it. */
interface Frame {
  readonly event?: string;
  readonly data?: unknown;
}

export class FakeWebview {
  readonly #messages = new Emitter<unknown>();
  /** What the page that runs now was sent. */
  received: Frame[] = [];
  running = false;
  options: unknown;
  html = "";
  readonly cspSource = "https://*.example";
  readonly onDidReceiveMessage = this.#messages.event;

  asWebviewUri(uri: Uri): Uri {
    return uri;
  }

  async postMessage(message: unknown): Promise<boolean> {
    if (this.running) this.received.push(structuredClone(message) as Frame);
    return this.running;
  }

  /** The page's scripts run from here on, and say so. */
  async run(): Promise<void> {
    this.running = true;
    this.send({ id: 1, method: "events.watch", params: { events: [] } });
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** From the page. */
  send(message: unknown): void {
    this.#messages.fire(message);
  }

  /** The page is gone, and what it was sent with it. */
  unload(): void {
    this.running = false;
    this.received = [];
  }

  /** What the page was told of this event, the latest last. */
  told(event: string): unknown[] {
    return this.received.filter((frame) => frame.event === event).map(({ data }) => data);
  }
}

export class FakePanel {
  readonly webview = new FakeWebview();
  readonly #viewState = new Emitter<undefined>();
  readonly #disposed = new Emitter<undefined>();
  readonly onDidChangeViewState = this.#viewState.event;
  readonly onDidDispose = this.#disposed.event;
  iconPath: unknown;
  // As VS Code has it of a panel that it makes or gives back.
  visible = true;
  disposed = false;

  reveal(): void {
    this.setVisible(true);
  }

  /** Hidden, its page is thrown away. */
  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    if (!visible) this.webview.unload();
    this.#viewState.fire(undefined);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.visible = false;
    this.webview.unload();
    this.#disposed.fire(undefined);
  }
}

interface Serializer {
  deserializeWebviewPanel(panel: FakePanel, state: unknown): Promise<void>;
}

/** What a test sees and steers. */
export const editor = {
  /** Every panel that was made, the latest last. */
  panels: [] as FakePanel[],
  /** A panel of before a reload is given back. @param kept what its page had VS Code keep */
  async restorePanel(kept: unknown): Promise<FakePanel> {
    const panel = new FakePanel();
    editor.panels.push(panel);
    await serializer?.deserializeWebviewPanel(panel, kept);
    return panel;
  },
  /** Commands that were run, with their arguments. */
  ran: [] as unknown[][],
  /** Notifications. */
  said: [] as string[],
  clipboard: "",
  /** Settings of the person's, by their whole names. */
  settings: {} as Record<string, unknown>,
  /** The folder is on another computer; `undefined`: it is not. */
  setRemote(remoteName: string | undefined, uiKind: number = UIKind.Desktop): void {
    env.remoteName = remoteName;
    env.uiKind = uiKind;
  },
  /** Where an address on loopback is reached from outside; by default there. */
  tunnel: (uri: Uri): Uri => uri,
  reset(): void {
    editor.panels = [];
    editor.ran = [];
    editor.said = [];
    editor.clipboard = "";
    editor.settings = {};
    editor.tunnel = (uri) => uri;
    editor.setRemote(undefined);
    serializer = undefined;
  },
};

let serializer: Serializer | undefined;
const nothing = { dispose() {} };

/** The defaults of package.json. */
const DEFAULTS: Readonly<Record<string, unknown>> = { "portico.auth.mode": "off" };

export class Uri {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  static file(path: string): Uri {
    return new Uri(`file://${path}`);
  }
  static parse(path: string): Uri {
    return new Uri(path);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri([base.path, ...parts].join("/"));
  }
  toString(): string {
    return this.path;
  }
}

export class TabInputWebview {}
export const ViewColumn = { Active: -1 };
export const UIKind = { Desktop: 1, Web: 2 };
export const ExtensionKind = { UI: 1, Workspace: 2 };
export const ConfigurationTarget = { Global: 1 };
export const env = {
  language: "en",
  remoteName: undefined as string | undefined,
  uiKind: UIKind.Desktop,
  asExternalUri: async (uri: Uri) => editor.tunnel(uri),
  openExternal: async () => false,
  clipboard: {
    async writeText(text: string) {
      editor.clipboard = text;
    },
  },
};
export const commands = {
  async executeCommand(...args: unknown[]) {
    editor.ran.push(args);
  },
};
export const workspace = {
  getConfiguration: (section: string) => ({
    get: (key: string, otherwise?: unknown) =>
      editor.settings[`${section}.${key}`] ?? DEFAULTS[`${section}.${key}`] ?? otherwise,
    inspect: (key: string) => ({ globalValue: editor.settings[`${section}.${key}`] }),
  }),
};
export const l10n = { bundle: undefined };
export const window = {
  async showInformationMessage(message: string) {
    editor.said.push(message);
  },
  tabGroups: { all: [] },
  registerWebviewPanelSerializer(_type: string, given: Serializer) {
    serializer = given;
    return nothing;
  },
  registerWebviewViewProvider: () => nothing,
  createWebviewPanel(): FakePanel {
    const panel = new FakePanel();
    editor.panels.push(panel);
    return panel;
  },
};
