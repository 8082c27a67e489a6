import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ask, ask, KEY, RawClient, requestBytes, type Started, start } from "./listener.ts";

const app = "https://app.example.com";
const upgrade = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: eA==",
];
const webSocket = (path: string, ...headers: string[]): Ask => ({
  method: "GET",
  path,
  headers: [...upgrade, ...headers],
});

describe("the guard over sockets", () => {
  let open: Started;
  let strict: Started;
  beforeAll(async () => {
    open = await start({ policy: { allowedOrigins: [app, "vscode-webview://*"] } });
    strict = await start({ policy: { authMode: "strict", allowedOrigins: [app] } });
  });
  afterAll(async () => {
    await Promise.all([open.listener.close(), strict.listener.close()]);
  });

  it.each<[string, number, Ask]>([
    ["a plain client", 200, { body: "{}" }],
    ["a forged Host", 403, { host: "evil.example" }],
    ["a Host with userinfo", 400, { host: "evil@localhost" }],
    ["two Host headers", 400, { headers: ["Host: localhost"] }],
    ["no Host", 400, { host: null }],
    ["an empty Host", 400, { host: "" }],
    ["a foreign Origin", 403, { headers: ["Origin: https://evil.example"], body: "{}" }],
    [
      "a text/plain post of a page",
      403,
      { headers: ["Origin: null", "Content-Type: text/plain"], body: "{}" },
    ],
    ["two Origins", 400, { headers: [`Origin: ${app}`, "oRiGiN: https://evil.example"] }],
    ["Sec-Fetch-Site: cross-site", 403, { method: "GET", headers: ["Sec-Fetch-Site: cross-site"] }],
    ["Sec-Fetch-Site: same-site", 403, { headers: ["sec-fetch-site: same-site"] }],
    ["Sec-Fetch-Mode alone", 200, { headers: ["Sec-Fetch-Mode: cors"] }],
    ["forwarded", 401, { headers: ["X-FORWARDED-for: 127.0.0.1"] }],
    ["forwarded with the key", 200, { headers: ["Forwarded: for=x", `x-api-key: ${KEY}`] }],
    [
      "a webview on the list",
      200,
      { headers: ["Origin: vscode-webview://1a", "Sec-Fetch-Site: cross-site"] },
    ],
    [
      "forwarded behind 2500 other headers",
      401,
      { headers: [...Array(2500).fill("a: b"), "X-Real-IP: 1.2.3.4"] },
    ],
  ])("%s: %i", async (_name, status, request) => {
    const reply = await ask(open.port, request);
    expect(reply.status).toBe(status);
    expect(reply.headers["access-control-allow-origin"]).not.toBe("*");
    JSON.parse(reply.body);
  });

  it("reads a key from each place", async () => {
    for (const headers of [
      [`Authorization: Bearer ${KEY}`],
      [`x-api-key: ${KEY}`],
      [`x-goog-api-key: ${KEY}`],
    ]) {
      expect((await ask(strict.port, { headers })).status).toBe(200);
    }
    expect((await ask(strict.port, { path: `/v1beta/models?key=${KEY}` })).status).toBe(200);
    expect((await ask(strict.port, { path: "/healthz", method: "GET" })).status).toBe(401);
    expect((await ask(strict.port, { headers: ["x-api-key: wrong-secret"] })).status).toBe(401);
  });

  it("logs refusals without secrets", () => {
    const text = strict.logged.join("\n");
    expect(text).toContain("401");
    expect(text).not.toContain(KEY);
    expect(text).not.toContain("wrong-secret");
  });

  it("answers a preflight without the key, and only for the list", async () => {
    const headers = ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: X-Api-Key"];
    const allowed = await ask(strict.port, { method: "OPTIONS", headers: [`Origin: ${app}`, ...headers] });
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": app,
      "access-control-allow-headers": "x-api-key",
    });
    const refused = await ask(strict.port, {
      method: "OPTIONS",
      headers: ["Origin: https://evil.example", ...headers],
    });
    expect(refused.status).toBe(403);
    expect(refused.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it.each<[string, number, Ask]>([
    ["an upgrade with a cookie", 403, webSocket("/v1/responses", "Cookie: a=b")],
    ["an upgrade of a foreign origin", 403, webSocket("/v1/responses", "Origin: http://localhost:3000")],
    ["an upgrade with a foreign Host", 403, { ...webSocket("/v1/responses"), host: "evil.example" }],
    ["an upgrade where HTTP is spoken", 426, webSocket("/v1/responses")],
    ["an upgrade to nowhere", 404, webSocket("/socket")],
    ["an upgrade to a path with dots", 404, webSocket("/v1/../socket")],
  ])("%s: %i", async (_name, status, request) => {
    const client = new RawClient(open.port).write(requestBytes(request));
    const reply = await client.reply();
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toMatchObject({ error: { message: expect.any(String) } });
    expect(reply.headers["x-request-id"]).toBeTruthy();
    await client.closed();
  });

  it("asks an upgrade for the key in mode strict", async () => {
    expect((await ask(strict.port, webSocket("/v1/responses"))).status).toBe(401);
    expect((await ask(strict.port, webSocket("/v1/responses", `Authorization: Bearer ${KEY}`))).status).toBe(
      426,
    );
  });

  it("serves a client that offers h2c, with its body", async () => {
    const client = new RawClient(open.port);
    const request = requestBytes({
      headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"],
      body: "x".repeat(100_000),
    });
    client.write(request.subarray(0, 5000));
    await client.connected();
    client.write(request.subarray(5000));
    expect(JSON.parse((await client.reply()).body)).toMatchObject({ bytes: 100_000, method: "POST" });
    client.text = "";
    client.write(requestBytes({ body: "more" }));
    expect(JSON.parse((await client.reply()).body)).toMatchObject({ bytes: 4 });
    client.socket.destroy();
  });

  it("guards a request that offers h2c", async () => {
    const headers = ["Connection: Upgrade", "Upgrade: h2c", "X-Forwarded-For: 1.2.3.4"];
    expect((await ask(open.port, { headers })).status).toBe(401);
  });

  it("is no forward proxy", async () => {
    const connect = new RawClient(open.port).write(
      "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    );
    expect((await connect.reply()).status).toBe(405);
    await connect.closed();
  });
});

describe("an upgrade handler", () => {
  it("gets the socket behind the guard, and is counted until it closes", async () => {
    const seen: string[] = [];
    const { listener, port } = await start({
      onUpgrade: ({ socket, path }) => {
        if (!path.ok || path.path !== "/v1/responses") return undefined;
        seen.push(path.path);
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        return { finish() {}, cut() {} };
      },
    });
    const refused = new RawClient(port).write(requestBytes(webSocket("/v1/responses", "Cookie: a=b")));
    expect((await refused.reply()).status).toBe(403);
    const client = new RawClient(port).write(requestBytes(webSocket("/responses/")));
    expect((await client.reply()).status).toBe(101);
    expect(seen).toEqual(["/v1/responses"]);
    expect(listener.active).toBe(1);
    await listener.close(10);
    await client.closed();
    expect(listener.active).toBe(0);
  });
});
