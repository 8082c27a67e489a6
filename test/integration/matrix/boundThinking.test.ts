/**
 * Thinking that Claude made in another conversation, as its newest models call history that was edited in front of it:
 * the request is answered all the same, once more without any thinking, on the same account.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/fix-bound-to-a-different-conversation
 */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import {
  conversationOf,
  MOST_CONVERSATIONS,
  RefusedReasoning,
} from "../../../src/gateway/requests/attempts/refusedReasoning.ts";
import { startGateway } from "../../support/gateway.ts";
import { type Rig, startRig, WRITERS, warningsOf } from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import { type Scene, USAGE } from "../../support/matrix/scene.ts";
import type { TalkAnswer } from "../../support/matrix/talk.ts";
import { type Script, sendJson, sendStream, startUpstream } from "../../support/upstream.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const CALLING: Scene = {
  reasoning: "I should read it.",
  signature: "c2lnbmF0dXJlLW9mLXRoZS1wcm92aWRlcg==",
  text: "Let me look.",
  calls: [{ id: "call_a1", name: "read", args: { path: "a" } }],
  finish: "tool-calls",
  usage: USAGE,
};
/** The next turn thinks again. */
const AGAIN: Scene = {
  ...CALLING,
  reasoning: "And another.",
  signature: "YW5vdGhlci1zaWduYXR1cmU=",
  calls: [{ id: "call_a2", name: "read", args: { path: "b" } }],
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

/** Refuses the thinking that has these signatures. */
const boundTo =
  (...signatures: readonly string[]): Script =>
  async (received, res, req) => {
    const text = received.body.toString();
    if (signatures.some((signature) => text.includes(signature))) return await bound(received, res, req);
    return await bound(
      { ...received, body: Buffer.from(text.replaceAll('"thinking"', '"thought"')) },
      res,
      req,
    );
  };
const resultsOf = (answer: TalkAnswer) =>
  answer.calls.map(({ id, name }) => ({ id, name, content: [{ text: "found" }] }));

it.each(PROTOCOLS.flatMap((client) => [true, false].map((stream) => ({ client, stream }))))(
  "is refused once in a conversation, and what is thought later stays ($client, stream: $stream)",
  async ({ client, stream }) => {
    rig.scene = CALLING;
    const talk = rig.talk(client, "anthropic/claude-opus-5-5");
    const first = await talk.ask({ text: `Read on, ${client} ${stream}.` }, stream, TOOLS[client]);
    rig.scene = AGAIN;
    rig.script = boundTo(CALLING.signature ?? "");
    const second = await talk.ask({ results: resultsOf(first) }, stream, TOOLS[client]);
    expect(second.reasoning).toBe("And another.");
    rig.sent.length = 0;
    rig.scene = DONE;
    const third = await talk.ask({ results: resultsOf(second) }, stream, TOOLS[client]);
    expect(third.text).toBe("All done.");
    expect(rig.sent).toHaveLength(1);
    const body = JSON.stringify(rig.sent[0]?.body);
    expect(body).not.toContain(CALLING.signature);
    expect(body).toContain(AGAIN.signature);
    // What is passed through untouched has no header of ours; the record says it.
    expect(await warningsOf(rig)).toBe(
      client === "anthropic" ? "" : "reasoning: earlier reasoning was left out: the provider cannot read it",
    );
    const record = await rig.record();
    expect(record.warnings.map(({ feature }) => feature)).toContain("reasoning");
  },
);

it("is left out for good where the client changes its history in every turn", async () => {
  rig.scene = CALLING;
  const talk = rig.talk("anthropic", "anthropic/claude-opus-5-5");
  const first = await talk.ask({ text: "Read on and on." }, false, TOOLS.anthropic);
  rig.scene = AGAIN;
  rig.script = bound;
  const second = await talk.ask({ results: resultsOf(first) }, false, TOOLS.anthropic);
  rig.scene = { ...AGAIN, calls: [{ id: "call_a3", name: "read", args: { path: "c" } }] };
  const third = await talk.ask({ results: resultsOf(second) }, false, TOOLS.anthropic);
  rig.scene = DONE;
  // Refused, mended; refused at once again, mended.
  expect(rig.sent).toHaveLength(5);
  await talk.ask({ results: resultsOf(third) }, false, TOOLS.anthropic);
  expect(rig.sent).toHaveLength(6);
});

it("stays with the account that made it where that alone can read it; a move is told and counted", async () => {
  const limited = new Set<string>();
  const answer =
    (name: string): Script =>
    (received, res) => {
      if (limited.has(name)) {
        const error = {
          type: "rate_limit_error",
          message: "Number of requests has exceeded your rate limit",
        };
        sendJson(res, 429, { type: "error", error }, { "retry-after": "3600" });
      } else sendJson(res, 200, WRITERS.anthropic(received.body.includes("again") ? DONE : CALLING).whole);
    };
  const upstreams = await Promise.all(["one", "two"].map((name) => startUpstream(answer(name))));
  const portico = await startGateway({
    scheduling: { strategy: "round-robin" },
    accounts: upstreams.map(({ url }, index) => ({
      id: ["one", "two"][index] ?? "",
      provider: "anthropic",
      endpoints: { anthropic: url },
      credentials: { apiKey: "key" },
      models: ["claude-*"],
    })),
  });
  try {
    const ask = async (model: string, session: string) => {
      portico.records.length = 0;
      const reply = await fetch(`${portico.baseUrl}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-claude-code-session-id": session },
        body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: "user", content: "hi" }] }),
      });
      await reply.text();
      return await portico.recorded();
    };
    const of = (record: RequestRecord) => record.attempts.at(-1)?.account ?? "";
    const haiku = await ask("claude-haiku-5-5", "h");
    for (let turn = 0; turn < 4; turn++) {
      const next = await ask("claude-haiku-5-5", "h");
      expect({ account: of(next), moved: next.moved }).toEqual({ account: of(haiku), moved: undefined });
    }
    // Others go round, and that costs the cache alone.
    const [first, second] = [await ask("claude-opus-4-8", "o"), await ask("claude-opus-4-8", "o")];
    expect(of(second)).not.toBe(of(first));
    expect(second).toMatchObject({ moved: "cache", warnings: [] });
    limited.add(of(haiku));
    const moved = await ask("claude-haiku-5-5", "h");
    expect(of(moved)).not.toBe(of(haiku));
    expect(moved).toMatchObject({ moved: "cache and thinking", warnings: [{ feature: "reasoning" }] });
    expect(moved.warnings[0]?.message).toContain(`"${of(haiku)}"`);
    const metrics = await (await fetch(`${portico.baseUrl}/metrics`)).text();
    expect(metrics).toContain('portico_conversation_moves_total{lost="cache and thinking"} 1');
    expect(metrics).toContain('portico_conversation_moves_total{lost="cache"} 1');
  } finally {
    await portico.stop();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  }
});

it("is left out of the conversation that it was refused in, and of no other under the same name", async () => {
  rig.scene = DONE;
  rig.script = boundTo(CALLING.signature ?? "");
  const ask = async (opening: string, signature: string | undefined) => {
    rig.sent.length = 0;
    const thought = { type: "thinking", thinking: "Hm.", signature: signature };
    const reply = await fetch(`${rig.portico.baseUrl}/v1/messages`, {
      method: "POST",
      headers: { "x-claude-code-session-id": "agent and helpers" },
      body: JSON.stringify({
        model: "anthropic/claude-opus-5-5",
        max_tokens: 100,
        messages: [
          { role: "user", content: opening },
          { role: "assistant", content: [thought, { type: "text", text: "Yes." }] },
          { role: "user", content: "Go on" },
        ],
      }),
    });
    expect(reply.status).toBe(200);
    return rig.sent.map(({ body }) => JSON.stringify(body).includes("signature"));
  };
  expect(await ask("The task", CALLING.signature)).toEqual([true, false]);
  expect(await ask("A part of it", AGAIN.signature)).toEqual([true]);
  expect(await ask("The task", CALLING.signature)).toEqual([false]);
});

it("is remembered of so many conversations and no more", () => {
  const refused = new RefusedReasoning();
  const [candidate] = rig.portico.gateway.accounts.map((account) => ({ account, model: "m" }));
  if (candidate === undefined) throw new Error("no account");
  const talk = (session: string, turns: number) =>
    conversationOf(
      session,
      Array.from({ length: turns }, () => ({ role: "user", content: "hi" })),
      "content",
    );
  for (let count = 0; count < MOST_CONVERSATIONS + 10; count++) refused.keep(talk(`s${count}`, 3), candidate);
  expect(refused.size).toBe(MOST_CONVERSATIONS);
  expect(refused.of(talk("s0", 3), candidate)).toBe(0);
  expect(refused.of(talk(`s${MOST_CONVERSATIONS}`, 5), candidate)).toBe(3);
  // Refused again much later, again where its user went back, and again at once.
  refused.keep(talk("again", 3), candidate);
  refused.keep(talk("again", 30), candidate);
  expect(refused.of(talk("again", 30), candidate)).toBe(30);
  expect(refused.of(talk("again", 10), candidate)).toBe(0);
  refused.keep(talk("again", 10), candidate);
  expect(refused.of(talk("again", 12), candidate)).toBe(10);
  refused.keep(talk("again", 12), candidate);
  expect(refused.of(talk("again", 5), candidate)).toBe(Infinity);
});
