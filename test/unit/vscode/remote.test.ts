import { beforeEach, describe, expect, it } from "vitest";
import type { CommandContext } from "../../../src/vscode/commandContext.ts";
import { copyBaseUrl } from "../../../src/vscode/copy.ts";
import { readSettings } from "../../../src/vscode/host/settings.ts";
import { openDashboard } from "../../../src/vscode/openInBrowser.ts";
import { gatewaySide, reachable } from "../../../src/vscode/remote.ts";
import { isHere } from "../../../src/vscode/terminals/terminals.ts";
import { ExtensionKind, editor, UIKind, Uri } from "../../support/editor/vscode.ts";

const DASHBOARD = "http://127.0.0.1:4711/dashboard?a=%2F+b#code=x%2By";

function window(extensionKind: number): CommandContext {
  const call = async (method: string) =>
    method === "dashboard.link"
      ? { url: DASHBOARD }
      : { proxy: { kind: "running", baseUrl: "http://127.0.0.1:8045" } };
  return { host: { call }, context: { extension: { extensionKind } } } as unknown as CommandContext;
}
const mode = (kind: number) => readSettings(window(kind).context).auth as { mode: string };

describe("a window whose folder is on another computer", () => {
  beforeEach(() => editor.reset());

  it.each([
    [undefined, UIKind.Desktop, ExtensionKind.UI, "local"],
    [undefined, UIKind.Desktop, ExtensionKind.Workspace, "local"],
    ["ssh-remote", UIKind.Desktop, ExtensionKind.UI, "ui"],
    ["ssh-remote", UIKind.Desktop, ExtensionKind.Workspace, "workspace"],
    ["wsl", UIKind.Desktop, ExtensionKind.Workspace, "workspace"],
    ["codespaces", UIKind.Web, ExtensionKind.Workspace, "workspace"],
    // code-server and `code serve-web`: the browser names the server that it comes from.
    ["localhost:8080", UIKind.Web, ExtensionKind.Workspace, "local"],
    ["localhost", UIKind.Web, ExtensionKind.Workspace, "local"],
    ["code.example.com", UIKind.Web, ExtensionKind.Workspace, "local"],
  ])("knows where the gateway is: %s, %s, %s", (name, uiKind, kind, side) => {
    editor.setRemote(name, uiKind);
    const { context } = window(kind);
    expect(gatewaySide(context)).toBe(side);
    expect(isHere(context)).toBe(side !== "ui");
  });

  it("asks for the key there by default, and does as the person has set it", () => {
    expect(mode(ExtensionKind.Workspace).mode).toBe("off");
    editor.setRemote("ssh-remote");
    expect(mode(ExtensionKind.UI).mode).toBe("off");
    expect(mode(ExtensionKind.Workspace).mode).toBe("all_except_health");
    for (const chosen of ["off", "strict"]) {
      editor.settings = { "portico.auth.mode": chosen };
      expect(mode(ExtensionKind.Workspace).mode).toBe(chosen);
    }
  });

  it("opens the dashboard by the tunnel that VS Code makes, with its code as it is", async () => {
    editor.setRemote("ssh-remote");
    editor.tunnel = (uri) => {
      expect(uri.toString()).toBe("http://127.0.0.1:4711/");
      return Uri.parse("http://127.0.0.1:50123/");
    };
    await openDashboard(window(ExtensionKind.Workspace).host);
    expect(editor.ran).toEqual([["vscode.open", "http://127.0.0.1:50123/dashboard?a=%2F+b#code=x%2By"]]);
    editor.setRemote(undefined);
    expect(await reachable(DASHBOARD)).toBe(DASHBOARD);
  });

  it("says with the address who reaches it", async () => {
    const said = async (kind: number) => {
      editor.said = [];
      await copyBaseUrl(window(kind));
      expect(editor.clipboard).toBe("http://127.0.0.1:8045");
      return editor.said[0];
    };
    expect(await said(ExtensionKind.UI)).toBe("Copied http://127.0.0.1:8045");
    editor.setRemote("dev-container");
    expect(await said(ExtensionKind.UI)).toMatch(/your own computer's: terminals of dev-container do not/);
    expect(await said(ExtensionKind.Workspace)).toMatch(/that of dev-container: your own/);
  });
});
