/** The pages as a browser gets them from a real gateway, whose accounts are played by a scripted provider. */

import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { PageName, PageStart } from "../../../src/control/page.ts";
import type { LeaderOptions } from "../../../src/gateway/leader/options.ts";
import { openLead, type TestLead } from "../lead.ts";
import { type OpenOptions, openPage } from "./browser.ts";
import { DIST } from "./fake.ts";
import { type Mood, type Provider, startProvider } from "./provider.ts";
import { actAsVsCode } from "./vscodeApi.ts";

export interface OpenReal extends OpenOptions {
  /** Path and query: `monitor?text=gpt`. */
  at?: never;
  open?: PageName | `${PageName}?${string}`;
  /** Accounts by id, with how the provider treats them; `{work: "well"}` unless told. */
  accounts?: Record<string, Mood>;
  lead?: Partial<LeaderOptions>;
  /** A data folder with what was there before; absent: an empty one. It goes in the end. */
  folder?: string;
  /** Absent: the proxy is started. */
  stopped?: boolean;
  /** VS Code's view in the activity bar, which asks its window for what a browser does itself. */
  sidebar?: boolean;
}

export interface OpenedReal {
  portico: TestLead;
  provider: Provider;
  page: Page;
  /** Console errors, uncaught errors, things refused by the CSP. */
  errors: string[];
  /** Where the dashboard is. */
  origin: string;
  /** What the sidebar asked of its window. */
  asked: { method: string; params: unknown }[];
  /** Sends a chat through the proxy and reads all of it. @returns its status */
  ask(options?: { model?: string; client?: string; text?: string }): Promise<number>;
  /** Goes to another page by its address. */
  go(to: string): Promise<void>;
  close(): Promise<void>;
}

/** What an account's key is; the provider knows it by its mood. */
export function keyOf(account: string): string {
  return `sk-test-${account}-0123456789abcdef`;
}

export async function openReal(browser: Browser, options: OpenReal = {}): Promise<OpenedReal> {
  const { accounts = { work: "well" }, stopped = false, open = "dashboard" } = options;
  const ids = Object.keys(accounts);
  // Added while all is well; what they fare like comes after.
  const provider = await startProvider(Object.fromEntries(ids.map((id) => [keyOf(id), "well"])));
  const portico = await openLead({ pages: DIST, ...options.lead }, options.folder);
  for (const id of ids) {
    await portico.lead.call("accounts.add", {
      provider: "custom",
      id,
      label: id.slice(0, 1).toUpperCase() + id.slice(1),
      endpoints: { "openai-chat": provider.url },
      apiKey: keyOf(id),
    });
  }
  for (const [id, mood] of Object.entries(accounts)) provider.moods.set(keyOf(id), mood);
  if (!stopped) await portico.lead.call("proxy.start", undefined);
  const { url } = await portico.lead.call("dashboard.link", undefined);
  const { origin } = new URL(url);
  const { page, errors } = await openPage(browser, url, options);
  // The link's code was exchanged, and the page is that of somebody who is in.
  await page.waitForSelector("body.view-panel");
  const asked: OpenedReal["asked"] = [];
  if (options.sidebar) await openSidebar(page, origin, asked);
  else if (open !== "dashboard") await page.goto(`${origin}/${open}`);
  return {
    portico,
    provider,
    page,
    errors,
    origin,
    asked,
    async ask({ model = "test-model", client = "codex_cli_rs/0.46.0", text = "hi" } = {}) {
      const { proxy } = await portico.lead.call("status.get", undefined);
      if (proxy.kind !== "running") throw new Error(`the proxy is ${proxy.kind}`);
      const response = await fetch(`${proxy.baseUrl}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": client },
        body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: text }] }),
      });
      await response.text();
      return response.status;
    },
    async go(to) {
      await page.goto(`${origin}/${to}`);
    },
    async close() {
      await page.context().close();
      await portico.close();
      await provider.close();
    },
  };
}

/** The gateway serves browsers the panel only; the sidebar is the same document with another script. */
async function openSidebar(page: Page, origin: string, asked: OpenedReal["asked"]): Promise<void> {
  await page.exposeFunction("callHost", async (method: string, params: unknown) => {
    asked.push({ method, params });
  });
  await page.addInitScript(actAsVsCode);
  await page.addInitScript(() => {
    const start: PageStart = { kind: "vscode", view: "sidebar", locale: "en-GB" };
    // Read by the script, which runs once all is parsed.
    document.addEventListener("readystatechange", () => {
      const element = document.getElementById("portico");
      if (element !== null) element.textContent = JSON.stringify(start);
      document.body.className = "view-sidebar";
    });
  });
  await page.route(`${origin}/panel.js`, (route) => route.fulfill({ path: join(DIST, "sidebar.js") }));
  await page.goto(`${origin}/`);
}
