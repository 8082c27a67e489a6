/** A conversation that is compacted: the model itself writes the summary, and every account can read it. */
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { MODELS, type Rig, startRig } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";
import { sendJson } from "../../support/upstream.ts";

type Item = Record<string, unknown>;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const SUMMARY = "They asked for a plan; füfü.ts is done, tests are left.";
const TRIGGER = { type: "compaction_trigger" };
const TALK = [
  { role: "user", content: "Write a plan" },
  { role: "assistant", content: "A plan" },
];

async function post(path: string, body: object): Promise<string> {
  const reply = await fetch(new URL(path, rig.portico.baseUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(200);
  return reply.text();
}

const events = (text: string): Item[] =>
  [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = ""]) => JSON.parse(data) as Item);

const TARGETS: readonly Protocol[] = ["openai-chat", "anthropic", "gemini"];

describe.each(TARGETS)("Codex' compaction_trigger (%s)", (target) => {
  const model = `${target}/${MODELS[target].plain}`;

  it("is one compaction item, then the end, which every account reads", async () => {
    rig.scene = { ...HELLO, text: SUMMARY };
    const text = await post("/v1/responses", {
      model,
      stream: true,
      store: false,
      input: [...TALK, TRIGGER],
    });
    const seen = events(text);
    const done = seen
      .filter(({ type }) => type === "response.output_item.done")
      .map(({ item }) => item as Item);
    expect(done.map(({ type }) => type)).toEqual(["compaction"]);
    expect(seen.filter(({ type }) => String(type).startsWith("response.output_text"))).toEqual([]);
    const last = seen.at(-1);
    expect(last).toMatchObject({ type: "response.completed", response: { output: done } });
    expect(JSON.stringify(rig.sent.at(-1)?.body)).toMatch(/Write a summary of this conversation/);
    expect(rig.refused).toEqual([]);
    for (const other of [...TARGETS, "openai-responses"] as const) {
      rig.reset();
      const next = {
        model: `${other}/${MODELS[other].plain}`,
        input: [...done, { role: "user", content: "Go on" }],
      };
      await post("/v1/responses", { ...next, store: false });
      const sent = JSON.stringify(rig.sent.at(-1)?.body);
      expect(sent).toContain(SUMMARY);
      expect(sent).not.toContain("portico.summary");
      expect(rig.refused).toEqual([]);
    }
  });

  it("is the same without a stream", async () => {
    rig.scene = { ...HELLO, text: SUMMARY };
    const whole = JSON.parse(
      await post("/v1/responses", { model, store: false, input: [...TALK, TRIGGER] }),
    ) as Item;
    expect(whole).toMatchObject({ status: "completed", output: [{ type: "compaction" }] });
    expect(whole.output).toHaveLength(1);
  });
});

describe.each(TARGETS)("the endpoint of the Responses API (%s)", (target) => {
  const model = `${target}/${MODELS[target].plain}`;
  const client = () => new OpenAI({ apiKey: "k", baseURL: `${rig.portico.baseUrl}/v1`, maxRetries: 0 });

  it("gives the user's messages and one compaction item, which every account reads", async () => {
    rig.scene = { ...HELLO, text: SUMMARY };
    const compacted = await client().responses.compact({
      model,
      input: TALK as never,
      instructions: "Be kind.",
    });
    expect(compacted).toMatchObject({
      object: "response.compaction",
      output: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "Write a plan" }] },
        { type: "compaction" },
      ],
      usage: { input_tokens: HELLO.usage.input, output_tokens: HELLO.usage.output },
    });
    expect(compacted.output).toHaveLength(2);
    expect(JSON.stringify(rig.sent.at(-1)?.body)).toMatch(/Be kind.*Write a summary of this conversation/);
    expect(rig.refused).toEqual([]);
    for (const other of [...TARGETS, "openai-responses"] as const) {
      rig.reset();
      const input = [...compacted.output, { role: "user", content: "Go on" }] as never;
      await client().responses.create({ model: `${other}/${MODELS[other].plain}`, input, store: false });
      expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain(SUMMARY);
      expect(rig.refused).toEqual([]);
    }
  });

  it("goes on from a response that is kept here", async () => {
    rig.scene = { ...HELLO, text: "A plan" };
    const first = await client().responses.create({ model, input: "The very first words" });
    rig.scene = { ...HELLO, text: SUMMARY };
    const compacted = await client().responses.compact({ model, previous_response_id: first.id });
    expect(compacted.output.map(({ type }) => type as string)).toEqual(["message", "compaction"]);
    expect(JSON.stringify(compacted.output)).toContain("The very first words");
    expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain("The very first words");
  });

  it("has no streams", async () => {
    const reply = await fetch(`${rig.portico.baseUrl}/v1/responses/compact`, {
      method: "POST",
      body: JSON.stringify({ model, input: "hi", stream: true }),
    });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: { type: "invalid_request_error", param: "stream" } });
    expect(rig.sent).toEqual([]);
    await post("/v1/responses/compact", { model, input: "hi", stream: false });
  });

  it("says so where there is no summary, or nothing to compact", async () => {
    rig.scene = { ...HELLO, text: "" };
    await expect(client().responses.compact({ model, input: "hi" })).rejects.toThrow(/no summary/);
    await expect(client().responses.compact({ model })).rejects.toThrow(/'input'/);
  });
});

