/** Calls that break off half-way, over the connection or at the limit: no client is handed a finished one, 4 by 4. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Protocol } from "../../../src/control/protocol.ts";
import { finishedCalls } from "../../support/matrix/finishedCalls.ts";
import {
  MODELS,
  misreadings,
  PAIRS,
  type Rig,
  sseEvents,
  startRig,
  WRITERS,
} from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import { type ByProtocol, type Scene, USAGE } from "../../support/matrix/scene.ts";
import { sendJson, sendStream } from "../../support/upstream.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const HALF = '{"path":"a/long';
const LENGTH: ByProtocol<string> = {
  "openai-chat": "length",
  "openai-responses": "incomplete:max_output_tokens",
  anthropic: "max_tokens",
  gemini: "MAX_TOKENS",
};

const lines = (events: readonly object[]): string =>
  events
    .map((event) => {
      const name = "type" in event ? `event: ${String(event.type)}\n` : "";
      return `${name}data: ${JSON.stringify(event)}\n\n`;
    })
    .join("");

const item = (status: string, args: string) => ({
  id: "fc_1",
  type: "function_call",
  status,
  call_id: "call_1",
  name: "read",
  arguments: args,
});
const response = (status: string, output: readonly object[], reason: string | undefined) => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  model: "gpt-4.1",
  status,
  output,
  parallel_tool_calls: true,
  tools: [],
  incomplete_details: reason === undefined ? null : { reason },
  error: null,
});
const usage = { input_tokens: 1, output_tokens: 1 };
const chatCall = { id: "call_1", type: "function", function: { name: "read", arguments: HALF } };

/** A call in whose midst the model came to its limit, as each provider tells it. */
const LIMITED: ByProtocol<{ stream: string; whole: object }> = {
  "openai-chat": {
    stream: `${lines([
      {
        id: "c",
        choices: [{ index: 0, delta: { role: "assistant", tool_calls: [{ index: 0, ...chatCall }] } }],
      },
      { id: "c", choices: [{ index: 0, delta: {}, finish_reason: "length" }] },
    ])}data: [DONE]\n\n`,
    whole: {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "gpt-4.1",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: null, tool_calls: [chatCall] },
          finish_reason: "length",
        },
      ],
    },
  },
  "openai-responses": {
    stream: lines([
      { type: "response.created", sequence_number: 0, response: response("in_progress", [], undefined) },
      {
        type: "response.output_item.added",
        sequence_number: 1,
        output_index: 0,
        item: item("in_progress", ""),
      },
      {
        type: "response.function_call_arguments.delta",
        sequence_number: 2,
        item_id: "fc_1",
        output_index: 0,
        delta: HALF,
      },
      {
        type: "response.output_item.done",
        sequence_number: 3,
        output_index: 0,
        item: item("incomplete", HALF),
      },
      {
        type: "response.incomplete",
        sequence_number: 4,
        // Some servers do not say why.
        response: response("incomplete", [item("incomplete", HALF)], undefined),
      },
    ]),
    whole: response("incomplete", [item("incomplete", HALF)], "max_output_tokens"),
  },
  anthropic: {
    stream: lines([
      {
        type: "message_start",
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "m",
          content: [],
          stop_reason: null,
          usage,
        },
      },
      {
        type: "content_block_start",
        index: 0,
        content_block: { type: "tool_use", id: "toolu_1", name: "read", input: {} },
      },
      { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: HALF } },
      // Anthropic closes the block all the same.
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "max_tokens", stop_sequence: null }, usage },
      { type: "message_stop" },
    ]),
    whole: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [{ type: "tool_use", id: "toolu_1", name: "read", input: { path: "a/long" } }],
      stop_reason: "max_tokens",
      stop_sequence: null,
      usage,
    },
  },
  gemini: {
    stream: lines([
      {
        candidates: [
          {
            content: {
              role: "model",
              parts: [
                {
                  functionCall: {
                    name: "read",
                    partialArgs: [{ jsonPath: "$.path", stringValue: "a/long", willContinue: true }],
                    willContinue: true,
                  },
                },
              ],
            },
          },
        ],
      },
      { candidates: [{ finishReason: "MAX_TOKENS" }], usageMetadata: { promptTokenCount: 1 } },
    ]),
    // Whole replies of Gemini hold whole calls alone.
    whole: { candidates: [{ content: { role: "model", parts: [] }, finishReason: "MAX_TOKENS" }] },
  },
};

