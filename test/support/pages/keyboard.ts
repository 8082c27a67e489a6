/** A person without a mouse: keys only. Wherever a key takes the focus, it has to be seen there. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** Tab stops of one page; more than this and what is looked for cannot be reached. */
const MOST_STOPS = 120;

export interface Keyboard {
  press(key: string, times?: number): Promise<void>;
  /** Into what has the focus. */
  type(text: string): Promise<void>;
  /** Tab by Tab to `target`, or Shift+Tab by Shift+Tab; fails where it cannot be reached. */
  to(target: Locator, key?: "Tab" | "Shift+Tab"): Promise<void>;
  /** Goes there and presses Enter. */
  use(target: Locator): Promise<void>;
  /** Waits until `target` has the focus, without a key. */
  at(target: Locator): Promise<void>;
  /** Opens a menu's button and chooses what begins with `name`. */
  choose(button: Locator, name: string): Promise<void>;
}

export function keyboardOf(page: Page): Keyboard {
  const press = async (key: string, times = 1) => {
    for (let i = 0; i < times; i += 1) await page.keyboard.press(key);
  };
  const keys: Keyboard = {
    press,
    type: (text) => page.keyboard.type(text),
    async to(target, key = "Tab") {
      await target.waitFor();
      const passed: string[] = [];
      for (let i = 0; i < MOST_STOPS; i += 1) {
        await press(key);
        const stop = await target.evaluate(lookAtFocus);
        if (stop === undefined) continue;
        expect(stop).toMatchObject({ ring: true, inSight: true });
        if (stop.there) return;
        passed.push(stop.what);
      }
      throw new Error(`${key} does not lead to ${target}, but to: ${passed.join(" | ")}`);
    },
    async use(target) {
      await keys.to(target);
      await press("Enter");
    },
    async at(target) {
      await expect.poll(() => target.evaluate(lookAtFocus)).toMatchObject({ there: true, inSight: true });
    },
    async choose(button, name) {
      await keys.use(button);
      const menu = page.getByRole("menu");
      await menu.waitFor();
      const item = menu.getByRole("menuitem", { name, exact: true });
      for (let i = 0; i < MOST_STOPS; i += 1) {
        const stop = await item.evaluate(lookAtFocus);
        if (stop?.there === true) break;
        await press("ArrowDown");
      }
      await keys.at(item);
      await press("Enter");
    },
  };
  return keys;
}

/** Runs in the page. Undefined: nothing has the focus. */
function lookAtFocus(target: Element) {
  const focus = document.activeElement;
  if (!(focus instanceof HTMLElement) || focus === document.body) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(focus);
  const { top, bottom, left, right } = focus.getBoundingClientRect();
  return {
    there: focus === target,
    what: `${focus.localName} ${focus.ariaLabel ?? focus.textContent?.slice(0, 40) ?? ""}`,
    ring: outlineStyle !== "none" && outlineWidth !== "0px",
    inSight: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
}
