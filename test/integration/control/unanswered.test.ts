/** Models that nobody can answer now are part of the status, over real sockets. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLead, type TestLead } from "../../support/lead.ts";
import { REPLIES } from "../../support/replies.ts";
import { seededSecret } from "../../support/secrets.ts";
import { sendJson, startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let lead: TestLead;

beforeEach(async () => {
  upstream = await startUpstream((received, res) => {
    if (received.body.includes('"limited"')) {
      sendJson(res, 429, { error: { message: "Rate limit reached for limited" } }, { "retry-after": "60" });
    } else sendJson(res, 200, REPLIES["openai-chat"]);
  });
  lead = await openLead();
});
afterEach(async () => {
  await lead.close();
  await upstream.close();
});

it("names a model while each account that serves it waits, and no other", async () => {
  const control = await lead.client();
  const add = (id: string, models: string[]) =>
    control.call("accounts.add", {
      provider: "custom",
      id,
      endpoints: { "openai-chat": `${upstream.url}/v1` },
      apiKey: seededSecret(id),
      models,
    });
  await add("one", ["limited", "free"]);
  const { proxy } = await control.call("proxy.start", undefined);
  if (proxy.kind !== "running") throw new Error(`it is ${proxy.kind}`);
  const ask = (model: string) =>
    fetch(`${proxy.baseUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
    }).then(async (reply) => {
      await reply.text();
      return reply.status;
    });
  expect((await control.call("status.get", undefined)).unanswered).toBeUndefined();
  expect(await ask("limited")).toBe(429);
  expect(await ask("free")).toBe(200);
  const named = async () => {
    const { held, unanswered } = await control.call("status.get", undefined);
    return held.some(({ model }) => model === "limited") ? unanswered : "whole account";
  };
  await expect.poll(named).toEqual(["limited"]);
  // Somebody else has it.
  await add("two", ["limited"]);
  await expect.poll(named).toBeUndefined();
});
