/** Megabytes of comments before the first event: held back until there is one, each byte looked at once. */
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

const COMMENT = `: ${"waiting ".repeat(14)}\n\n`;
const EVENT = `data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n`;
const DONE = "data: [DONE]\n\n";

let upstream: Upstream;
let portico: TestGateway;

beforeEach(async () => {
  upstream = await startUpstream(() => {});
  const endpoints = { "openai-chat": `${upstream.url}/v1` };
  portico = await startGateway({
    accounts: [{ id: "a", provider: "custom", endpoints, models: ["m"] }],
    upstream: { heartbeatMs: 60_000 },
  });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

/** In small pieces, each a chunk of its own. */
async function comments(res: ServerResponse, bytes: number): Promise<void> {
  const piece = COMMENT.repeat(8);
  for (let sent = 0; sent < bytes; sent += piece.length) {
    if (!res.write(piece)) await new Promise((resolve) => res.once("drain", resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @returns milliseconds of the processor, and what came */
async function ask(bytes: number): Promise<{ cpu: number; text: string }> {
  upstream.script = async (_received, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    await comments(res, bytes);
    res.end(EVENT + DONE);
  };
  const before = process.cpuUsage();
  const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] }),
  });
  const text = await reply.text();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, text };
}

it("goes through byte for byte, in time that grows with its size and not with its square", async () => {
  await ask(100_000);
  const small = await ask(750_000);
  const large = await ask(3_000_000);
  expect(large.text.endsWith(EVENT + DONE)).toBe(true);
  expect(large.text.replaceAll(COMMENT, "")).toBe(EVENT + DONE);
  // Four times as much; the square would be sixteen times.
  expect(large.cpu).toBeLessThan(Math.max(small.cpu, 50) * 10);
});

it("of more than is held back opens the stream", async () => {
  const { text } = await ask(6 * 1024 * 1024);
  expect(text.replaceAll(COMMENT, "")).toBe(EVENT + DONE);
});

it("that no event follows is an empty stream", async () => {
  upstream.script = async (_received, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    await comments(res, 100_000);
    res.end();
  };
  const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream: true, messages: [] }),
  });
  expect(reply.status).toBe(502);
  expect(await reply.text()).toContain("empty stream");
});
