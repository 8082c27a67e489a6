import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { STREAMS } from "../../support/replies.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway | undefined;
/** Resolves when the provider has been asked and has said its first words. */
let speaking: Promise<void>;

const MESSAGES = { model: "m", messages: [{ role: "user", content: "hi" }], max_tokens: 10 };

beforeEach(async () => {
  let spoken = () => {};
  speaking = new Promise((resolve) => {
    spoken = resolve;
  });
  upstream = await startUpstream((_received, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.write(STREAMS["openai-chat"].slice(0, 2).join(""));
    setImmediate(spoken);
  });
});
afterEach(async () => {
  await portico?.stop();
  portico = undefined;
  await upstream.close();
});

async function start(): Promise<TestGateway> {
  portico = await startGateway({
    accounts: [
      {
        id: "one",
        provider: "custom",
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: "k" },
        models: ["m"],
      },
    ],
    limits: { bufferedBytes: 64 * 1024 },
  });
  return portico;
}

describe("a client that leaves in the midst of a stream", () => {
  it.each([
    ["passthrough", "/v1/chat/completions", { ...MESSAGES, stream: true }],
    ["translation", "/v1/messages", { ...MESSAGES, stream: true }],
    ["translation without a stream", "/v1/messages", MESSAGES],
    ["passthrough without a stream", "/v1/chat/completions", MESSAGES],
    [
      "the sandbox",
      "/v1/chat/completions",
      {
        ...MESSAGES,
        model: "sandbox/slow",
        stream: true,
        messages: [{ role: "user", content: "a b c d e f g" }],
      },
    ],
    ["the sandbox without a stream", "/v1/messages", { ...MESSAGES, model: "sandbox/slow" }],
  ])("ends the request at once: %s", async (_name, path, body) => {
    const { baseUrl, recorded, gateway } = await start();
    const sandbox = body.model.startsWith("sandbox");
    const leave = new AbortController();
    const asked = fetch(baseUrl + path, {
      method: "POST",
      body: JSON.stringify(body),
      signal: leave.signal,
    }).then(async (reply) => await reply.text());
    asked.catch(() => {});
    if (sandbox) await new Promise((resolve) => setTimeout(resolve, 100));
    else await speaking;
    leave.abort();
    await expect(asked).rejects.toThrow();
    const record = await recorded();
    expect(record.error?.kind).toBe("client-gone");
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["client-gone"]);
    expect([200, 499]).toContain(record.status);
    if (!sandbox) await upstream.received[0]?.aborted;
    expect(gateway.active).toBe(0);
  });

  it("gives its bytes back", async () => {
    const { baseUrl, recorded, records } = await start();
    const content = "x".repeat(40 * 1024);
    for (let turn = 0; turn < 3; turn++) {
      const leave = new AbortController();
      const reply = await fetch(`${baseUrl}/v1/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ ...MESSAGES, stream: true, messages: [{ role: "user", content }] }),
        signal: leave.signal,
      });
      expect(reply.status).toBe(200);
      const before = records.length;
      leave.abort();
      await recorded(() => records.length > before);
    }
  });

  it("is noticed behind another request on the same connection", async () => {
    const { port, recorded } = await start();
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => {});
    const body = JSON.stringify({ ...MESSAGES, stream: true });
    const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    socket.write(request + request);
    while (upstream.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    await Promise.all(upstream.received.map(({ aborted }) => aborted));
    let gone = 0;
    await recorded(({ error }) => error?.kind === "client-gone" && ++gone === 2);
  });
});

describe("requests of our own", () => {
  it("end with their signal when the provider stalls in the midst of a reply", async () => {
    upstream.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write('{"data":');
    };
    const { gateway } = await start();
    const [account] = gateway.accounts;
    if (account === undefined) throw new Error("no account");
    const stop = new AbortController();
    const asked = gateway.getJson(account, "/stalls", "openai-chat", stop.signal);
    asked.catch(() => {});
    while (upstream.received.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => stop.abort(), 100);
    await expect(asked).rejects.toThrow();
  });
});
