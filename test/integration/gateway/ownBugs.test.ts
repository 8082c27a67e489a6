/** What fails in Portico itself behind a reply, or where it begins: one client hears of it, and nobody else. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";

let portico: TestGateway;
afterEach(() => portico.stop());

const ask = (model: string) =>
  fetch(`${portico.baseUrl}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });

it("leaves a reply alone that is out when its record fails", async () => {
  const errors: string[] = [];
  let fails = true;
  const lines = () => {
    if (fails) throw new Error("no line today");
  };
  portico = await startGateway(
    {},
    {
      log: {
        debug: lines,
        info: lines,
        warn: () => {},
        error: (message: string) => void errors.push(message),
      },
    },
  );
  const reply = await ask("sandbox/echo");
  expect(reply.status).toBe(200);
  expect(await reply.json()).toMatchObject({ object: "chat.completion" });
  await expect.poll(() => errors.join("\n")).toMatch(/no line today/);
  fails = false;
  expect((await ask("sandbox/echo")).status).toBe(200);
});

it("says 500 where it fails before a word was said", async () => {
  const errors: string[] = [];
  let now = Date.now;
  portico = await startGateway(
    {},
    {
      clock: { ...(await import("../../../src/gateway/common/ports.ts")).systemClock, now: () => now() },
      log: {
        debug: () => {},
        info: () => {},
        warn: () => {},
        error: (message: string) => void errors.push(message),
      },
    },
  );
  now = () => {
    throw new Error("no time today");
  };
  const socket = connect(portico.port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const [first] = await once(socket, "data");
  expect(String(first)).toMatch(/^HTTP\/1\.1 500 /);
  socket.destroy();
  now = Date.now;
  expect(errors.join("\n")).toMatch(/no time today/);
  expect((await ask("sandbox/echo")).status).toBe(200);
});

it.each([
  ["GET", "/healthz", 200],
  ["HEAD", "/healthz", 200],
  ["GET", "//healthz/", 200],
  ["GET", "/v1/healthz?verbose=1", 200],
  ["POST", "/healthz", 405],
] as const)("answers whoever watches over it: %s %s is %i", async (method, path, status) => {
  portico = await startGateway();
  const reply = await fetch(portico.baseUrl + path, { method });
  expect(reply.status).toBe(status);
  if (method === "GET") expect(await reply.json()).toMatchObject({ status: "ok", name: "portico" });
  if (method === "HEAD") expect(await reply.text()).toBe("");
  expect((await portico.recorded()).status).toBe(status);
});
