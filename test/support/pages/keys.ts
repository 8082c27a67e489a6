/** A page used by keys alone: where the focus is, by the words that a screen reader has for it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

export interface Focused {
  name: string;
  role: string;
  /** It can be seen that it has the focus, and it is within the window. */
  seen: boolean;
}

export interface Keys {
  /** Tabulator by tabulator until what has the focus is called so; everything on the way can be seen. */
  to(name: string | RegExp, back?: "back"): Promise<void>;
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Waits until what has the focus is called so. */
  at(name: string | RegExp): Promise<void>;
  focused(): Promise<Focused>;
}

/** More than any page has places. */
const MOST = 300;

export function keysOf(page: Page): Keys {
  const focused = () => page.evaluate(whatHasFocus);
  const fits = (name: string, wanted: string | RegExp) =>
    typeof wanted === "string" ? name === wanted : wanted.test(name);
  return {
    focused,
    async to(name, back) {
      const passed: string[] = [];
      for (let i = 0; i < MOST; i += 1) {
        await page.keyboard.press(back === undefined ? "Tab" : "Shift+Tab");
        const now = await focused();
        if (now.role !== "body") expect(now).toMatchObject({ name: now.name, seen: true });
        if (fits(now.name, name)) return;
        passed.push(now.name);
      }
      throw new Error(`The tabulator does not come to ${name}: ${[...new Set(passed)].join(" | ")}`);
    },
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key);
    },
    async type(text) {
      await page.keyboard.type(text);
    },
    async at(name) {
      await expect.poll(async () => fits((await focused()).name, name) || (await focused()).name).toBe(true);
    },
  };
}

function whatHasFocus(): Focused {
  const element = document.activeElement ?? document.body;
  const labels =
    element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : null;
  const name =
    element.getAttribute("aria-label") ??
    labels?.[0]?.textContent ??
    (element instanceof HTMLTextAreaElement ? element.labels[0]?.textContent : undefined) ??
    document.getElementById(element.getAttribute("aria-labelledby") ?? "")?.textContent ??
    (element === document.body ? "" : element.textContent);
  const { outlineStyle, outlineWidth, boxShadow, clipPath } = getComputedStyle(element);
  const ring = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  const { top, bottom, width } = element.getBoundingClientRect();
  const inside = bottom > 0 && top < window.innerHeight && width > 0 && clipPath === "none";
  return {
    name: name?.trim() ?? "",
    role: element.getAttribute("role") ?? element.tagName.toLowerCase(),
    // Where a script went, so that the tabulator goes on from there, nothing can be done.
    seen: (ring && inside) || (element instanceof HTMLElement && element.tabIndex < 0),
  };
}
