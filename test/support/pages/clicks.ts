/** What people come for takes few clicks: the one who does a task in a test counts them. */
import type { Locator } from "playwright-core";
import { expect } from "vitest";

/** Clicks before the first key. */
const MOST = 3;

export class Clicks {
  #count = 0;

  async on(target: Locator): Promise<void> {
    this.#count += 1;
    await target.click();
  }

  /** Called where typing begins, or where the task is done. */
  expectFew(): void {
    expect(this.#count).toBeLessThanOrEqual(MOST);
  }
}
