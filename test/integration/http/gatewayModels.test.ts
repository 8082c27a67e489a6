/** What Claude Code finds when it asks a gateway for its models: routes under names that it takes, and that work. */
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { REPLIES } from "../../support/replies.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let portico: TestGateway;
beforeAll(async () => {
  upstream = await startUpstream((_received, res) => sendJson(res, 200, REPLIES["openai-chat"]));
  portico = await startGateway({
    accounts: [
      {
        id: "work",
        provider: "openai",
        endpoints: { "openai-chat": `${upstream.url}/v1` },
        credentials: { apiKey: "k" },
        models: ["gpt-4.1"],
      },
    ],
    routes: [
      { model: "best", to: ["work/gpt-4.1"] },
      { model: "claude-own", to: ["work/gpt-4.1"] },
      // An alias goes before patterns that would take it.
      { model: "claude-*", to: ["nobody/x"] },
    ],
  });
});
afterAll(async () => {
  await portico.stop();
  await upstream.close();
});

it("lists routes under ids of Claude's, and serves them", async () => {
  const list = await fetch(`${portico.baseUrl}/v1/models?limit=1000`, {
    headers: { "anthropic-version": "2023-06-01" },
  });
  const { data } = (await list.json()) as {
    data: { id: string; display_name: string; max_input_tokens: unknown }[];
  };
  const taken = data.filter(({ id }) => /^(?:claude|anthropic)/.test(id));
  expect(taken).toMatchObject([
    { id: "claude-portico-best", display_name: "best → work/gpt-4.1", max_input_tokens: expect.any(Number) },
    { id: "claude-own" },
  ]);
  expect(data.map(({ id }) => id)).toContain("best");
  const client = new Anthropic({ baseURL: portico.baseUrl, apiKey: "key", maxRetries: 0 });
  for (const { id } of taken) {
    const message = await client.messages.create({
      model: id,
      max_tokens: 10,
      messages: [{ role: "user", content: "hi" }],
    });
    expect(message.model).toBe(id);
    expect(JSON.parse(upstream.received.at(-1)?.body.toString() ?? "")).toMatchObject({ model: "gpt-4.1" });
    expect((await client.models.retrieve(id)).id).toBe(id);
  }
});

it("lists them so to nobody else", async () => {
  const list = await fetch(`${portico.baseUrl}/v1/models`);
  expect(await list.text()).not.toContain("claude-portico");
});
