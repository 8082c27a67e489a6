import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProxyState } from "../../../src/control/contract.ts";
import type { RequestDetails } from "../../../src/control/requests.ts";
import { replay } from "../../../src/gateway/leader/replay.ts";
import type { RecordedRequest } from "../../../src/gateway/records/records.ts";

let server: Server;
let proxy: ProxyState;
let got: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  got = [];
  answer = (response) => response.writeHead(200, { "x-request-id": "req_new" }).end("data: x\n\n");
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += String(piece);
    });
    request.on("end", () => {
      got.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  proxy = { kind: "running", host: "127.0.0.1", port, baseUrl: `http://127.0.0.1:${port}`, since: 1 };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function recorded(over: Partial<RecordedRequest> = {}): RecordedRequest {
  return {
    method: "POST",
    path: "/v1/chat/completions",
    headers: [
      ["content-type", "application/json"],
      ["anthropic-beta", "one"],
      ["host", "elsewhere"],
      ["content-length", "1"],
      ["cookie", "a=b"],
      ["origin", "https://evil.example"],
      ["x-api-key", "[redacted]"],
      ["sec-fetch-site", "cross-site"],
      ["x-portico-account", "gone"],
    ],
    body: '{ "model":"one",  "x": {"model":"inner"}, "é":1.0 }',
    complete: true,
    details: {} as RequestDetails,
    ...over,
  };
}

it("goes without a key while that cannot be read", async () => {
  const { signal } = new AbortController();
  await replay(recorded(), undefined, { proxy: () => proxy, apiKey: () => undefined }, signal);
  expect(got[0]?.headers).not.toHaveProperty("authorization");
});

const again = (request: RecordedRequest, model?: string, signal = new AbortController().signal) =>
  replay(request, model, { proxy: () => proxy, apiKey: () => "sk-own" }, signal);

describe("a request that is sent again", () => {
  it("is what it was, under the gateway's own key", async () => {
    expect(await again(recorded())).toEqual({ ok: true, id: "req_new", status: 200 });
    expect(got).toHaveLength(1);
    const [{ method, path, headers, body } = { headers: {} } as (typeof got)[number]] = got;
    expect([method, path, body]).toEqual(["POST", "/v1/chat/completions", recorded().body]);
    expect(headers).toMatchObject({ "anthropic-beta": "one", authorization: "Bearer sk-own" });
    for (const name of ["cookie", "origin", "x-api-key", "sec-fetch-site", "x-portico-account"]) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it("goes to another model, with no other byte changed", async () => {
    await again(recorded(), "two/three");
    expect(got[0]?.body).toBe('{ "model":"two/three",  "x": {"model":"inner"}, "é":1.0 }');
  });

  it("goes to another model in Gemini's paths", async () => {
    await again(recorded({ path: "/v1beta/models/gemini-a:streamGenerateContent", body: "{}" }), "b");
    expect(got[0]).toMatchObject({ path: "/v1beta/models/b:streamGenerateContent", body: "{}" });
  });

  it("tells the status of a refusal", async () => {
    answer = (response) => response.writeHead(429, { "x-request-id": "req_new" }).end("{}");
    expect(await again(recorded())).toEqual({ ok: true, id: "req_new", status: 429 });
  });

  it.each<[string, Partial<RecordedRequest>, string | undefined, RegExp]>([
    ["it was cut", { complete: false }, undefined, /Only part/],
    ["it was a question about models", { method: "GET", body: "" }, undefined, /Only requests to a model/],
    ["it names no model", { body: "{}" }, "two", /no model/],
  ])("is not sent where %s", async (_why, over, model, words) => {
    const result = await again(recorded(over), model);
    expect(result).toEqual({ ok: false, message: expect.stringMatching(words) });
    expect(got).toEqual([]);
  });

  it("is not sent where its words were not recorded", async () => {
    const { body: _none, ...rest } = recorded();
    expect(await again(rest)).toEqual({ ok: false, message: expect.stringContaining("was not recorded") });
  });

  it("is not sent while the proxy is stopped", async () => {
    proxy = { kind: "stopped" };
    expect(await again(recorded())).toEqual({ ok: false, message: expect.stringContaining("stopped") });
  });

  it("ends with who asked for it, and with the connection", async () => {
    const end = new AbortController();
    answer = () => end.abort();
    expect(await again(recorded(), undefined, end.signal)).toMatchObject({ ok: false });
    answer = (response) => response.destroy();
    expect(await again(recorded())).toMatchObject({ ok: false });
  });
});
