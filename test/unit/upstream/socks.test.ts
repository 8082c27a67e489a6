/** Requests through a SOCKS5 proxy, to a server that is reached by its name there alone. */
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NetworkSettings } from "../../../src/gateway/common/ports.ts";
import { Agents } from "../../../src/gateway/upstream/agents.ts";
import { exchange } from "../../../src/gateway/upstream/exchange.ts";
import { collect } from "../../../src/gateway/upstream/flow.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startSocksServer } from "../../support/socksServer.ts";

const hello = (request: http.IncomingMessage, reply: http.ServerResponse) =>
  reply.end(`hello ${request.headers.host}`);
let folder = "";
let plain: http.Server;
let secure: https.Server;
let agents: Agents | undefined;

beforeAll(async () => {
  folder = makeFolder("socks");
  plain = http.createServer(hello);
  secure = https.createServer(makeCertificate(folder, "provider.example"), hello);
  for (const server of [plain, secure]) {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  }
});
afterEach(async () => {
  await agents?.close();
  agents = undefined;
});
afterAll(async () => {
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
  await removeFolder(folder);
});

const portOf = (server: http.Server | https.Server) => (server.address() as AddressInfo).port;

function through(settings: Partial<NetworkSettings>, connectTimeoutMs = 20_000): Agents {
  const network = { noProxy: [], strictTls: false, systemCertificates: false, ...settings };
  agents = new Agents({ current: () => network, onChange: () => () => {} }, { connectTimeoutMs });
  return agents;
}

async function get(url: string, own: Agents, accountProxy?: string): Promise<string> {
  const outgoing = { url: new URL(url), method: "GET" as const, headers: [], body: null, key: undefined };
  const { flow } = await exchange(outgoing, {
    dispatcher: own.for(outgoing.url, accountProxy),
    headersTimeoutMs: 20_000,
    idleTimeoutMs: 20_000,
    signal: new AbortController().signal,
  });
  return (await collect(flow, 1000)).toString();
}

describe("a SOCKS5 proxy", () => {
  it.each(["socks5", "socks5h", "socks"])(
    "is told the name, and its connection is kept: %s",
    async (scheme) => {
      await using proxy = await startSocksServer();
      const own = through({ proxy: `${scheme}://127.0.0.1:${proxy.port}` });
      const host = `provider.example:${portOf(plain)}`;
      for (let i = 0; i < 6; i++) expect(await get(`http://${host}/`, own)).toBe(`hello ${host}`);
      // The second request comes before undici has the first one's connection back.
      expect(proxy.asked.length).toBeLessThan(3);
      expect(proxy.asked[0]).toEqual({ target: host, user: undefined });
    },
  );

  it("passes TLS on to the server behind it, whose certificate counts", async () => {
    await using proxy = await startSocksServer();
    const url = `https://provider.example:${portOf(secure)}/`;
    const settings = { proxy: `socks5://127.0.0.1:${proxy.port}` };
    const own = through(settings);
    expect(await get(url, own)).toBe(`hello provider.example:${portOf(secure)}`);
    await own.close();
    await expect(get(url, through({ ...settings, strictTls: true }))).rejects.toThrow(/self.signed/);
  });

  it("gets name and password of the network's proxy", async () => {
    const login = { user: "me", password: "p:@ss" };
    await using proxy = await startSocksServer({ login });
    const settings = {
      proxy: `socks5://127.0.0.1:${proxy.port}`,
      proxyAuthorization: `Basic ${Buffer.from("me:p:@ss").toString("base64")}`,
    };
    const url = `http://provider.example:${portOf(plain)}/`;
    const own = through(settings);
    expect(await get(url, own)).toContain("hello");
    expect(proxy.asked).toMatchObject([{ user: "me" }]);
    await own.close();
    const wrong = `Basic ${Buffer.from("me:no").toString("base64")}`;
    const refused = through({ ...settings, proxyAuthorization: wrong });
    await expect(get(url, refused)).rejects.toThrow("Authentication failed");
    await refused.close();
    // Credentials of the network's proxy are nothing for an account's own.
    await expect(get(url, through(settings), settings.proxy)).rejects.toThrow("No acceptable authentication");
  });

  it("takes addresses of both kinds, and is never used for this computer", async () => {
    await using proxy = await startSocksServer();
    const own = through({ proxy: `socks5://127.0.0.1:${proxy.port}` });
    const port = portOf(plain);
    expect(await get(`http://192.0.2.7:${port}/`, own)).toContain("hello");
    expect(await get(`http://[2001:db8::7]:${port}/`, own)).toContain("hello");
    expect(await get(`http://127.0.0.1:${port}/`, own)).toContain("hello");
    expect(proxy.asked.map(({ target }) => target)).toEqual([
      `192.0.2.7:${port}`,
      `2001:0db8:0000:0000:0000:0000:0000:0007:${port}`,
    ]);
  });

  it("says what it refuses, and is given up on where it says nothing", async () => {
    await using refusing = await startSocksServer({ reply: 5 });
    const own = through({ proxy: `socks5://127.0.0.1:${refusing.port}` });
    await expect(get("http://provider.example/", own)).rejects.toThrow(/refused/i);
    await own.close();
    await using mute = await startSocksServer({ mute: true });
    const waiting = through({ proxy: `socks5://127.0.0.1:${mute.port}` }, 200);
    await expect(get("http://provider.example/", waiting)).rejects.toThrow(/timeout/i);
    const nobody = mute.port;
    await mute[Symbol.asyncDispose]();
    await waiting.close();
    const gone = through({ proxy: `socks5://127.0.0.1:${nobody}` });
    await expect(get("http://provider.example/", gone)).rejects.toThrow(/ECONNREFUSED/);
  });
});
