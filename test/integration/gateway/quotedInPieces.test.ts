/** A key that a provider quotes in a reply too large to hold, and that comes in two pieces. */
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { seededSecret } from "../../support/secrets.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

const KEY = seededSecret("sk-test");
const MIB = 1024 * 1024;

let upstream: Upstream;
let portico: TestGateway;

beforeEach(async () => {
  upstream = await startUpstream(() => {});
  portico = await startGateway({
    accounts: [
      {
        id: "one",
        provider: "custom",
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: KEY },
        models: ["m"],
      },
    ],
  });
});
afterEach(async () => {
  await portico.stop();
  await upstream.close();
});

/** Each piece arrives by itself. */
function answers(type: string, pieces: readonly string[], length: boolean): void {
  upstream.script = async (_received, res) => {
    const size = Buffer.byteLength(pieces.join(""));
    res.writeHead(200, { "content-type": type, ...(length ? { "content-length": size } : {}) });
    for (const piece of pieces) {
      await new Promise((resolve) => res.write(piece, resolve));
      await pause(50);
    }
    res.end();
  };
}

async function ask(stream: boolean): Promise<string> {
  const reply = await fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }] }),
  });
  expect(reply.status).toBe(200);
  return await reply.text();
}

const halves = (text: string) => {
  const at = text.indexOf(KEY) + 10;
  return [text.slice(0, at), text.slice(at)];
};

it.each([true, false])("does not pass in a whole reply; its length told: %s", async (length) => {
  const text = JSON.stringify({
    id: "c",
    choices: [{ index: 0, message: { role: "assistant", content: "x".repeat(2 * MIB) } }],
    note: `you sent ${KEY}`,
  });
  answers("application/json", halves(text), length);
  const told = await ask(false);
  expect(told).toHaveLength(text.length);
  expect(told).not.toContain(KEY);
  expect(JSON.parse(told)).toMatchObject({
    id: "c",
    note: expect.stringMatching(/^you sent \[redacted\]\**$/),
  });
});

it("does not pass in an event that is too large to hold, and what follows is whole", async () => {
  const event = (note: string, content: string) =>
    `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta: { content }, finish_reason: null }], note })}\n\n`;
  const text = event(`you sent ${KEY}`, "y".repeat(5 * MIB)) + event("sk-", "z");
  answers("text/event-stream", [...halves(text), `${event("", KEY)}data: [DONE]\n\n`], false);
  const told = await ask(true);
  expect(told).not.toContain(KEY);
  expect(told.startsWith(text.slice(0, 1000))).toBe(true);
  expect(told).toContain("[redacted]");
  expect(told.endsWith(`data: [DONE]\n\n`)).toBe(true);
  expect(told).toContain(event("sk-", "z"));
});
