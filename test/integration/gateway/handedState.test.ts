/** Replies that end after the lead was given up: what their conversations need is there for whoever leads next. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handedRecord, toHandOver } from "../../../src/gateway/records/handed.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { startUpstream, type Upstream } from "../../support/upstream.ts";

let upstream: Upstream;
let first: TestGateway;
let second: TestGateway;

const account = (id: string) => ({
  id,
  provider: "custom" as const,
  endpoints: { "openai-responses": `${upstream.url}/${id}/v1` },
  credentials: { apiKey: id },
  models: ["m"],
});

beforeEach(async () => {
  upstream = await startUpstream(() => {});
  const gemini = {
    id: "gemini",
    provider: "gemini" as const,
    endpoints: { gemini: upstream.url },
    credentials: { apiKey: "k" },
    models: ["g"],
  };
  const settings = { accounts: [account("one"), account("two"), gemini] };
  [first, second] = await Promise.all([startGateway(settings), startGateway(settings)]);
});
afterEach(async () => {
  await Promise.all([first.stop(), second.stop()]);
  await upstream.close();
});

const post = (portico: TestGateway, path: string, body: object) =>
  fetch(`${portico.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** Gives up the lead with the request under way, lets it end, and hands over what there is. */
async function handOn(asked: Promise<Response>, end: () => void): Promise<void> {
  await expect.poll(() => upstream.received.length).toBeGreaterThan(0);
  await first.gateway.leave(1000);
  end();
  await (await asked).text();
  const record = await first.recorded();
  const state = first.gateway.late();
  expect(state).toBeDefined();
  // Once, and through the control API.
  expect(first.gateway.late()).toBeUndefined();
  const sent = JSON.parse(
    JSON.stringify(toHandOver({ record, counted: false, ...(state === undefined ? {} : { state }) })),
  );
  const handed = handedRecord(sent);
  second.gateway.take(handed === undefined ? [] : [handed], []);
}

describe("a reply that ends during the drain", () => {
  it("of the Responses API is built upon at the account that made it", async () => {
    let end = () => {};
    let made = "";
    upstream.script = ({ url }, res) => {
      made = /\/(one|two)\//.exec(url)?.[1] ?? "";
      const response = { id: "resp_late", object: "response", status: "completed", output: [], usage: null };
      end = () => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        res.write(`data: ${JSON.stringify({ type: "response.created", response })}\n\n`);
        res.end(`data: ${JSON.stringify({ type: "response.completed", response })}\n\n`);
      };
    };
    await handOn(post(first, "/v1/responses", { model: "m", stream: true, input: "hi" }), () => end());
    expect(made).not.toBe("");
    upstream.script = (_received, res) => {
      const body = { id: "resp_2", object: "response", status: "completed", output: [] };
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    // Whichever is next in turn.
    for (let n = 0; n < 6; n++) {
      upstream.received.length = 0;
      const asked = { model: "m", previous_response_id: "resp_late", input: `again ${n}` };
      expect((await post(second, "/v1/responses", asked)).status).toBe(200);
      expect(upstream.received.map(({ url }) => url.split("/")[1])).toEqual([made]);
    }
  });

  it("brings the signature of its call to the next turn", async () => {
    let end = () => {};
    const part = { functionCall: { name: "look", args: { at: "it" } }, thoughtSignature: "c2lnbmVk" };
    upstream.script = (_received, res) => {
      end = () => {
        const candidates = [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }];
        res.writeHead(200, { "content-type": "application/json" });
        res.end(JSON.stringify({ candidates, usageMetadata: { promptTokenCount: 1, totalTokenCount: 2 } }));
      };
    };
    const user = { role: "user", content: "look at it" };
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
    const asked = post(first, "/v1/chat/completions", { model: "g", messages: [user], tools });
    await handOn(asked, () => end());
    upstream.received.length = 0;
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: '{"at":"it"}' } };
    const messages = [
      user,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "seen" },
    ];
    const turn = post(second, "/v1/chat/completions", { model: "g", messages, tools });
    await expect.poll(() => upstream.received.length).toBeGreaterThan(0);
    end();
    await (await turn).text();
    expect(upstream.received[0]?.body.toString()).toContain('"thoughtSignature":"c2lnbmVk"');
  });
});
