/** A window of VS Code as a person uses it: keyboard, quick picks, notifications, status bar. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { PATIENCE_MS, until, untilIs } from "./patience.ts";

/** Milliseconds after which a notification is looked for where all of them are. */
const TOAST_MS = 3000;
/** Milliseconds after which a key is pressed again that did nothing. */
const KEY_MS = 10_000;

export class Workbench {
  readonly page: Page;
  /** Name of the folder that it has open. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  loadedSince = 0;
  readonly #shots: string;

  constructor(page: Page, folder: string, screenshots: string) {
    this.page = page;
    this.folder = folder;
    this.#shots = screenshots;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Until the workbench and Portico's status bar item are there. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor();
    await this.statusBar.waitFor();
  }

  /** By the browser, which asks nobody. */
  async refresh(): Promise<void> {
    this.loadedSince = Date.now();
    await this.page.reload();
  }

  /** As a person does it: VS Code keeps what it has to keep on the way out. */
  async reload(): Promise<void> {
    this.loadedSince = Date.now();
    const loaded = this.page.waitForEvent("load");
    await this.runCommand("Developer: Reload Window");
    await loaded;
    await this.ready();
  }

  /** As a person does it: what runs in it gets to know. */
  async close(): Promise<void> {
    const closed = this.page.waitForEvent("close");
    await this.page.close({ runBeforeUnload: true });
    await closed;
  }

  get statusBar(): Locator {
    return this.page.locator('.statusbar-item[id*="portico.status"]');
  }

  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible");
  }

  /** Of a quick pick. */
  row(text: string): Locator {
    return this.quickInput.locator(".monaco-list-row").filter({ hasText: text });
  }

  /** Of the status bar item, after `statusBar.hover()`. */
  tooltip(text: string): Locator {
    return this.page.locator(".monaco-hover").filter({ hasText: text });
  }

  get dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** Waits until the status bar item's text fits. */
  async statusIs(text: RegExp): Promise<void> {
    await this.statusBar.filter({ hasText: text }).waitFor();
  }

  /** The command palette with this in its box. */
  async openPalette(text: string): Promise<void> {
    const box = this.quickInput.filter({ has: this.page.locator('input[aria-label*="command"]') });
    const open = async () => {
      // A key that comes while a page is being loaded is lost.
      await this.page.keyboard.press("F1");
      // While the window is still being set up it may be closed again before a word is in it.
      const filled = box
        .waitFor({ timeout: KEY_MS })
        .then(() => this.quickInput.locator("input.input").first().fill(`>${text}`, { timeout: KEY_MS }));
      return filled.then(
        () => true,
        () => undefined,
      );
    };
    await until(open, () => "F1 opens no commands");
  }

  async runCommand(title: string): Promise<void> {
    // A palette that is opened while the window is still being set up is closed by it again.
    const run = async () => {
      await this.openPalette(title);
      const click = this.row(title).first().click({ timeout: KEY_MS });
      return click.then(
        () => true,
        () => undefined,
      );
    };
    await until(run, () => `"${title}" is not among the commands`);
  }

  async pick(text: string): Promise<void> {
    await this.row(text).first().click();
  }

  /** Waits for a box whose title or prompt has `about`, and writes into it. */
  async type(about: string, text: string): Promise<void> {
    await this.quickInput.filter({ hasText: about }).waitFor();
    await this.quickInput.locator("input.input:visible, textarea.input:visible").first().fill(text);
  }

  /** The same, and Enter. */
  async answer(about: string, text: string): Promise<void> {
    await this.type(about, text);
    await this.page.keyboard.press("Enter");
  }

  /** In the editor's own file dialog, which is a quick pick as well. */
  async chooseFile(title: string, path: string): Promise<void> {
    const dialog = this.quickInput.filter({ hasText: title });
    const input = dialog.locator("input.input").first();
    // While it lists the folder that it begins with it writes into the box itself.
    await dialog.locator(".monaco-list-row").filter({ hasText: ".." }).waitFor();
    await expectValue(input, (value) => value.startsWith("/") && !value.endsWith(path));
    await input.fill(path);
    await expectValue(input, (value) => value === path);
    const accept = async () => {
      // In another folder than it began with, the first Enter may only go there.
      await this.page.keyboard.press("Enter");
      // What asks next may have the same title, but lists nothing.
      const row = this.quickInput.locator(".monaco-list-row").first();
      return row.waitFor({ state: "detached", timeout: KEY_MS }).then(
        () => true,
        () => undefined,
      );
    };
    await until(accept, () => `${path} cannot be chosen`);
  }

  /** In a toast, or in the notification centre while that is open. */
  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-list-item").filter({ hasText: text });
  }

  /** Waits for a notification that VS Code may hold back from the toasts, as it does when many come at once. */
  async told(text: string | RegExp): Promise<void> {
    const notice = this.notification(text).first();
    try {
      await notice.waitFor({ timeout: TOAST_MS });
    } catch {
      await this.openNotifications();
      await notice.waitFor();
    }
  }

  async pressNotification(text: string | RegExp, button: string): Promise<void> {
    // While the status bar has the focus its tooltip covers it.
    await this.page.mouse.click(660, 650);
    await this.told(text);
    await this.notification(text).first().getByRole("button", { name: button, exact: true }).click();
  }

  /** The notification centre, where those are that no toast shows. */
  async openNotifications(): Promise<Locator> {
    await this.runCommand("Notifications: Show Notifications");
    const center = this.page.locator(".notifications-center");
    await center.waitFor();
    return center.locator(".notification-list-item");
  }

  async clearNotifications(): Promise<void> {
    await this.runCommand("Notifications: Clear All Notifications");
    // A busy machine may leave a toast that it has hidden in the document.
    await this.page.locator(".notification-list-item:visible").first().waitFor({ state: "hidden" });
  }

  readClipboard(): Promise<string> {
    return this.page.evaluate<string>("navigator.clipboard.readText()");
  }

  async writeClipboard(text: string): Promise<void> {
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  }

  async pressDialog(button: string): Promise<void> {
    await this.dialog.getByRole("button", { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Milliseconds that VS Code itself measured: loading the extension's code and calling it. */
  async activationMs(extension: string): Promise<number> {
    await this.runCommand("Developer: Show Running Extensions");
    const list = this.page.locator(".runtime-extensions-editor");
    const row = list
      .locator(".monaco-list-row")
      .filter({ has: this.page.getByText(extension, { exact: true }) });
    await list.locator(".monaco-list-row").first().hover();
    // Rows out of sight do not exist; it is sorted anew while one looks.
    let looks = 0;
    const look = async () => {
      if ((await row.count()) > 0) return true;
      looks += 1;
      await this.page.mouse.wheel(0, looks % 60 < 30 ? 150 : -150);
      return undefined;
    };
    await until(look, () => `${extension} is not among the running extensions`);
    const text = await row
      .getByText(/Activation: \d+\s*ms/)
      .first()
      .textContent();
    await this.screenshot("00-running-extensions");
    await this.page.keyboard.press("Escape");
    await list.waitFor({ state: "detached" });
    return Number(/(\d+)\s*ms/.exec(text ?? "")?.[1] ?? Number.NaN);
  }

  async screenshot(name: string): Promise<void> {
    await mkdir(this.#shots, { recursive: true });
    await this.page.screenshot({ path: join(this.#shots, `${name}.png`) });
  }
}

async function expectValue(input: Locator, fits: (value: string) => boolean): Promise<void> {
  await untilIs(async () => fits(await input.inputValue()), true);
}
