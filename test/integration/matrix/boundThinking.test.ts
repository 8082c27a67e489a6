/**
 * Thinking that Claude made in another conversation, as its newest models call history that was edited in front of it:
 * the request is answered all the same, once more without any thinking, on the same account.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/fix-bound-to-a-different-conversation
 */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { type Rig, startRig, WRITERS } from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import { type Scene, USAGE } from "../../support/matrix/scene.ts";
import { type Script, sendJson, sendStream } from "../../support/upstream.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const CALLING: Scene = {
  reasoning: "I should read it.",
  proof: "c2lnbmF0dXJlLW9mLXRoZS1wcm92aWRlcg==",
  text: "Let me look.",
  calls: [{ id: "call_a1", name: "read", args: { path: "a" } }],
  finish: "tool-calls",
  usage: USAGE,
};
const DONE: Scene = { text: "All done.", finish: "stop", usage: USAGE };

/** Refuses any thinking, in the provider's words. */
const bound: Script = async (received, res) => {
  const text = received.body.toString();
  if (text.includes('"type":"thinking"') && text.includes('"signature"')) {
    const message =
      'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".';
    sendJson(res, 400, { type: "error", error: { type: "invalid_request_error", message } });
    return;
  }
  const body = JSON.parse(text) as { stream?: boolean };
  const wire = WRITERS.anthropic(rig.scene);
  if (body.stream !== true) sendJson(res, 200, wire.whole);
  else
    await sendStream(
      res,
      wire.events.map(({ event, data }) => `${event ? `event: ${event}\n` : ""}data: ${data}\n\n`),
    );
};

it.each(PROTOCOLS.flatMap((client) => [true, false].map((stream) => ({ client, stream }))))(
  "is left out for a client of $client (stream: $stream)",
  async ({ client, stream }) => {
    rig.scene = CALLING;
    const talk = rig.talk(client, "anthropic/claude-opus-5-5");
    const first = await talk.ask({ text: `Read it, ${client} ${stream}.` }, stream, TOOLS[client]);
    expect(rig.refused).toEqual([]);
    rig.scene = DONE;
    rig.script = bound;
    const [call] = first.calls;
    if (call === undefined) throw new Error("no call");
    const results = [{ id: call.id, name: call.name, content: [{ text: "found" }] }];
    const second = await talk.ask({ results }, stream, TOOLS[client]);
    expect(second.text).toBe("All done.");
    const [, refused, mended] = rig.sent.map(({ body }) => JSON.stringify(body));
    expect(rig.sent).toHaveLength(3);
    expect(refused).toContain('"type":"thinking"');
    expect(mended).not.toContain('"type":"thinking"');
    // Words, calls and results went on.
    for (const words of ["Let me look.", "tool_use", "found"]) expect(mended).toContain(words);
    const record = await rig.record();
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["foreign-state", "ok"]);
    const own = rig.portico.gateway.pool.standing().find(({ account }) => account === "anthropic");
    expect(own).toMatchObject({ state: "ready", held: [] });
  },
);
