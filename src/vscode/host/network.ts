/**
 * VS Code's `http.*` settings, which its own proxy handling uses; a worker thread does not get that
 * handling. Proxy scripts (PAC) are not among them and are not supported.
 */
import * as vscode from "vscode";
import type { WindowNetwork } from "../../control/window.ts";
import { ownValue } from "./ownValue.ts";

export function readNetwork(): WindowNetwork {
  const http = vscode.workspace.getConfiguration("http");
  const own = <T>(key: string) => ownValue(http.get<T>(key), http.inspect<T>(key));
  const text = (key: string) => own<string | null>(key)?.trim() || undefined;
  const proxy = text("proxy");
  const proxyAuthorization = text("proxyAuthorization");
  return {
    proxySupport: own<string>("proxySupport") !== "off",
    noProxy: own<string[]>("noProxy") ?? [],
    strictTls: own<boolean>("proxyStrictSSL") ?? true,
    systemCertificates: own<boolean>("systemCertificates") ?? true,
    ...(proxy === undefined ? {} : { proxy }),
    ...(proxyAuthorization === undefined ? {} : { proxyAuthorization }),
  };
}
