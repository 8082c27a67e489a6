import { beforeEach, describe, expect, it } from "vitest";
import type { CommandContext } from "../../../../src/vscode/commandContext.ts";
import { Pages } from "../../../../src/vscode/pages/pages.ts";
import { editor, type FakePanel, Uri } from "../../../support/editor/vscode.ts";

/** Of a window that leads. */
function windowPages(): Pages {
  const context = { extensionUri: Uri.file("/extension"), globalStorageUri: Uri.file("/data") };
  const window = {
    host: { view: { part: { kind: "leading" } }, relay: async () => undefined },
    log: { error() {}, debug() {} },
    context,
  };
  return new Pages(window as unknown as CommandContext);
}

/** Where the panel's page begins: what it finds in its document. */
function startsAt({ webview }: FakePanel): unknown {
  const json = /id="portico">(.*)<\/script>/.exec(webview.html)?.[1] ?? "";
  return JSON.parse(json).open;
}

const before = { page: "monitor", query: { model: "gpt-5" } };

describe("a page that is asked for", () => {
  let pages: Pages;
  beforeEach(() => {
    editor.reset();
    pages = windowPages();
  });

  it("is where the panel begins", () => {
    pages.open({ page: "settings" });
    expect(editor.panels).toHaveLength(1);
    expect(editor.panels.map(startsAt)).toEqual([{ page: "settings" }]);
  });

  it("goes before the one that is just being restored, whose scripts do not run yet", async () => {
    const panel = await editor.restorePanel(before);
    pages.open({ page: "settings" });
    await panel.webview.run();
    expect(startsAt(panel)).toEqual(before);
    expect(panel.webview.told("open")).toEqual([{ page: "settings" }]);
    expect(editor.panels).toHaveLength(1);
  });

  it("goes before one that is restored only later", async () => {
    pages.open({ page: "settings" });
    const late = await editor.restorePanel(before);
    expect(late.disposed).toBe(true);
    const [panel] = editor.panels;
    await panel?.webview.run();
    expect(panel?.disposed).toBe(false);
    pages.open({ page: "connect" });
    expect(panel?.webview.told("open")).toEqual([{ page: "connect" }]);
  });

  it("goes before an earlier one whose scripts do not run yet", async () => {
    pages.open({ page: "settings" });
    pages.open({ page: "connect" });
    pages.open({ page: "token-stats" });
    const [panel] = editor.panels;
    await panel?.webview.run();
    expect(panel?.webview.told("open")).toEqual([{ page: "token-stats" }]);
  });

  it("is waited with until a panel that is seen again runs its scripts", async () => {
    const panel = await editor.restorePanel(before);
    await panel.webview.run();
    panel.setVisible(false);
    // The person's click, and then the command, before the page has begun.
    panel.setVisible(true);
    pages.open({ page: "settings" });
    await panel.webview.run();
    expect(panel.webview.told("open")).toEqual([{ page: "settings" }]);
    panel.setVisible(false);
    pages.open({ page: "connect" });
    expect(panel.visible).toBe(true);
    await panel.webview.run();
    expect(panel.webview.told("open")).toEqual([{ page: "connect" }]);
  });

  it("is not taken by the last words of the page before", async () => {
    const panel = await editor.restorePanel(before);
    await panel.webview.run();
    panel.setVisible(false);
    pages.open({ page: "settings" });
    panel.setVisible(false);
    panel.webview.send({ id: 2, method: "events.watch", params: { events: [] } });
    await new Promise((resolve) => setImmediate(resolve));
    panel.setVisible(true);
    await panel.webview.run();
    expect(panel.webview.told("open")).toEqual([{ page: "settings" }]);
  });

  it("is forgotten with its panel", async () => {
    const panel = await editor.restorePanel(before);
    pages.open({ page: "settings" });
    panel.dispose();
    pages.open({ page: "connect" });
    const next = editor.panels.at(-1);
    await next?.webview.run();
    expect(next && startsAt(next)).toEqual({ page: "connect" });
    expect(next?.webview.told("open")).toEqual([]);
  });

  it("is told once: what the person does in the page afterwards stays", async () => {
    const panel = await editor.restorePanel(before);
    pages.open({ page: "settings" });
    await panel.webview.run();
    panel.webview.send({ id: 2, method: "events.watch", params: { events: ["requests"] } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(panel.webview.told("open")).toHaveLength(1);
  });
});
