/**
 * VS Code's `http.*` settings, which its own proxy handling uses; a worker thread does not get that
 * handling. Proxy scripts (PAC) are not among them and are not supported.
 */
import * as vscode from "vscode";
import type { WindowNetwork } from "../control/window.ts";

export function readNetwork(): WindowNetwork {
  const http = vscode.workspace.getConfiguration("http");
  const text = (key: string) => http.get<string | null>(key)?.trim() || undefined;
  const proxy = text("proxy");
  const proxyAuthorization = text("proxyAuthorization");
  return {
    proxySupport: http.get<string>("proxySupport") !== "off",
    noProxy: http.get<string[]>("noProxy") ?? [],
    strictTls: http.get<boolean>("proxyStrictSSL") ?? true,
    systemCertificates: http.get<boolean>("systemCertificates") ?? true,
    ...(proxy === undefined ? {} : { proxy }),
    ...(proxyAuthorization === undefined ? {} : { proxyAuthorization }),
  };
}