describe.each(PAIRS.filter(({ client, target }) => client !== target))(
  "$client client, $target account",
  ({ client, target }) => {
    const model = `${target}/${MODELS[target].plain}`;

    it("a call cut by the limit, streamed", async () => {
      rig.script = async (_received, res) => await sendStream(res, [LIMITED[target].stream]);
      const answer = await rig.talk(client, model).ask({ text: "hi" }, true, TOOLS[client]);
      expect(answer.finish).toBe(LENGTH[client]);
      const seen = await rig.seen();
      expect(misreadings(client, seen, true)).toEqual([]);
      expect(finishedCalls(client, sseEvents(seen.text))).toEqual([]);
    });

    it("a call cut by the limit, whole", async () => {
      rig.script = (_received, res) => sendJson(res, 200, LIMITED[target].whole);
      const answer = await rig.talk(client, model).ask({ text: "hi" }, false, TOOLS[client]);
      expect(answer.finish).toBe(LENGTH[client]);
      const { text } = await rig.seen();
      // What is left of it shows that it is not whole.
      if (client === "anthropic") expect(text).not.toContain("tool_use");
      if (client === "gemini") expect(text).not.toContain("functionCall");
      for (const { args } of answer.calls) expect(args).toBeTypeOf("string");
      if (client === "openai-responses" && target !== "gemini")
        expect(text).toContain('"status":"incomplete"');
    });
  },
);

const CALLED: Scene = {
  text: "Let me see",
  calls: [{ id: "call_1", name: "read", args: { path: "a/long/path.txt", lines: 30 } }],
  finish: "tool-calls",
  usage: USAGE,
};

describe.each(PAIRS)("$client client, $target account: the connection ends", ({ client, target }) => {
  it("after every event of a call, and in its midst", async () => {
    const pieces = WRITERS[target](CALLED).events.map(
      ({ event, data }) => `${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`,
    );
    const args = CALLED.calls?.[0]?.args;
    let failed = 0;
    for (let cut = 1; cut < pieces.length; cut++) {
      for (const half of [0, 0.5]) {
        const next = pieces[cut] ?? "";
        const sent = pieces.slice(0, cut).join("") + next.slice(0, Math.floor(next.length * half));
        rig.script = async (_received, res) => {
          await sendStream(res, [sent]);
        };
        const answer = await rig
          .talk(client, `${target}/${MODELS[target].plain}`)
          .ask({ text: "hi" }, true, TOOLS[client])
          .catch((error: unknown) => error);
        if (answer instanceof Error) failed++;
        const { text } = await rig.seen();
        for (const call of finishedCalls(client, sseEvents(text))) expect(call.args).toEqual(args);
        await rig.renew();
      }
    }
    expect(failed).toBeGreaterThan(0);
  });
});

/** `[DONE]` says that nothing follows, not that what came is whole. */
describe.each<Protocol>(["openai-responses", "anthropic", "gemini"])(
  "%s client of a chat account",
  (client) => {
    it("is told of a failure where the stream ends within a call", async () => {
      rig.script = async (_received, res) => {
        const first = LIMITED["openai-chat"].stream.split("\n\n")[0] ?? "";
        await sendStream(res, [`${first}\n\ndata: [DONE]\n\n`]);
      };
      const asked = rig
        .talk(client, `openai-chat/${MODELS["openai-chat"].plain}`)
        .ask({ text: "hi" }, true, TOOLS[client]);
      await expect(asked).rejects.toThrow(/midst of a tool call/);
      await rig.renew();
    });
  },
);
