/** A request of this process to the gateway's own door, as a client's: undici is for providers. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";

export const NO_ANSWER = "Portico did not answer its own request. Its log may say why.";

export interface OwnRequest {
  /** As it goes out, with its query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
  /** The gateway's; absent while it cannot be read. */
  readonly apiKey: string | undefined;
}

/**
 * Posts to the gateway at `baseUrl`.
 * @returns the reply, whose body is still to come
 * @throws whatever Node.js says where there is none
 */
export function askSelf(
  baseUrl: string,
  { path, headers, body, apiKey }: OwnRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        host: hostname.replace(/^\[|\]$/g, ""),
        port,
        method: "POST",
        path,
        headers: {
          "content-type": "application/json",
          ...headers,
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
          "content-length": Buffer.byteLength(body),
        },
        agent: false,
        signal,
      },
      resolve,
    );
    call.on("error", reject);
    call.end(body);
  });
}