it("leaves a compaction to OpenAI itself, byte for byte", async () => {
  const body = '{"model":"openai-responses/gpt-4.1", "input" :[{"role":"user", "content":"hi"}] }';
  rig.script = (received, res) => {
    expect(received.url).toBe("/v1/responses/compact");
    expect(received.body.toString()).toBe(body.replace("openai-responses/", ""));
    sendJson(res, 200, { id: "resp_1", object: "response.compaction", output: [], usage: {} });
  };
  const reply = await fetch(`${rig.portico.baseUrl}/v1/responses/compact`, { method: "POST", body });
  expect(await reply.json()).toMatchObject({ id: "resp_1" });
});

it("compacts by the sandbox, too", async () => {
  const text = await post("/v1/responses/compact", { model: "sandbox/echo", input: TALK });
  expect(JSON.parse(text)).toMatchObject({
    object: "response.compaction",
    output: [{}, { type: "compaction" }],
  });
});

describe.each(["openai-chat", "openai-responses", "gemini"] as const)("Anthropic's blocks (%s)", (target) => {
  const model = `${target}/${MODELS[target].plain}`;
  const ask = { model, max_tokens: 500 };

  it.each([true, false])("a wish for one, stream: %s", async (stream) => {
    rig.scene = { ...HELLO, text: SUMMARY };
    const text = await post("/v1/messages?beta=true", {
      ...ask,
      stream,
      messages: TALK.slice(0, 1),
      compaction: { type: "summarize", instructions: "In one line, please." },
    });
    expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain("In one line, please.");
    expect(rig.refused).toEqual([]);
    if (!stream) {
      expect(JSON.parse(text)).toMatchObject({
        content: [{ type: "compaction", content: SUMMARY }],
        stop_reason: "compaction",
      });
      return;
    }
    const seen = events(text);
    const told = JSON.stringify(seen.filter(({ type }) => String(type).startsWith("content_block")));
    expect(told).toContain(SUMMARY);
    expect(seen.filter(({ type }) => type === "content_block_start")).toHaveLength(1);
    expect(seen.find(({ type }) => type === "message_delta")).toMatchObject({
      delta: { stop_reason: "compaction" },
    });
  });

  it("stand for what was said before; one that failed for nothing", async () => {
    const before = { role: "user", content: "The very first words" };
    const block = (content: string | null) => ({
      role: "assistant",
      content: [
        { type: "compaction", content },
        { type: "text", text: "Now" },
      ],
    });
    const after = { role: "user", content: "Go on" };
    await post("/v1/messages", { ...ask, system: "Be kind.", messages: [before, block(SUMMARY), after] });
    const sent = JSON.stringify(rig.sent.at(-1)?.body);
    for (const words of ["Be kind.", SUMMARY, "Now", "Go on"]) expect(sent).toContain(words);
    expect(sent).not.toContain("The very first words");
    await post("/v1/messages", { ...ask, messages: [before, block(null), after] });
    expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain("The very first words");
    expect(rig.refused).toEqual([]);
  });
});

describe("what only its maker can read", () => {
  const context = (protocol: Protocol) => ({ provider: protocol, autoCache: false, warn: () => {} });
  const message = (content: Item[]) => ({
    model: "m",
    input: [
      { role: "user", content: "hi" },
      { type: "agent_message", author: "/root", recipient: "/a", content },
    ],
  });
  it.each(TARGETS)("is never sent as text; what agents wrote readably is the user's (%s)", (target) => {
    const encode = (content: Item[]) =>
      JSON.stringify(
        CODECS[target].encodeRequest(
          CODECS["openai-responses"].decodeRequest(message(content), { model: "m", stream: false }),
          context(target),
        ),
      );
    const secret = { type: "encrypted_content", encrypted_content: "gAAAASECRET" };
    expect(encode([{ type: "input_text", text: "Look at a.ts" }, secret])).toContain("Look at a.ts");
    expect(encode([{ type: "input_text", text: "Look at a.ts" }, secret])).not.toContain("gAAAASECRET");
    expect(encode([secret])).not.toContain("gAAAASECRET");
  });
});
