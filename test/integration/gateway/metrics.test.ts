import { afterEach, describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../src/gateway/settings/settings.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { parsePrometheus } from "../../support/prometheus.ts";

let portico: TestGateway | undefined;
afterEach(() => portico?.stop());

async function start(settings: SettingsInput = {}): Promise<TestGateway> {
  portico = await startGateway(settings);
  return portico;
}

async function ask(base: string): Promise<void> {
  const reply = await fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      model: "sandbox/echo",
      stream: true,
      messages: [{ role: "user", content: "Hi" }],
    }),
  });
  expect(await reply.text()).toContain("[DONE]");
}

describe("GET /metrics", () => {
  it("tells what was asked, in Prometheus' format", async () => {
    const { baseUrl, log, recorded } = await start();
    await ask(baseUrl);
    await recorded((record) => record.model === "sandbox/echo");
    const reply = await fetch(`${baseUrl}/metrics`);
    expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parsePrometheus(await reply.text());
    const { samples = [] } = families.get("gen_ai_client_token_usage") ?? {};
    expect(samples.find(({ name }) => name.endsWith("_count"))).toMatchObject({
      labels: { gen_ai_provider_name: "sandbox", gen_ai_request_model: "sandbox/echo" },
      value: 1,
    });
    expect(families.get("portico_requests_in_flight")?.samples[0]?.value).toBe(0);
    expect(log.some((line) => line.includes("/metrics"))).toBe(false);
    const head = await fetch(`${baseUrl}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await fetch(`${baseUrl}/metrics`, { method: "POST" })).status).toBe(405);
  });

  it("asks for the key like everything else", async () => {
    const apiKey = "sk-portico-0123456789abcdef";
    const { baseUrl, gateway } = await start({ auth: { mode: "all_except_health", apiKey } });
    const get = (headers: Record<string, string> = {}) => fetch(`${baseUrl}/metrics`, { headers });
    expect((await get()).status).toBe(401);
    expect((await get({ authorization: `Bearer ${apiKey}` })).status).toBe(200);
    expect((await get({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect(gateway.state.kind).toBe("running");
    await portico?.stop();
    // Who comes by way of a proxy is not this computer.
    const open = await start({ auth: { mode: "off", apiKey } });
    const forwarded = { "x-forwarded-for": "10.0.0.1" };
    expect((await fetch(`${open.baseUrl}/metrics`, { headers: forwarded })).status).toBe(401);
    expect((await fetch(`${open.baseUrl}/metrics`)).status).toBe(200);
  });
});
