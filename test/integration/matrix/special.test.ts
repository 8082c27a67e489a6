/** Features that only some pairs have, there and back: choices, logprobs, refusals, legacy completions, caching. */
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { MODELS, misreadings, type Rig, startRig } from "../../support/matrix/rig.ts";
import { geminiTools, THINK, TOOLS } from "../../support/matrix/says.ts";
import { HELLO, type Scene, type SceneCall, USAGE } from "../../support/matrix/scene.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const calling = (...calls: SceneCall[]): Scene => ({ calls, finish: "tool-calls", usage: USAGE });
const plain = (target: Protocol) => `${target}/${MODELS[target].plain}`;
const OPENAI = ["openai-chat", "openai-responses"] as const;
const both = <A, B>(some: readonly A[], others: readonly B[]) =>
  some.flatMap((client) => others.map((target) => ({ client, target })));

describe("several answers", () => {
  const ASK = { "openai-chat": { n: 2 }, gemini: { candidateCount: 2 } } as const;
  it.each(both(["openai-chat", "gemini"] as const, ["openai-chat", "gemini"] as const))(
    "from $target to $client",
    async ({ client, target }) => {
      rig.scene = { ...HELLO, more: ["The second"] };
      for (const stream of [true, false]) {
        const answer = await rig.talk(client, plain(target)).ask({ text: "hi" }, stream, ASK[client]);
        expect(answer).toMatchObject({ text: HELLO.text, more: ["The second"] });
        if (client !== target) expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
      }
    },
  );

  it.each(both(["openai-responses", "anthropic"] as const, ["openai-chat", "gemini"] as const))(
    "are one at $client, whatever $target sends",
    async ({ client, target }) => {
      rig.scene = { ...HELLO, more: ["The second"] };
      for (const stream of [true, false]) {
        expect((await rig.talk(client, plain(target)).ask({ text: "hi" }, stream)).text).toBe(HELLO.text);
        expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
      }
    },
  );
});

describe("log probabilities", () => {
  const ASK = {
    "openai-chat": { logprobs: true, top_logprobs: 1 },
    "openai-responses": { include: ["message.output_text.logprobs"], top_logprobs: 1 },
    gemini: { responseLogprobs: true, logprobs: 1 },
  } as const;
  const HAVE = ["openai-chat", "openai-responses", "gemini"] as const;
  it.each(both(HAVE, HAVE))("from $target to $client", async ({ client, target }) => {
    rig.scene = { ...HELLO, text: "Hello", logprob: -0.25 };
    for (const stream of [true, false]) {
      const answer = await rig.talk(client, plain(target)).ask({ text: "hi" }, stream, ASK[client]);
      expect(answer.logprobs).toEqual([{ token: "Hello", logprob: -0.25 }]);
      if (client !== target) expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
    }
  });
});

describe("a refusal", () => {
  const FINISH = {
    "openai-chat": "stop",
    "openai-responses": "completed",
    anthropic: "refusal",
    gemini: "SAFETY",
  } as const;
  it.each(both(PROTOCOLS, OPENAI).filter(({ client, target }) => client !== target))(
    "of $target is one for $client",
    async ({ client, target }) => {
      rig.scene = { text: "I can't help with that.", finish: "refusal", usage: USAGE };
      for (const stream of [true, false]) {
        const answer = await rig.talk(client, plain(target)).ask({ text: "hi" }, stream);
        expect(answer).toMatchObject({ refusal: "I can't help with that.", finish: FINISH[client] });
        expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
      }
    },
  );
});

// An account of OpenAI's own has the old endpoint: it is asked as it is.
describe.each(PROTOCOLS.filter((target) => target !== "openai-chat"))(
  "legacy completions on %s",
  (target) => {
    it.each([true, false])("answers a prompt (stream: %s)", async (stream) => {
      const client = new OpenAI({ apiKey: "k", baseURL: `${rig.portico.baseUrl}/v1`, maxRetries: 0 });
      const ask = { model: plain(target), prompt: "Once upon a time", max_tokens: 50 };
      let text = "";
      let finish: string | null = null;
      if (stream) {
        for await (const { choices } of await client.completions.create({ ...ask, stream: true })) {
          text += choices[0]?.text ?? "";
          finish = choices[0]?.finish_reason ?? finish;
        }
      } else {
        const reply = await client.completions.create(ask);
        text = reply.choices[0]?.text ?? "";
        finish = reply.choices[0]?.finish_reason ?? null;
        expect(reply.object).toBe("text_completion");
        expect(reply.usage).toMatchObject({ prompt_tokens: USAGE.input, completion_tokens: USAGE.output });
      }
      expect({ text, finish }).toEqual({ text: HELLO.text, finish: "stop" });
      expect(rig.refused).toEqual([]);
      expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain("Once upon a time");
    });
  },
);

