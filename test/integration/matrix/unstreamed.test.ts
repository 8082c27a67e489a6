/** Models that write less of a reply that does not stream: they are asked by stream, and the client gets the whole. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { MODELS, misreadings, type Rig, startRig, warningsOf } from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import { type Scene, USAGE } from "../../support/matrix/scene.ts";
import type { Params } from "../../support/matrix/talk.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const OTHERS = PROTOCOLS.filter((client) => client !== "gemini");
const limit = (client: Protocol, most: number): Params =>
  client === "openai-chat"
    ? { max_completion_tokens: most }
    : { [client === "anthropic" ? "max_tokens" : "max_output_tokens"]: most };
const LONG: Scene = {
  reasoning: "It will be long.",
  text: "All of it.",
  calls: [{ id: "call_a1", name: "read", args: { path: "a" } }],
  finish: "tool-calls",
  usage: USAGE,
};

// Anthropic's SDK refuses to ask for a long reply that does not stream.
it.each(OTHERS.filter((client) => client !== "anthropic"))(
  "a long reply for a client of %s is gathered from a stream",
  async (client) => {
    rig.scene = LONG;
    const talk = rig.talk(client, "gemini/gemini-4-argon");
    const most = 60_000;
    const answer = await talk.ask({ text: "hi" }, false, { ...TOOLS[client], ...limit(client, most) });
    expect(answer).toMatchObject({
      text: LONG.text,
      reasoning: LONG.reasoning,
      calls: [{ name: "read", args: { path: "a" } }],
      usage: { input: USAGE.input, output: USAGE.output },
    });
    expect(misreadings(client, await rig.seen(), false)).toEqual([]);
    expect(await warningsOf(rig)).toBe("");
    expect(rig.sent.at(-1)).toMatchObject({
      stream: true,
      body: { generationConfig: { maxOutputTokens: most } },
    });
    expect((await rig.record()).stream).toBe(false);
  },
);

it("and for one of Anthropic's", async () => {
  rig.scene = LONG;
  const reply = await fetch(`${rig.portico.baseUrl}/v1/messages`, {
    method: "POST",
    body: JSON.stringify({
      model: "gemini/gemini-4-argon",
      max_tokens: 60_000,
      messages: [{ role: "user", content: "hi" }],
    }),
  });
  expect(await reply.json()).toMatchObject({ type: "message", stop_reason: "tool_use" });
  expect(rig.sent.at(-1)).toMatchObject({ stream: true });
});

it.each(OTHERS)("a short one is not (%s)", async (client) => {
  await rig.talk(client, "gemini/gemini-4-argon").ask({ text: "hi" }, false, limit(client, 1000));
  expect(rig.sent.at(-1)?.stream).toBe(false);
  await rig.talk(client, `gemini/${MODELS.gemini.plain}`).ask({ text: "hi" }, false, limit(client, 20_000));
  expect(rig.sent.at(-1)?.stream).toBe(false);
});

it.each([
  ["openai-responses", "/v1/responses/compact", { input: "hi" }],
  [
    "anthropic",
    "/v1/messages?beta=true",
    {
      max_tokens: 60_000,
      messages: [{ role: "user", content: "hi" }],
      compaction: { type: "summarize", instructions: "In one line." },
    },
  ],
] as const)("a compaction without a summary is an error of its own (%s)", async (_client, path, body) => {
  rig.scene = { ...LONG, text: "", calls: [], finish: "stop" };
  const reply = await fetch(new URL(path, rig.portico.baseUrl), {
    method: "POST",
    body: JSON.stringify({ model: "gemini/gemini-4-argon", ...body }),
    signal: AbortSignal.timeout(10_000),
  });
  expect(rig.sent.at(-1)?.stream).toBe(true);
  expect(reply.status).toBe(502);
  expect(await reply.text()).toMatch(/no summary/);
  expect((await rig.record()).error?.kind).toBe("upstream");
});
