/**
 * Providers that refuse a field which the table of models thought the model takes: a translated request is sent once
 * more without it, on the same account, and the model is remembered; passthrough is never edited.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { PAIRS, type Rig, startRig, WRITERS, warningsOf } from "../../support/matrix/rig.ts";
import type { Params } from "../../support/matrix/talk.ts";
import { type Script, sendJson, sendStream } from "../../support/upstream.ts";

type Body = Record<string, unknown>;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.renew();
});
afterAll(() => rig.stop());

const at = (body: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => Reflect.get(Object(value), key), body);

/** What a target refuses in these tests, and in which words. */
interface Refused {
  readonly model: string;
  /** Of the body. */
  readonly field: string;
  /** What a client says so that the field is sent. */
  readonly says: Readonly<Record<Protocol, Params>>;
  readonly error: Body;
}

const WARM: Readonly<Record<Protocol, Params>> = {
  "openai-chat": { temperature: 0.2 },
  "openai-responses": { temperature: 0.2 },
  anthropic: { temperature: 0.2 },
  gemini: { temperature: 0.2 },
};
const LITTLE: Readonly<Record<Protocol, Params>> = {
  "openai-chat": { reasoning_effort: "minimal" },
  "openai-responses": { reasoning: { effort: "minimal" } },
  anthropic: { thinking: { type: "enabled", budget_tokens: 1024 } },
  gemini: { thinkingConfig: { thinkingLevel: "MINIMAL" } },
};
const openaiError = (param: string, message: string): Body => ({
  error: { message, type: "invalid_request_error", param, code: "unsupported_value" },
});

const REFUSED: Readonly<Record<Protocol, Refused>> = {
  "openai-chat": {
    model: "gpt-4.1",
    field: "temperature",
    says: WARM,
    error: openaiError(
      "temperature",
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    ),
  },
  "openai-responses": {
    model: "gpt-5",
    field: "reasoning.effort",
    says: LITTLE,
    error: openaiError(
      "reasoning.effort",
      "Unsupported value: 'reasoning.effort' does not support 'minimal' with this model. Supported values are: 'low', 'medium', and 'high'.",
    ),
  },
  anthropic: {
    model: "claude-haiku-4-5",
    field: "temperature",
    says: WARM,
    error: {
      type: "error",
      error: { type: "invalid_request_error", message: "`temperature` is deprecated for this model." },
    },
  },
  gemini: {
    model: "gemini-3-flash-preview",
    field: "generationConfig.thinkingConfig.thinkingLevel",
    says: LITTLE,
    error: {
      error: {
        code: 400,
        status: "INVALID_ARGUMENT",
        message: "Thinking level is unsupported: THINKING_LEVEL_MINIMAL",
      },
    },
  },
};

let count = 0;
/** A model that nothing was learned of yet. */
const unheardOf = (target: Protocol): string => `${REFUSED[target].model}-x${++count}`;

/** Refuses the field while it says what the test's client said at first. */
function refusing({ field, error }: Refused, target: Protocol): Script {
  let first: unknown;
  return async (received, res) => {
    const body = JSON.parse(received.body.toString()) as Body;
    const value = at(body, field);
    first ??= value;
    if (value !== undefined && value === first) {
      sendJson(res, 400, error);
      return;
    }
    const wire = WRITERS[target](rig.scene);
    const stream = target === "gemini" ? received.url.includes(":stream") : body.stream === true;
    if (!stream) sendJson(res, 200, wire.whole);
    else {
      await sendStream(
        res,
        wire.events.map(({ event, data }) => `${event ? `event: ${event}\n` : ""}data: ${data}\n\n`),
      );
    }
  };
}

describe.each([true, false])("stream: %s", (stream) => {
  it.each(PAIRS)("a field that $target refuses, asked for by $client", async ({ client, target }) => {
    const refused = REFUSED[target];
    rig.script = refusing(refused, target);
    const model = unheardOf(target);
    const talk = () => rig.talk(client, `${target}/${model}`);
    if (client === target) {
      await expect(talk().ask({ text: "hi" }, stream, refused.says[client])).rejects.toThrow();
      expect(rig.sent).toHaveLength(1);
      return;
    }
    const answer = await talk().ask({ text: "hi" }, stream, refused.says[client]);
    expect(answer.text).toBe(rig.scene.text);
    expect(rig.sent.map(({ account }) => account)).toEqual([target, target]);
    expect(at(rig.sent[0]?.body, refused.field)).not.toEqual(at(rig.sent[1]?.body, refused.field));
    expect(await warningsOf(rig)).toContain("sent once more without it");
    const record = await rig.record();
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["client", "ok"]);
    // The next request for the model has learned it, streaming or not.
    await talk().ask({ text: "hi" }, !stream, refused.says[client]);
    expect(rig.sent).toHaveLength(3);
    expect(await warningsOf(rig)).not.toBe("");
  });
});

it.each(PROTOCOLS)(
  "a field that %s goes on refusing is refused to the client, after one more try",
  async (target) => {
    const client = PROTOCOLS.find((other) => other !== target && other !== "gemini") ?? "anthropic";
    const { says, error } = REFUSED[target];
    const model = unheardOf(target);
    rig.script = (_received, res) => sendJson(res, 400, error);
    await expect(
      rig.talk(client, `${target}/${model}`).ask({ text: "hi" }, false, says[client]),
    ).rejects.toThrow();
    expect(rig.sent).toHaveLength(2);
  },
);

it.each(PROTOCOLS)("any other fault of a request at %s is told at once", async (target) => {
  const client = PROTOCOLS.find((other) => other !== target) ?? "anthropic";
  rig.script = (_received, res) =>
    sendJson(res, 400, {
      error: { message: "Invalid value for 'temperature'", type: "invalid_request_error" },
    });
  const talk = rig.talk(client, `${target}/${unheardOf(target)}`);
  await expect(talk.ask({ text: "hi" }, false, WARM[client])).rejects.toThrow();
  expect(rig.sent).toHaveLength(1);
});
