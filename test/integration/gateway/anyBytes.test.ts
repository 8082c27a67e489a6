import http from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import fc from "../../support/property.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

/** What Portico may say of itself that is no fault of the client's: nobody there, or nobody answers. */
const DOCUMENTED = new Set([501, 502, 503, 504]);

type Family = "openai" | "anthropic" | "gemini";

const ENDPOINTS: readonly (readonly [method: string, path: string, family: Family])[] = [
  ["POST", "/v1/chat/completions", "openai"],
  ["POST", "/v1/completions", "openai"],
  ["POST", "/v1/embeddings", "openai"],
  ["POST", "/v1/moderations", "openai"],
  ["POST", "/v1/images/generations", "openai"],
  ["POST", "/v1/audio/transcriptions", "openai"],
  ["POST", "/v1/responses", "openai"],
  ["POST", "/v1/responses/input_tokens", "openai"],
  ["POST", "/v1/responses/compact", "openai"],
  ["GET", "/v1/responses/resp_1", "openai"],
  ["DELETE", "/v1/responses/resp_1", "openai"],
  ["POST", "/v1/responses/resp_1/cancel", "openai"],
  ["GET", "/v1/responses/resp_1/input_items", "openai"],
  ["POST", "/v1/messages", "anthropic"],
  ["POST", "/v1/messages/count_tokens?beta=true", "anthropic"],
  ["POST", "/v1beta/models/sandbox/echo:generateContent", "gemini"],
  ["POST", "/v1beta/models/m:generateContent", "gemini"],
  ["POST", "/v1beta/models/m:streamGenerateContent", "gemini"],
  ["POST", "/v1beta/models/m:streamGenerateContent?alt=sse", "gemini"],
  ["POST", "/v1beta/models/m:countTokens", "gemini"],
  ["POST", "/v1beta/models/m:embedContent", "gemini"],
  ["POST", "/v1beta/models/m:batchEmbedContents", "gemini"],
  ["GET", "/v1/models", "openai"],
  ["GET", "/v1/models/m", "openai"],
  ["GET", "/v1beta/models/m", "gemini"],
  ["POST", "/v1/nothing/here", "openai"],
];

let upstream: Upstream;
let without: TestGateway;
let withAccounts: TestGateway;
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

beforeAll(async () => {
  // Fits all shapes: what a provider says of the client's request goes on as it is.
  const refusal = {
    message: "no such thing",
    type: "invalid_request_error",
    code: 400,
    status: "INVALID_ARGUMENT",
  };
  upstream = await startUpstream((_received, res) => sendJson(res, 400, { type: "error", error: refusal }));
  without = await startGateway();
  const account = (id: string, endpoints: object) => ({
    id,
    provider: "custom" as const,
    endpoints,
    credentials: { apiKey: "k" },
    models: ["*"],
  });
  withAccounts = await startGateway({
    accounts: [
      account("speaks-all", {
        "openai-chat": `${upstream.url}/v1`,
        "openai-responses": `${upstream.url}/v1`,
        anthropic: upstream.url,
        gemini: upstream.url,
      }),
      account("translates", { anthropic: upstream.url }),
    ],
    routes: [{ model: "t-*", to: ["translates/x"] }],
  });
});
afterAll(async () => {
  agent.destroy();
  await Promise.all([without.stop(), withAccounts.stop(), upstream.close()]);
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function ask(port: number, method: string, path: string, body: Buffer, headers: http.OutgoingHttpHeaders) {
  return new Promise<Answer>((resolve, reject) => {
    const req = http.request({ agent, port, host: "127.0.0.1", method, path, headers }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("error", reject);
      res.on("end", () =>
        resolve({
          status: res.statusCode ?? 0,
          type: res.headers["content-type"] ?? "",
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    req.on("error", reject);
    req.end(body);
  });
}

function expectErrorShape(family: Family, { text, type, status }: Answer): void {
  expect(type).toContain("application/json");
  const body = JSON.parse(text) as Record<string, unknown>;
  const error = body["error"] as Record<string, unknown>;
  expect(typeof error["message"]).toBe("string");
  expect(error["message"]).not.toBe("");
  if (family === "anthropic") expect(body["type"]).toBe("error");
  if (family === "gemini") expect(error).toMatchObject({ code: status, status: expect.any(String) });
  if (family === "openai") expect(typeof error["type"]).toBe("string");
}

/** Any JSON, often with the fields that requests have. */
const names = [
  "model",
  "messages",
  "contents",
  "input",
  "prompt",
  "stream",
  "tools",
  "role",
  "content",
  "parts",
  "text",
];
const someRequest = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom<unknown>("sandbox/echo", "m", "t-1", "user", "hi", null, true, 0, -1, 1.5, ""),
    fc.jsonValue({ maxDepth: 2 }),
    tie("object"),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...names, "type", "function", "max_tokens", "x"), tie("value"), {
    maxKeys: 5,
  }),
}));
const request = fc
  .tuple(
    fc.constantFrom("sandbox/echo", "sandbox/tools", "m", "t-1"),
    someRequest.value,
    someRequest.value,
    fc.boolean(),
    someRequest.object as fc.Arbitrary<Record<string, unknown>>,
  )
  .map(([model, one, two, stream, more]) => ({
    model,
    messages: [{ role: "user", content: one }, two],
    contents: [{ role: "user", parts: [one] }, two],
    input: [{ role: "user", content: one }, two],
    prompt: one,
    max_tokens: 5,
    stream,
    tools: [two],
    ...more,
  }));

const body = fc.oneof(
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 2, arbitrary: fc.json().map((text) => Buffer.from(text)) },
  { weight: 4, arbitrary: request.map((value) => Buffer.from(JSON.stringify(value))) },
  {
    weight: 2,
    arbitrary: (someRequest.object as fc.Arbitrary<unknown>).map((value) =>
      Buffer.from(JSON.stringify(value)),
    ),
  },
);

