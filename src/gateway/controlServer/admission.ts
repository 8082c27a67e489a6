/** Who may open a control connection: programs by the token, our own page by its session. */
import type { IncomingHttpHeaders } from "node:http";
import { hasKey, presentedKeys } from "../server/guard/key.ts";

export interface Admission {
  readonly headers: IncomingHttpHeaders;
  /** Of the accepting socket. */
  readonly port: number | undefined;
  readonly token: string;
  /** Of the request's cookie; absent: no dashboard, or no session. */
  readonly session: (() => boolean) | undefined;
}

/** @returns who it is, or the HTTP status to refuse the upgrade with. */
export function admit({ headers, port, token, session }: Admission): "program" | "browser" | 401 | 403 {
  if (!isOwnHost(headers.host, port)) return 403;
  const { origin } = headers;
  if (origin === undefined) {
    return hasKey(presentedKeys({ authorization: headers.authorization }, undefined), token)
      ? "program"
      : 401;
  }
  // Other ports of this computer are the same site to a browser, so cookies reach them: our own origin alone.
  if (session === undefined || origin !== `http://${headers.host}`) return 403;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return 403;
  return session() ? "browser" : 401;
}

/** A name that was rebound to this computer is not how anyone gets here. */
export function isOwnHost(host: string | undefined, port: number | undefined): boolean {
  return port !== undefined && (host === `127.0.0.1:${port}` || host === `localhost:${port}`);
}
