/** Files by address, for targets that take bytes only: fetched over https from the public internet, or not at all. */
import https from "node:https";
import type { AddressInfo, LookupFunction } from "node:net";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ChatRequest, Source, Warning } from "../../../src/gateway/protocols/chat.ts";
import { isPublicAddress, MediaFetcher } from "../../../src/gateway/requests/attempts/fetchMedia.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { makeFolder, removeFolder } from "../../support/folder.ts";
import { startGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { sendJson, startUpstream } from "../../support/upstream.ts";

const PNG = Buffer.from("89504e470d0a1a0a", "hex");
let folder: string;
let server: https.Server;
let port: number;
let ca: string;
/** What names resolve to; asked again at each connection. */
let resolveTo: () => string = () => "127.0.0.1";
const asked: string[] = [];
let fetcher: MediaFetcher;

const lookup: LookupFunction = (host, options, callback) => {
  asked.push(host);
  const address = resolveTo();
  const family = address.includes(":") ? 6 : 4;
  if (options.all === true) callback(null, [{ address, family }]);
  else callback(null, address, family);
};

beforeAll(async () => {
  folder = makeFolder("media");
  const made = makeCertificate(folder, "files.test", "inside.test");
  ca = made.cert.toString();
  server = https.createServer({ key: made.key, cert: ca }, (req, res) => {
    const to = (location: string) => {
      res.writeHead(302, { location }).end();
    };
    switch (req.url) {
      case "/a.png":
        res.writeHead(200, { "content-type": "image/png" }).end(PNG);
        return;
      case "/moved":
        to("/a.png");
        return;
      case "/loop":
        to("/loop");
        return;
      case "/inside":
        to(`https://inside.test:${port}/a.png`);
        return;
      case "/literal":
        to(`https://127.0.0.1:${port}/a.png`);
        return;
      case "/plain":
        to(`http://files.test:${port}/a.png`);
        return;
      case "/announced":
        res.writeHead(200, { "content-length": String(30 * 1024 * 1024) });
        res.flushHeaders();
        return;
      case "/endless": {
        res.writeHead(200, {});
        const chunk = Buffer.alloc(1024 * 1024);
        const more = () => {
          while (!res.destroyed && res.write(chunk));
        };
        res.on("drain", more);
        more();
        return;
      }
      case "/silent":
        return;
      default:
        res.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  return removeFolder(folder);
});
afterEach(async () => {
  resolveTo = () => "127.0.0.1";
  asked.length = 0;
  await fetcher.close();
});

/** Takes 127.0.0.1 for public and 127.0.0.2 for private, so that both can be had on one machine. */
const onThisMachine = () => new MediaFetcher({ lookup, ca, isPublic: (address) => address === "127.0.0.1" });
const url = (path: string) => `https://files.test:${port}${path}`;
const signal = new AbortController().signal;

describe("an address", () => {
  it.each([
    ["8.8.8.8", true],
    ["2606:4700::1111", true],
    ["0.0.0.0", false],
    ["10.1.2.3", false],
    ["100.64.0.1", false],
    ["127.0.0.1", false],
    ["169.254.169.254", false],
    ["172.31.0.1", false],
    ["192.168.1.1", false],
    ["198.18.0.1", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["::", false],
    ["::1", false],
    ["::ffff:10.0.0.1", false],
    ["::ffff:8.8.8.8", false],
    ["64:ff9b::a00:1", false],
    ["fc00::1", false],
    ["fe80::1", false],
    ["ff02::1", false],
    ["2002:a00:1::", false],
    ["2001:0:1::", false],
    ["2001:db8::1", false],
    ["files.test", false],
    ["", false],
  ])("%s is public: %s", (address, expected) => {
    fetcher = onThisMachine();
    expect(isPublicAddress(address)).toBe(expected);
  });
});

describe("MediaFetcher", () => {
  it("fetches over https, by redirects as well", async () => {
    fetcher = onThisMachine();
    expect(await fetcher.fetch(url("/a.png"), signal)).toEqual({ mediaType: "image/png", data: PNG });
    expect((await fetcher.fetch(url("/moved"), signal)).data).toEqual(PNG);
  });

  it.each([
    ["http://files.test/a.png", /only https/],
    ["ftp://files.test/a.png", /only https/],
    ["file:///etc/passwd", /only https/],
    ["https://user:secret@files.test/a.png", /password/],
    ["https://127.0.0.2/a.png", /public internet/],
    ["https://[::1]/a.png", /public internet/],
    ["https://2130706434/a.png", /public internet/],
    ["https://0x7f000002/a.png", /public internet/],
    ["not an address", /no address/],
  ])("refuses %s", async (address, why) => {
    fetcher = onThisMachine();
    await expect(fetcher.fetch(address, signal)).rejects.toThrow(why);
    expect(asked).toEqual([]);
  });

  it.each([
    ["/loop", /redirects too often/],
    ["/plain", /only https/],
    ["/none", /answered 404/],
    ["/announced", /larger than 20 MB/],
    ["/endless", /larger than 20 MB/],
  ])("gives up on %s", async (path, why) => {
    fetcher = onThisMachine();
    await expect(fetcher.fetch(url(path), signal)).rejects.toThrow(why);
  });

  it("refuses a name that leads inside, also behind a redirect", async () => {
    fetcher = new MediaFetcher({ lookup, ca, isPublic: (address) => address !== "127.0.0.1" });
    await expect(fetcher.fetch(url("/a.png"), signal)).rejects.toThrow(/public internet|connection failed/);
    await fetcher.close();
    fetcher = onThisMachine();
    let times = 0;
    resolveTo = () => (++times === 1 ? "127.0.0.1" : "127.0.0.2");
    await expect(fetcher.fetch(url("/inside"), signal)).rejects.toThrow(/public internet|connection failed/);
    resolveTo = () => "127.0.0.1";
    let checks = 0;
    const strict = new MediaFetcher({ lookup, ca, isPublic: () => ++checks === 1 });
    await expect(strict.fetch(url("/literal"), signal)).rejects.toThrow(/public internet/);
    await strict.close();
  });

  it("connects to the very address that was checked", async () => {
    fetcher = onThisMachine();
    // A name that is public when asked first and private when asked again is asked only once.
    let times = 0;
    resolveTo = () => (++times === 1 ? "127.0.0.1" : "127.0.0.2");
    expect((await fetcher.fetch(url("/a.png"), signal)).data).toEqual(PNG);
    expect(asked).toEqual(["files.test"]);
  });

  it("stops when the client has gone", async () => {
    fetcher = onThisMachine();
    const gone = new AbortController();
    const fetching = fetcher.fetch(url("/silent"), gone.signal);
    gone.abort();
    await expect(fetching).rejects.toThrow();
  });

  it("puts bytes where the target takes no address, and a placeholder where they cannot be had", async () => {
    fetcher = onThisMachine();
    const image = (address: string): { type: "image"; source: Source } => ({
      type: "image",
      source: { kind: "url", url: address },
    });
    const request: ChatRequest = {
      model: "m",
      messages: [
        {
          role: "user",
          parts: [
            image(url("/a.png")),
            image(`${url("/none")}?token=secret`),
            image("data:image/png;base64,AAAA"),
          ],
        },
        {
          role: "tool",
          parts: [{ type: "tool-result", callId: "c", kind: "function", content: [image(url("/a.png"))] }],
        },
      ],
      tools: [],
      sampling: {},
      stream: false,
    };
    const warnings: Warning[] = [];
    const warn = (feature: string, message: string) => void warnings.push({ feature, message });
    const inlined = await fetcher.inline(
      request,
      { protocol: "openai-chat", provider: "ollama" },
      warn,
      signal,
    );
    const bytes = {
      type: "image",
      source: { kind: "base64", mediaType: "image/png", data: PNG.toString("base64") },
    };
    expect(inlined.messages[0]?.parts[0]).toEqual(bytes);
    expect(inlined.messages[0]?.parts[1]).toMatchObject({
      type: "text",
      text: expect.stringContaining("answered 404"),
    });
    expect(JSON.stringify(inlined)).not.toContain("secret");
    expect(inlined.messages[0]?.parts[2]).toEqual(image("data:image/png;base64,AAAA"));
    expect(inlined.messages[1]?.parts[0]).toMatchObject({ content: [bytes] });
    expect(warnings).toHaveLength(1);
    // One that takes addresses is left to it.
    expect(
      await fetcher.inline(request, { protocol: "anthropic", provider: "anthropic" }, warn, signal),
    ).toBe(request);
  });
});

it("a request that could have worked works without its image", async () => {
  fetcher = onThisMachine();
  const upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES.gemini));
  const ollama = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  const portico = await startGateway({
    accounts: [
      {
        id: "g",
        provider: "custom",
        endpoints: { gemini: upstream.url },
        credentials: { apiKey: "k" },
        models: ["gemini"],
      },
      { id: "l", provider: "ollama", endpoints: { "openai-chat": `${ollama.url}/v1` }, models: ["local"] },
    ],
  });
  const client = new OpenAI({ apiKey: "x", baseURL: `${portico.baseUrl}/v1`, maxRetries: 0 });
  const ask = (model: string) =>
    client.responses.create({
      model,
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "look" },
            { type: "input_image", detail: "auto", image_url: "https://127.0.0.1:1/secret.png" },
          ],
        },
      ],
    });
  // Gemini takes the address itself; a server of one's own does not, and this one is not public.
  await ask("gemini");
  expect(upstream.received[0]?.body.toString()).toContain('"fileUri":"https://127.0.0.1:1/secret.png"');
  await ask("local");
  expect(ollama.received[0]?.body.toString()).toContain("not on the public internet");
  expect((await portico.recorded(({ model }) => model === "local")).warnings).toMatchObject([
    { feature: "image" },
  ]);
  await portico.stop();
  await Promise.all([upstream.close(), ollama.close()]);
});
