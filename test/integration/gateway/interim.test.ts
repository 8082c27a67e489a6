/** Interim answers that nobody asked for, from the provider itself and from behind a proxy. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directNetwork } from "../../../src/gateway/common/ports.ts";
import { type Certificate, makeCertificate } from "../../support/certificate.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway } from "../../support/gateway.ts";
import { startRawProxy, startRawServer } from "../../support/rawServer.ts";
import { REPLIES } from "../../support/replies.ts";

const HOST = "api.provider.test";
let folder: string;
let certificate: Certificate;

beforeAll(() => {
  folder = makeFolder("interim");
  certificate = makeCertificate(folder, HOST);
});
afterAll(() => removeFolder(folder));

const body = JSON.stringify(REPLIES["openai-chat"]);
const final = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
const go = "HTTP/1.1 100 Continue\r\n\r\n";

const ANSWERS = [
  ["100", [go + final]],
  ["100 in a packet of its own", [go, final]],
  ["100 in pieces", ["HTTP/1.", "1 100 Cont", "inue\r\n", "\r\n", final]],
  ["100 twice", [go, go + final]],
  ["102", ["HTTP/1.1 102 Processing\r\n\r\n", final]],
  ["103", [early + final]],
  ["100 and 103", [go + early, final]],
] as const;

/** How the provider is reached: by what scheme, through a proxy of the network's or of the account's. */
const WAYS = [
  { way: "direct", tls: false, by: "none" },
  { way: "a proxy", tls: false, by: "network" },
  { way: "a proxy and TLS", tls: true, by: "network" },
  { way: "the account's own proxy and TLS", tls: true, by: "account" },
] as const;

describe.each(WAYS)("an interim answer that nobody asked for ($way)", ({ tls, by }) => {
  it.each(ANSWERS)("%s is passed over", async (_name, pieces) => {
    const server = await startRawServer(pieces, final, tls ? certificate : undefined);
    const proxy = await startRawProxy();
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    const host = by === "none" ? "127.0.0.1" : HOST;
    const account = {
      id: "one",
      provider: "custom" as const,
      endpoints: { "openai-chat": `${tls ? "https" : "http"}://${host}:${server.port}/v1` },
      credentials: { apiKey: "k" },
      models: ["m"],
      ...(by === "account" ? { proxy: proxyUrl } : {}),
    };
    const network = {
      ...directNetwork,
      current: () => ({
        ...directNetwork.current(),
        strictTls: false,
        ...(by === "network" ? { proxy: proxyUrl } : {}),
      }),
    };
    const portico = await startGateway({ accounts: [account] }, { network });
    try {
      for (let i = 0; i < 3; i++) {
        const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
        });
        expect({ status: reply.status, body: await reply.json() }).toEqual({
          status: 200,
          body: REPLIES["openai-chat"],
        });
      }
      // It costs no connection either.
      expect(server.connections()).toBeLessThanOrEqual(2);
      const wanted = by === "none" ? /^$/ : tls ? /^CONNECT / : /^(?:POST|GET) http:/;
      expect(proxy.asked.join("\n").split("\n")).toSatisfy((lines: string[]) =>
        lines.every((line) => wanted.test(line)),
      );
    } finally {
      await portico.stop();
      await Promise.all([server.close(), proxy.close()]);
    }
  });
});
