/** A refusal in words, read by chat clients: OpenAI's own helper gives the words, and does not throw. */
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MODELS, type Rig, startRig } from "../../support/matrix/rig.ts";
import { sendJson, sendStream } from "../../support/upstream.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const WORDS = "I cannot help with that.";
const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], usage };
const ended = {
  stop_reason: "refusal",
  stop_sequence: null,
  stop_details: { type: "refusal", category: null, explanation: WORDS },
};
const response = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  model: "m",
  status: "completed",
  output: [
    {
      id: "msg_1",
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "refusal", refusal: WORDS }],
    },
  ],
  usage,
};

/** What each provider says when its model refuses. */
const REFUSED = {
  anthropic: {
    whole: { ...message, ...ended },
    events: [
      { type: "message_start", message: { ...message, stop_reason: null } },
      { type: "message_delta", delta: ended, usage },
      { type: "message_stop" },
    ],
  },
  "openai-responses": {
    whole: response,
    events: [
      { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
      { type: "response.completed", response },
    ],
  },
} as const;

describe.each(["anthropic", "openai-responses"] as const)("%s account", (target) => {
  const params = {
    model: `${target}/${MODELS[target].plain}`,
    messages: [{ role: "user" as const, content: "hi" }],
    response_format: {
      type: "json_schema" as const,
      json_schema: { name: "answer", strict: true, schema: { type: "object", properties: {} } },
    },
  };
  const client = () => new OpenAI({ baseURL: `${rig.portico.baseUrl}/v1`, apiKey: "key", maxRetries: 0 });

  it("whole", async () => {
    rig.script = (_received, res) => sendJson(res, 200, REFUSED[target].whole);
    const { choices } = await client().chat.completions.parse(params);
    expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { refusal: WORDS, parsed: null } });
  });

  it("streamed", async () => {
    rig.script = async (_received, res) =>
      await sendStream(
        res,
        REFUSED[target].events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      );
    const { choices } = await client().chat.completions.stream(params).finalChatCompletion();
    expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { refusal: WORDS } });
  });
});
