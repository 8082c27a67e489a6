/** Bodies that are too large, absurd, or begin oddly, through a whole gateway. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";
import { RawClient } from "./listener.ts";

const LIMIT = 12 * 1024 * 1024;
const choice = { index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" };

let upstream: Upstream;
let portico: TestGateway;

beforeAll(async () => {
  upstream = await startUpstream((_received, res) =>
    sendJson(res, 200, { id: "c", object: "chat.completion", model: "m", choices: [choice], usage: {} }),
  );
  portico = await startGateway({
    limits: { bodyBytes: LIMIT },
    accounts: [
      { id: "a", provider: "custom", endpoints: { "openai-chat": `${upstream.url}/v1` }, models: ["m"] },
    ],
  });
});
afterAll(async () => {
  await portico.stop();
  await upstream.close();
});

const head = (path: string, ...headers: string[]) =>
  [`POST ${path} HTTP/1.1`, "Host: localhost", "Content-Type: application/json", ...headers, "", ""].join(
    "\r\n",
  );

function post(body: string): Promise<Response> {
  return fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
}

const request = (more: string) => `{"model":"m","messages":[{"role":"user","content":"hi"}],"x":${more}}`;

describe("a body that is refused unread", () => {
  it.each([
    ["/v1/chat/completions", [`Content-Length: ${LIMIT + 1}`], 413],
    ["/v1/chat/completions", ["Content-Length: 100000", "Content-Encoding: odd"], 415],
    ["/v1/nothing", [`Content-Length: ${LIMIT}`], 404],
    ["/v1/messages", [`Content-Length: ${LIMIT + 1}`, "Expect: 100-continue"], 413],
  ] as const)("%s %j says so, and that the connection closes", async (path, headers, status) => {
    const client = new RawClient(portico.port).write(head(path, ...headers));
    const reply = await client.reply();
    expect(reply.status).toBe(status);
    expect(reply.headers.connection).toBe("close");
    expect(JSON.parse(reply.body)).toHaveProperty("error.message");
    await client.closed();
  });

  it("is read to its end all the same, so that a client that sends first reads the answer then", async () => {
    const size = 3 * LIMIT;
    // Like Python's clients: nothing is read before all is written.
    const socket = connect({ port: portico.port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    socket.write(head("/v1/chat/completions", `Content-Length: ${size}`));
    for (let sent = 0; sent < size; sent += 1 << 20) {
      const piece = Buffer.alloc(Math.min(1 << 20, size - sent));
      await new Promise<void>((resolve, reject) =>
        socket.write(piece, (error) => (error == null ? resolve() : reject(error))),
      );
    }
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    expect(text).toContain("limits.bodyBytes");
    socket.destroy();
  });

  it("leaves a small one's connection open", async () => {
    const client = new RawClient(portico.port).write(`${head("/v1/nothing", "Content-Length: 2")}{}`);
    expect((await client.reply()).headers.connection).not.toBe("close");
    client.socket.destroy();
  });
});

describe("a large body", () => {
  it("that is nested beyond reason is a 400 in words", async () => {
    const reply = await post(request("[".repeat(5_000_000) + "]".repeat(5_000_000)));
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain("nested more than 1000 levels deep");
  });

  it("of many values is sent on byte for byte", async () => {
    const body = request(`[${"{},".repeat(200_000)}{"__proto__":1}]`);
    expect((await post(body)).status).toBe(200);
    expect(upstream.received.at(-1)?.body.equals(Buffer.from(body))).toBe(true);
  });

  it("that is no JSON is told where", async () => {
    const reply = await post(request(`[${"{},".repeat(200_000)}oops]`));
    expect(reply.status).toBe(400);
    expect(await reply.text()).toMatch(/unexpected character at position 6000\d\d/);
  });
});

it("a byte-order mark in front of a body is taken off", async () => {
  expect((await post(`\uFEFF${request("1")}`)).status).toBe(200);
  expect(upstream.received.at(-1)?.body.toString()).toBe(request("1"));
});
