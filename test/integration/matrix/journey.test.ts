/** A conversation that moves between providers in mid-flight, with tools and reasoning. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { type Rig, type Sent, startRig } from "../../support/matrix/rig.ts";
import { THINK, TOOLS } from "../../support/matrix/says.ts";
import { type Scene, USAGE } from "../../support/matrix/scene.ts";
import type { TalkAnswer, TalkTurn } from "../../support/matrix/talk.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.renew());
afterAll(() => rig.stop());

/** Who answers, and what proves its reasoning. */
const STOPS = [
  { model: "anthropic/claude-opus-4-6", signature: "cHJvb2Ytb2YtYW50aHJvcGlj" },
  { model: "gemini/gemini-3-pro-preview", signature: "cHJvb2Ytb2YtZ2VtaW5p" },
  { model: "openai-responses/gpt-5", signature: "cHJvb2Ytb2Ytb3BlbmFp" },
  { model: "anthropic/claude-opus-4-6", signature: "c2Vjb25kLW9mLWFudGhyb3BpYw==" },
  { model: "deepseek/deepseek-reasoner" },
  { model: "openai-responses/gpt-5", signature: "c2Vjb25kLW9mLW9wZW5haQ==" },
  { model: "gemini/gemini-3-pro-preview", signature: "c2Vjb25kLW9mLWdlbWluaQ==" },
] as const;

const sceneAt = (at: number): Scene => {
  const stop = STOPS[at];
  const last = at === STOPS.length - 1;
  const calls = [
    { id: `call_${at}_a`, name: "read", args: { path: `${at}.txt` } },
    { id: `call_${at}_b`, name: "list" },
  ];
  return {
    reasoning: `Thoughts of stop ${at}.`,
    ...(stop !== undefined && "signature" in stop ? { signature: stop.signature } : {}),
    text: `Words of stop ${at}.`,
    ...(last ? {} : { calls }),
    finish: last ? "stop" : "tool-calls",
    usage: USAGE,
  };
};

const answerTo = (answer: TalkAnswer, at: number): TalkTurn => ({
  results: answer.calls.map(({ id, name }) => ({ id, name, content: [{ text: `Result ${at} of ${name}` }] })),
});

/** The stop that is reached: all before it has been told. */
let story = 0;

/** Every provider wants the whole story, and no signature of another one. */
function wants({ account, body }: Sent): string[] {
  const text = JSON.stringify(body);
  const problems: string[] = [];
  for (const stop of account === "deepseek" ? [] : STOPS) {
    if ("signature" in stop && !stop.model.startsWith(`${account}/`) && text.includes(stop.signature))
      problems.push(`signature: invalid (${stop.signature})`);
  }
  for (let at = 0; at < story; at++) {
    for (const words of [`Words of stop ${at}.`, `Result ${at} of read`, `Result ${at} of list`]) {
      // A stream cuts texts in two, and Gemini's clients keep the pieces.
      const [head = "", tail = ""] = [words.slice(0, 8), words.slice(-8)];
      if (!text.includes(head) || !text.includes(tail)) problems.push(`lost: ${words}`);
    }
  }
  return problems;
}

describe.each(PROTOCOLS)("%s client", (client) => {
  it.each([true, false])("is understood by every provider on its way (stream: %s)", async (stream) => {
    rig.demand = wants;
    const talk = rig.talk(client, STOPS[0].model);
    const params = { ...TOOLS[client], ...THINK[client] };
    let turn: TalkTurn = { text: "Please look around." };
    for (const [at, stop] of STOPS.entries()) {
      story = at;
      talk.model = rig.talk(client, stop.model).model;
      rig.scene = sceneAt(at);
      rig.refused.length = 0;
      const answer = await talk.ask(turn, stream, params);
      expect(answer.text).toBe(`Words of stop ${at}.`);
      const sent = rig.sent.at(-1);
      expect(sent?.account).toBe(stop.model.split("/")[0]);
      // In passthrough a foreign signature is refused once and then taken off.
      if (sent?.protocol !== client) expect(rig.refused).toEqual([]);
      turn = answerTo(answer, at);
    }
  });
});
