/** A person without a mouse: keys only. Wherever a key takes the focus, it has to be seen there. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** What has the focus: itself, or the words that a screen reader has for it. */
export type Place = Locator | string | RegExp;

export interface Focused {
  name: string;
  role: string;
  /** It can be seen that it has the focus. Where a script went, so that Tab goes on from there: always. */
  ring: boolean;
  inSight: boolean;
}

export interface Keys {
  press(...keys: string[]): Promise<void>;
  /** Into what has the focus. */
  type(text: string): Promise<void>;
  /** Tab by Tab, or back by Shift+Tab; fails where it cannot be reached, or is not seen on the way. */
  to(place: Place, back?: "back"): Promise<void>;
  /** Goes there and presses Enter. */
  use(place: Place): Promise<void>;
  /** Waits until it has the focus, without a key. */
  at(place: Place): Promise<void>;
  /** Opens a menu's button and chooses `name`. */
  choose(button: Place, name: string): Promise<void>;
  focused(): Promise<Focused>;
}

/** More than any page has places. */
const MOST = 300;

export function keysOf(page: Page): Keys {
  const focused = () => page.evaluate(whatHasFocus, undefined);
  const look = async (place: Place) => {
    if (isLocator(place)) return await place.evaluate(whatHasFocus);
    const now = await focused();
    return { ...now, there: typeof place === "string" ? now.name === place : place.test(now.name) };
  };
  const keys: Keys = {
    focused,
    async press(...all) {
      for (const key of all) await page.keyboard.press(key);
    },
    type: (text) => page.keyboard.type(text),
    async to(place, back) {
      if (isLocator(place)) await place.waitFor();
      const passed = new Set<string>();
      for (let i = 0; i < MOST; i += 1) {
        await page.keyboard.press(back === undefined ? "Tab" : "Shift+Tab");
        const now = await look(place);
        if (now.role === "body") continue;
        expect(now).toMatchObject({ name: now.name, ring: true, inSight: true });
        if (now.there) return;
        passed.add(now.name);
      }
      throw new Error(`Tab does not come to ${place}, but to: ${[...passed].join(" | ")}`);
    },
    async use(place) {
      await keys.to(place);
      await keys.press("Enter");
    },
    async at(place) {
      await expect.poll(() => look(place)).toMatchObject({ there: true, inSight: true });
    },
    async choose(button, name) {
      await keys.use(button);
      const item = page.getByRole("menu").getByRole("menuitem", { name, exact: true });
      await item.waitFor();
      for (let i = 0; i < MOST && !(await look(item)).there; i += 1) await keys.press("ArrowDown");
      await keys.at(item);
      await keys.press("Enter");
    },
  };
  return keys;
}

function isLocator(place: Place): place is Locator {
  return typeof place !== "string" && !(place instanceof RegExp);
}

/** Runs in the page. */
function whatHasFocus(target: Element | undefined): Focused & { there: boolean } {
  const element = document.activeElement ?? document.body;
  const labels =
    element instanceof HTMLInputElement ||
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement
      ? element.labels
      : null;
  const name =
    element.getAttribute("aria-label") ??
    labels?.[0]?.textContent ??
    document.getElementById(element.getAttribute("aria-labelledby") ?? "")?.textContent ??
    (element === document.body ? "" : element.textContent);
  const { outlineStyle, outlineWidth, boxShadow, clipPath } = getComputedStyle(element);
  const { top, bottom, left, right, width } = element.getBoundingClientRect();
  const script = element instanceof HTMLElement && element.tabIndex < 0;
  return {
    there: element === target,
    name: name?.trim() ?? "",
    role: element.getAttribute("role") ?? element.tagName.toLowerCase(),
    ring: script || (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none",
    inSight:
      bottom > 0 &&
      top < innerHeight &&
      right > 0 &&
      left < innerWidth &&
      (script || (width > 0 && clipPath === "none")),
  };
}
