/** What each provider answers, read by each client's own SDK: streamed and whole, 4 by 4. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { MODELS, misreadings, PAIRS, type Rig, startRig } from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import { HELLO, type Scene, USAGE } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

type Words = Readonly<Record<Protocol, string>>;
const STOP: Words = {
  "openai-chat": "stop",
  "openai-responses": "completed",
  anthropic: "end_turn",
  gemini: "STOP",
};
const CALLS: Words = {
  "openai-chat": "tool_calls",
  "openai-responses": "completed",
  anthropic: "tool_use",
  gemini: "STOP",
};
const LENGTH: Words = {
  "openai-chat": "length",
  "openai-responses": "incomplete:max_output_tokens",
  anthropic: "max_tokens",
  gemini: "MAX_TOKENS",
};
const FILTER: Words = {
  "openai-chat": "content_filter",
  "openai-responses": "incomplete:content_filter",
  anthropic: "refusal",
  gemini: "SAFETY",
};

const CALL_A = { id: "call_a1", name: "read", args: { path: "a/ö.txt", deep: { list: [1, 2.5, null] } } };
const CALL_B = { id: "call_b2", name: "read", args: { path: "b.txt" } };
const CALL_C = { id: "call_c3", name: "list" };

const SCENES: readonly { name: string; scene: Scene; finish: Words; model?: "plain" | "reasoning" }[] = [
  { name: "text", scene: HELLO, finish: STOP },
  { name: "text cut by the limit", scene: { ...HELLO, finish: "length" }, finish: LENGTH },
  { name: "text stopped by a filter", scene: { ...HELLO, finish: "content-filter" }, finish: FILTER },
  { name: "a call after text", scene: { ...HELLO, calls: [CALL_A], finish: "tool-calls" }, finish: CALLS },
  {
    name: "a call without arguments",
    scene: { calls: [CALL_C], finish: "tool-calls", usage: USAGE },
    finish: CALLS,
  },
  {
    name: "several calls with interleaved fragments",
    scene: { calls: [CALL_A, CALL_B, CALL_C], finish: "tool-calls", usage: USAGE },
    finish: CALLS,
  },
  {
    name: "reasoning, text and calls",
    model: "reasoning",
    scene: {
      reasoning: "First, think. Then…",
      signature: "c2lnbmF0dXJlLW9mLXByb3ZpZGVy",
      text: "Done thinking",
      calls: [CALL_A, CALL_B],
      finish: "tool-calls",
      usage: USAGE,
    },
    finish: CALLS,
  },
];

describe.each(PAIRS)("$client client, $target account", ({ client, target }) => {
  describe.each([true, false])("stream: %s", (stream) => {
    it.each(SCENES)("$name", async ({ scene, finish, model = "plain" as const }) => {
      rig.scene = scene;
      const talk = rig.talk(client, `${target}/${MODELS[target][model]}`);
      const answer = await talk.ask({ text: "hi" }, stream, TOOLS[client]);
      expect(rig.refused).toEqual([]);
      expect(answer).toMatchObject({
        text: scene.text ?? "",
        reasoning: scene.reasoning ?? "",
        finish: finish[client],
        usage: { input: USAGE.input, cacheRead: USAGE.cacheRead, output: USAGE.output },
      });
      if (client !== "anthropic" || answer.usage.reasoning !== undefined)
        expect(answer.usage.reasoning).toBe(USAGE.reasoning);
      // Without arguments, OpenAI itself sends none: in its own protocol that is left as it is.
      const calls = answer.calls.map(({ name, args }) => ({
        name,
        args: client === target && args === "" ? {} : args,
      }));
      expect(calls).toEqual((scene.calls ?? []).map(({ name, args = {} }) => ({ name, args })));
      if (target !== "gemini")
        expect(answer.calls.map(({ id }) => id)).toEqual((scene.calls ?? []).map(({ id }) => id));
      expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(
        target === "gemini" && client === "gemini" ? Math.min(1, answer.calls.length) : answer.calls.length,
      );
      if (client !== target) expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
    });
  });
});
