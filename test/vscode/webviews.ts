/** Portico's pages within VS Code's own: frames in frames, and what the browser complains about. */
import type { ConsoleMessage, FrameLocator, Locator, Page } from "playwright-core";
import type { Workbench } from "./workbench.ts";

/** Milliseconds; generous, as machines that run tests are busy. */
const PATIENCE_MS = 30_000;

/** The editor panel's document; waits for it. After it was hidden there is another. */
export function panelOf(window: Workbench): Promise<FrameLocator> {
  return find(window, "panel");
}

export function sidebarOf(window: Workbench): Promise<FrameLocator> {
  return find(window, "sidebar");
}

async function find({ page }: Workbench, view: "panel" | "sidebar"): Promise<FrameLocator> {
  const name = await until(() => frameWith(page, view), `there is no ${view}`);
  return page.frameLocator(`iframe.webview[name="${name}"]`).frameLocator("#active-frame");
}

/** Waits until the panel's document is gone, as it is when another editor covers it. */
export async function panelIsHidden({ page }: Workbench): Promise<void> {
  await until(async () => ((await frameWith(page, "panel")) === undefined ? true : undefined), "it is seen");
}

/** Name of the frame around; VS Code's own frames do not tell what they are for. */
async function frameWith(page: Page, view: "panel" | "sidebar"): Promise<string | undefined> {
  // By their names, of which one changes; the browser tells only the first.
  for (const frame of page.frames().filter((each) => /^(pending|active)-frame$/.test(each.name()))) {
    // It may go while it is looked at.
    const ours = await frame.evaluate(`document.body.classList.contains("view-${view}")`).catch(() => false);
    if (ours) return frame.parentFrame()?.name();
  }
  return undefined;
}

async function until<T>(look: () => Promise<T | undefined>, otherwise: string): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The panel's tab among the editors. */
export function panelTab({ page }: Workbench): Locator {
  return page.locator('.editor-group-container .tab[aria-label^="Portico"]');
}

/** Waits until the panel shows this page, by the name in its navigation. */
export async function showsPage(window: Workbench, title: string): Promise<void> {
  const panel = await panelOf(window);
  await panel.getByRole("link", { name: title }).and(panel.locator('[aria-current="page"]')).waitFor();
  await panel.getByRole("main", { name: title }).locator(":scope > :not(.skeleton)").first().waitFor();
}

/** What VS Code in a browser complains about by itself: a licensed part, the market, GitHub, its own reload. */
const NOISE: readonly { place: RegExp; text: RegExp }[] = [
  { place: /\/static\/node_modules\/vsda\//, text: /status of 404/ },
  { place: /^https:\/\/open-vsx\.org\//, text: /net::ERR_/ },
  {
    place: /\/workbench\.js$/,
    text: /authentication provider 'github'|Long running operations during shutdown|window\.log' \(Error: IndexedDB/,
  },
];

/** Errors of every frame of a window, from when it was made; over reloads, too. */
export class ErrorWatch {
  readonly #errors: string[] = [];

  constructor(page: Page) {
    page.on("console", (message) => this.#hear(message));
    page.on("pageerror", (error) => this.#errors.push(error.stack ?? error.message));
  }

  /** Those since it was last asked. */
  take(): string[] {
    return this.#errors.splice(0);
  }

  #hear(message: ConsoleMessage): void {
    if (message.type() !== "error") return;
    const text = message.text();
    const place = message.location().url;
    if (NOISE.some((known) => known.place.test(place) && known.text.test(text))) return;
    this.#errors.push(`${text} (${place})`);
  }
}
