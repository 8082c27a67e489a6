/** A conversation that Claude sums up itself, for a client of the Responses API: the summary comes back, and every account reads it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { MODELS, misreadings, type Rig, type Sent, startRig, warningsOf } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";

type Item = Record<string, unknown>;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => {
  rig.reset();
  rig.demand = betaDemand;
});
afterAll(() => rig.stop());

const CLAUDE = "anthropic/claude-opus-4-6";
const SUMMARY = "They asked for a plan; füfü.ts is done 🎉, tests are left.";
const PARAMS = { context_management: [{ type: "compaction", compact_threshold: 60_000 }] };
const FIRST = "The very first words";

/** Anthropic knows neither the wish nor the block without its beta header. */
function betaDemand({ protocol, body, headers }: Sent): string[] {
  if (protocol !== "anthropic" || !/"compact(?:ion|_20260112)"/.test(JSON.stringify(body))) return [];
  return String(headers["anthropic-beta"]).includes("compact-2026-01-12") ? [] : ["no beta header"];
}

const lastBody = () => rig.sent.at(-1)?.body ?? {};
const messagesOf = (body: Item) => body.messages as { role: string; content: unknown }[];

describe.each([true, false])("stream: %s", (stream) => {
  async function summedUp(scene: object = {}) {
    rig.scene = { ...HELLO, summary: SUMMARY, ...scene };
    const talk = rig.talk("openai-responses", CLAUDE);
    const answer = await talk.ask({ text: FIRST }, stream, PARAMS);
    expect(rig.refused).toEqual([]);
    expect(lastBody().context_management).toEqual({
      edits: [{ type: "compact_20260112", trigger: { type: "input_tokens", value: 60_000 } }],
    });
    expect(answer.text).toBe(HELLO.text);
    expect(misreadings("openai-responses", await rig.seen(), stream)).toEqual([]);
    expect(await warningsOf(rig)).toBe("");
    rig.scene = HELLO;
    return { talk, output: (answer.raw as { output: Item[] }).output };
  }

  it("the summary is a compaction item, and its block goes back to Claude alone", async () => {
    const { talk, output } = await summedUp();
    expect(output.map(({ type }) => type)).toEqual(["compaction", "message"]);
    expect(output[0]?.id).toMatch(/^cmp_/);
    await talk.ask({ text: "Go on" }, stream);
    expect(rig.refused).toEqual([]);
    expect(messagesOf(lastBody())).toEqual([
      {
        role: "assistant",
        content: [
          { type: "compaction", content: SUMMARY },
          { type: "text", text: HELLO.text },
        ],
      },
      { role: "user", content: [expect.objectContaining({ type: "text", text: "Go on" })] },
    ]);
    expect(await warningsOf(rig)).toBe("");
  });

  it("calls after it are answered as ever", async () => {
    const call = { id: "call_a1", name: "read", args: { path: "a.txt" } };
    const { talk } = await summedUp({ calls: [call], finish: "tool-calls" });
    const results = [{ id: call.id, name: call.name, content: [{ text: "what it says" }] }];
    await talk.ask({ results }, stream);
    expect(rig.refused).toEqual([]);
    expect(messagesOf(lastBody())).toMatchObject([
      { content: [{ type: "compaction" }, { type: "text" }, { type: "tool_use" }] },
      { content: [{ type: "tool_result", content: "what it says" }] },
    ]);
  });

  it.each(PROTOCOLS)("what was said before it is left out everywhere (%s)", async (target) => {
    const { talk } = await summedUp();
    // An older Claude reads no blocks.
    talk.model = `${target}/${MODELS[target].plain}`;
    await talk.ask({ text: "Go on" }, stream);
    expect(rig.refused).toEqual([]);
    const sent = JSON.stringify(lastBody());
    for (const words of [SUMMARY, HELLO.text ?? "", "Go on"]) expect(sent).toContain(words);
    expect(sent).not.toContain("portico.summary");
    expect(sent).not.toContain('"compaction"');
    // Passthrough puts words in the place of the item, and edits nothing else.
    if (target !== "openai-responses") expect(sent).not.toContain(FIRST);
  });

  it("the last of several counts", async () => {
    const { talk } = await summedUp();
    rig.scene = { ...HELLO, summary: "All of it, once more." };
    await talk.ask({ text: "Go on" }, stream, PARAMS);
    rig.scene = HELLO;
    await talk.ask({ text: "And on" }, stream, PARAMS);
    expect(rig.refused).toEqual([]);
    const sent = JSON.stringify(messagesOf(lastBody()));
    expect(sent).toContain("All of it, once more.");
    for (const words of [SUMMARY, FIRST, "Go on"]) expect(sent).not.toContain(words);
  });

  it("one that is signed goes back as it was to the model that wrote it, to others as words", async () => {
    const summarySeal = { encrypted_content: "ZW5j", signature: "c2ln" };
    const { talk } = await summedUp({ summarySeal });
    await talk.ask({ text: "Go on" }, stream);
    expect(messagesOf(lastBody())[0]?.content).toMatchObject([
      { type: "compaction", content: SUMMARY, ...summarySeal },
      {},
    ]);
    talk.model = "anthropic/claude-opus-4-8";
    await talk.ask({ text: "And on" }, stream);
    expect(rig.refused).toEqual([]);
    expect(JSON.stringify(lastBody())).not.toMatch(/"compaction"|c2ln|ZW5j/);
    expect(JSON.stringify(lastBody())).toContain(SUMMARY);
  });

  it("one that is asked for at once is a summary by the model, not two", async () => {
    rig.scene = { ...HELLO, text: SUMMARY };
    const reply = await fetch(`${rig.portico.baseUrl}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...PARAMS,
        model: CLAUDE,
        stream,
        store: false,
        input: [{ role: "user", content: FIRST }, { type: "compaction_trigger" }],
      }),
    });
    expect(reply.status).toBe(200);
    await reply.text();
    expect(rig.refused).toEqual([]);
    expect(lastBody()).not.toHaveProperty("context_management");
  });

  it("tokens are counted with it, too", async () => {
    rig.script = (_received, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.end('{"input_tokens":7}');
    };
    const reply = await fetch(`${rig.portico.baseUrl}/v1/responses/input_tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...PARAMS, model: CLAUDE, input: FIRST }),
    });
    expect(await reply.json()).toMatchObject({ input_tokens: 7 });
    expect(lastBody()).toHaveProperty("context_management");
    expect(rig.refused).toEqual([]);
  });
});

it("a summary that failed stands for nothing", async () => {
  rig.script = (_received, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    res.end(
      JSON.stringify({
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-opus-4-6",
        content: [
          { type: "compaction", content: null, encrypted_content: null },
          { type: "text", text: "Hello" },
        ],
        stop_reason: "end_turn",
        stop_sequence: null,
        usage: { input_tokens: 5, output_tokens: 5 },
      }),
    );
  };
  const talk = rig.talk("openai-responses", CLAUDE);
  const { raw } = await talk.ask({ text: FIRST }, false, PARAMS);
  expect((raw as { output: Item[] }).output.map(({ type }) => type)).toEqual(["message"]);
  rig.script = undefined;
  await talk.ask({ text: "Go on" }, false, PARAMS);
  expect(JSON.stringify(lastBody())).toContain(FIRST);
  expect(rig.refused).toEqual([]);
});