describe("prompt caching", () => {
  it.each(["openai-chat", "openai-responses", "gemini"] as const)(
    "gets markers at Anthropic for %s, in a long conversation no more than four",
    async (client) => {
      const talk = rig.talk(client, plain("anthropic"));
      for (let turn = 0; turn < 4; turn++) {
        rig.scene = calling({ id: `call_${turn}`, name: "list" });
        const { calls } = await talk.ask({ text: `Turn ${turn}` }, false, TOOLS[client]);
        rig.scene = HELLO;
        await talk.ask(
          { results: calls.map(({ id, name }) => ({ id, name, content: [{ text: "a.txt" }] })) },
          false,
          TOOLS[client],
        );
      }
      expect(rig.refused).toEqual([]);
      const markers = JSON.stringify(rig.sent.at(-1)?.body).split('"cache_control"').length - 1;
      expect(markers).toBeGreaterThan(1);
      expect(markers).toBeLessThanOrEqual(4);
    },
  );

  it("keeps the prefix of the conversation as it was", async () => {
    const talk = rig.talk("openai-chat", plain("gemini"));
    await talk.ask({ text: "one" }, false, TOOLS["openai-chat"]);
    await talk.ask({ text: "two" }, false, TOOLS["openai-chat"]);
    const [first, second] = rig.sent.map(({ body }) => JSON.stringify(body));
    const prefix = first?.slice(0, first.indexOf("]}]") + 2) ?? "";
    expect(prefix.length).toBeGreaterThan(100);
    expect(second?.startsWith(prefix)).toBe(true);
  });
});

describe.each(PROTOCOLS.filter((target) => target !== "gemini"))(
  "a chat of @google/genai with %s",
  (target) => {
    it("may bring its turns back in the pieces that they came in", async () => {
      const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: rig.portico.baseUrl } });
      const chat = client.chats.create({
        model: `${target}/${MODELS[target].reasoning}`,
        config: { ...geminiTools(), thinkingConfig: { includeThoughts: true } },
      });
      rig.scene = {
        reasoning: "Hm, hm.",
        signature: "cHJvb2Y=",
        text: "Let me see.",
        finish: "stop",
        usage: USAGE,
      };
      for (const message of ["one", "two", "three"]) {
        let text = "";
        for await (const reply of await chat.sendMessageStream({ message })) text += reply.text ?? "";
        expect(text).toBe("Let me see.");
        expect(rig.refused).toEqual([]);
      }
    });
  },
);

describe("a client of chat completions that drops all it does not know", () => {
  it.each(both(["anthropic", "gemini", "openai-responses"] as const, [true, false]))(
    "still brings the signatures of $client back (stream: $target)",
    async ({ client: target, target: stream }) => {
      rig.scene = {
        reasoning: "Thinking.",
        signature: "cHJvb2Ytb2YtcHJvdmlkZXI=",
        text: "Look.",
        calls: [{ id: `call_${target}_${stream}`, name: "list" }],
        finish: "tool-calls",
        usage: USAGE,
      };
      const params = { ...TOOLS["openai-chat"], ...THINK["openai-chat"] };
      const model = `${target}/${MODELS[target].reasoning}`;
      const asked = { role: "user", content: `Look around (${target}, ${stream}).` };
      const first = await rig.talk("openai-chat", model).ask({}, stream, { ...params, messages: [asked] });
      const [call] = first.calls;
      const messages = [
        asked,
        {
          role: "assistant",
          content: first.text,
          tool_calls: [{ id: call?.id, type: "function", function: { name: "list", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: call?.id, content: "a.txt" },
      ];
      rig.scene = HELLO;
      await rig.talk("openai-chat", model).ask({}, stream, { ...params, messages });
      expect(rig.refused).toEqual([]);
      expect(JSON.stringify(rig.sent.at(-1)?.body)).toContain("cHJvb2Ytb2YtcHJvdmlkZXI=");
    },
  );
});
