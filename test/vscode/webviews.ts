/** Portico's pages within VS Code's own: frames in frames, and what the browser complains about. */
import type { ConsoleMessage, FrameLocator, Locator, Page } from "playwright-core";
import { until, untilIs } from "./patience.ts";
import type { Workbench } from "./workbench.ts";

/** The editor panel's document; waits for it. After it was hidden there is another. */
export function panelOf(window: Workbench): Promise<FrameLocator> {
  return find(window, "panel");
}

export function sidebarOf(window: Workbench): Promise<FrameLocator> {
  return find(window, "sidebar");
}

async function find({ page }: Workbench, view: "panel" | "sidebar"): Promise<FrameLocator> {
  const name = await until(
    () => frameWith(page, view),
    () => `there is no ${view}`,
  );
  return page.frameLocator(`iframe.webview[name="${name}"]`).frameLocator("#active-frame");
}

/** Waits until the panel's document is gone, as it is when another editor covers it. */
export async function panelIsHidden({ page }: Workbench): Promise<void> {
  await untilIs(async () => (await frameWith(page, "panel")) === undefined, true);
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

/** Waits until it is where one looks, not scrolled away. */
export async function isSeen(element: Locator): Promise<void> {
  const height = element.page().viewportSize()?.height ?? Number.POSITIVE_INFINITY;
  const look = async () => {
    const box = await element.boundingBox();
    return box !== null && box.y >= 0 && box.y < height;
  };
  await untilIs(look, true);
}

/** What VS Code in a browser complains about by itself: a licensed part, the market, and whatever is slow or missing. */
const NOISE: readonly { place: RegExp; text: RegExp }[] = [
  { place: /\/static\/node_modules\/vsda\//, text: /status of 404/ },
  { place: /^https:\/\/open-vsx\.org\//, text: /net::ERR_/ },
  // Its own program, unless it is about this extension. Pages have their scripts elsewhere.
  { place: /\/workbench\.js/, text: /^(?![\s\S]*(portico-gateway\.portico|\bportico\.[a-z]))/i },
];

/** Errors of every frame of a window, from when it was made; over reloads, too. */
export class ErrorWatch {
  readonly #errors: string[] = [];

  constructor(page: Page) {
    page.on("console", (message) => this.#hear(message));
    page.on("pageerror", ({ stack, message }) => this.#add(stack ?? message, stack ?? ""));
  }

  /** Those since it was last asked. */
  take(): string[] {
    return this.#errors.splice(0);
  }

  /** The same, once there are any. */
  some(): string[] | undefined {
    return this.#errors.length === 0 ? undefined : this.take();
  }

  #hear(message: ConsoleMessage): void {
    if (message.type() !== "error") return;
    this.#add(message.text(), message.location().url);
  }

  /** @param place where it comes from */
  #add(text: string, place: string): void {
    if (NOISE.some((known) => known.place.test(place) && known.text.test(text))) return;
    this.#errors.push(`${text} (${place})`);
  }
}

/** One of the tabs that a page has its parts in. */
export async function openPart(window: Workbench, tab: string): Promise<void> {
  const tabs = (await panelOf(window)).getByRole("navigation", { name: "On this page" });
  await tabs.getByRole("link", { name: tab, exact: true }).click();
}
