/** Where the gateway is when a window's folder is on another computer (SSH, WSL, a container, Codespaces). */
import * as vscode from "vscode";

/**
 * `local`: folder, terminals and gateway are on one computer, also where a browser elsewhere shows it (code-server).
 * `ui`: the gateway is on the person's own computer, folder and terminals are not.
 * `workspace`: all of them are on the remote one.
 */
type Side = "local" | "ui" | "workspace";

export function gatewaySide({ extension }: Pick<vscode.ExtensionContext, "extension">): Side {
  const { remoteName } = vscode.env;
  if (remoteName === undefined || isServersOwn(remoteName)) return "local";
  return extension.extensionKind === vscode.ExtensionKind.UI ? "ui" : "workspace";
}

/** A browser's VS Code names the server that it comes from: `localhost:8080`. */
function isServersOwn(remoteName: string): boolean {
  return vscode.env.uiKind === vscode.UIKind.Web && /[.:]|^localhost$/.test(remoteName);
}

/**
 * An address on loopback of the computer that this extension runs on, as the person's browser reaches it: VS Code makes a
 * tunnel where that is another one. Path, query and fragment stay as they are, which a `Uri` would write in another way.
 */
export async function reachable(url: string): Promise<string> {
  if (vscode.env.remoteName === undefined) return url;
  const { origin } = new URL(url);
  const outside = await vscode.env.asExternalUri(vscode.Uri.parse(`${origin}/`));
  return outside.toString(true).replace(/\/$/, "") + url.slice(origin.length);
}
