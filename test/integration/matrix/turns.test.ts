/**
 * Conversations of several turns by each client's own SDK: what the client replays, the provider has
 * to accept, its own signatures of reasoning included.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { MODELS, type Rig, type Sent, startRig } from "../../support/matrix/rig.ts";
import { PNG, THINK, TOOLS } from "../../support/matrix/says.ts";
import { type Scene, USAGE } from "../../support/matrix/scene.ts";
import type { TalkAnswer, TalkResult } from "../../support/matrix/talk.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const SIGNATURE = "c2lnbmF0dXJlLW9mLXRoZS1wcm92aWRlcg==";
const REDACTED = "cmVkYWN0ZWQtdGhpbmtpbmc=";
const CALLING: Scene = {
  reasoning: "I should read both.\nThen list.",
  signature: SIGNATURE,
  text: "Let me look.",
  calls: [
    { id: "call_a1", name: "read", args: { path: "a.png" } },
    { id: "call_b2", name: "read", args: { path: "b.txt" } },
    { id: "call_c3", name: "list" },
  ],
  finish: "tool-calls",
  usage: USAGE,
};
const DONE: Scene = { text: "All done.", finish: "stop", usage: USAGE };

const results = (answer: TalkAnswer): TalkResult[] =>
  answer.calls.map(({ id, name }, index) => ({
    id,
    name,
    content:
      index === 0
        ? [{ text: "a picture" }, { png: PNG }]
        : [{ text: index === 1 ? "boom: no such file" : "a.png" }],
    ...(index === 1 ? { isError: true } : {}),
  }));

/** What each provider demands of the second request: its own signature, where it gives one. */
function wantsItsSignature({ protocol, account, body }: Sent): string[] {
  const text = JSON.stringify(body);
  const problems = ["a picture", "boom: no such file"]
    .filter((words) => !text.includes(words))
    .map((words) => `lost: ${words}`);
  const lacks = (what: unknown) => problems.push(`lost: ${String(what)}`);
  switch (protocol) {
    case "anthropic":
      if (
        !text.includes(
          JSON.stringify({ type: "thinking", thinking: CALLING.reasoning, signature: SIGNATURE }),
        )
      )
        lacks("the signed thinking");
      break;
    case "gemini":
      if (!text.includes(`"thoughtSignature":"${SIGNATURE}"`)) lacks("the thought signature");
      if (text.includes("skip_thought_signature_validator")) lacks("the signature of a call");
      break;
    case "openai-responses":
      if (!text.includes(`"encrypted_content":"${SIGNATURE}"`)) lacks("the encrypted content");
      if (!text.includes('"id":"rs_up1"')) lacks("the id of the reasoning item");
      break;
    case "openai-chat":
      if (
        account === "deepseek" &&
        !text.includes(`"reasoning_content":${JSON.stringify(CALLING.reasoning)}`)
      )
        lacks("the reasoning");
  }
  return problems;
}

const TARGETS: readonly { account: string; target: Protocol; model: string }[] = [
  ...PROTOCOLS.map((target) => ({ account: target as string, target, model: MODELS[target].reasoning })),
  { account: "deepseek", target: "openai-chat", model: "deepseek-reasoner" },
];
const CASES = PROTOCOLS.flatMap((client) => TARGETS.map((target) => ({ client, ...target })));

describe.each(CASES)("$client client, $account account", ({ client, account, target, model }) => {
  describe.each([true, false])("stream: %s", (stream) => {
    it("goes on after reasoning, parallel calls and their results", async () => {
      // OpenAI's chat completions never show reasoning.
      const { reasoning, ...silent } = CALLING;
      rig.scene = account === "openai-chat" ? silent : CALLING;
      const talk = rig.talk(client, `${account}/${model}`);
      const params = { ...TOOLS[client], ...THINK[client] };
      const first = await talk.ask({ text: "Read the files." }, stream, params);
      expect(rig.refused).toEqual([]);
      expect(first.reasoning).toBe(rig.scene.reasoning ?? "");

      rig.scene = DONE;
      rig.demand = wantsItsSignature;
      // In passthrough a client of chat completions brings back what it will.
      if (client === target) rig.demand = undefined;
      const second = await talk.ask({ results: results(first) }, stream, params);
      expect(rig.refused).toEqual([]);
      expect(second.text).toBe("All done.");
      const sent = JSON.stringify(rig.sent.at(-1)?.body);
      if (client !== "openai-chat") {
        expect(sent.includes(PNG)).toBe(account !== "deepseek" || client === target);
        if (target === "anthropic" && client !== "openai-responses") expect(sent).toMatch(/"is_error":true/);
      }

      const third = await talk.ask({ text: "Thanks. And now?" }, stream, params);
      expect(rig.refused).toEqual([]);
      expect(third.text).toBe("All done.");
      expect(JSON.stringify(rig.sent.at(-1)?.body)).toMatch(/All d.*one\./);
    });
  });
});

describe.each(PROTOCOLS.filter((client) => client !== "anthropic"))(
  "%s client, anthropic account",
  (client) => {
    it.each([true, false])("brings redacted thinking back (stream: %s)", async (stream) => {
      rig.scene = { ...CALLING, redacted: REDACTED };
      const talk = rig.talk(client, `anthropic/${MODELS.anthropic.reasoning}`);
      const params = { ...TOOLS[client], ...THINK[client] };
      const first = await talk.ask({ text: "Read the files." }, stream, params);
      rig.scene = DONE;
      await talk.ask({ results: results(first) }, stream, params);
      expect(rig.refused).toEqual([]);
      expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain(
        JSON.stringify({ type: "redacted_thinking", data: REDACTED }),
      );
    });
  },
);
