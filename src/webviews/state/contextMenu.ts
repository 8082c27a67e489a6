/** What VS Code's own context menu on a row is about; what is in it, `package.json` says (`webview/context`). */
export function contextMenu(kind: "account" | "request", about: Readonly<Record<string, string>>) {
  return {
    "data-vscode-context": JSON.stringify({
      ...about,
      webviewSection: `portico.${kind}`,
      preventDefaultContextMenuItems: true,
    }),
  };
}