const headers = fc.record(
  {
    "content-type": fc.constantFrom(
      "application/json",
      "text/plain",
      "multipart/form-data; boundary=x",
      "multipart/form-data",
      "",
    ),
    "content-encoding": fc.constantFrom("identity", "gzip", "br", "deflate", "zstd"),
  },
  { requiredKeys: ["content-type"] },
);

describe("any bytes as a body", () => {
  it.each([
    ["without accounts", () => without],
    ["with accounts", () => withAccounts],
  ])(
    "never get a 5xx of our own making: %s",
    async (_name, gateway) => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...ENDPOINTS), body, headers, async (endpoint, bytes, sent) => {
          const [method, path, family] = endpoint;
          const reply = await ask(gateway().port, method, path, bytes, sent);
          if (reply.status >= 500) expect(DOCUMENTED).toContain(reply.status);
          if (reply.status >= 400) expectErrorShape(family, reply);
        }),
        { numRuns: 700 },
      );
      const internal = gateway().records.filter(({ error }) => error?.kind === "internal");
      expect(internal).toEqual([]);
      expect((await fetch(`${gateway().baseUrl}/healthz`)).status).toBe(200);
    },
    60_000,
  );
});

describe("odd requests", () => {
  it.each([
    ["HEAD", "/v1/models"],
    ["HEAD", "/v1/chat/completions"],
    ["PUT", "/v1/messages"],
    ["OPTIONS", "/v1/responses"],
    ["PATCH", "/v1beta/models/m:generateContent"],
    ["TRACE", "/v1/models"],
  ])("%s %s are answered", async (method, path) => {
    const { status } = await ask(withAccounts.port, method, path, Buffer.alloc(0), {});
    expect([200, 405]).toContain(status);
  });

  it("that wait for 100 Continue, come in chunks or over HTTP/1.0 are served", async () => {
    const text = JSON.stringify({ model: "sandbox/echo", messages: [{ role: "user", content: "hi" }] });
    const path = "/v1/chat/completions";
    const continued = await ask(without.port, "POST", path, Buffer.from(text), { expect: "100-continue" });
    expect(continued.status).toBe(200);
    const chunked = await ask(without.port, "POST", path, Buffer.from(text), {
      "transfer-encoding": "chunked",
    });
    expect(chunked.status).toBe(200);
    const net = await import("node:net");
    const old = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(without.port, "127.0.0.1");
      const streamed = text.replace("}]}", '}],"stream":true}');
      let got = "";
      socket.on("data", (chunk) => {
        got += chunk.toString();
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(got));
      socket.write(
        `POST ${path} HTTP/1.0\r\nhost: localhost\r\ncontent-length: ${streamed.length}\r\n\r\n${streamed}`,
      );
    });
    expect(old).toMatch(/^HTTP\/1\.1 200 /);
    expect(old).not.toMatch(/transfer-encoding/i);
    expect(old.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});
