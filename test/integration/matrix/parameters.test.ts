/** A parameter that a provider calls too long is that parameter's fault: no client is told of a long prompt. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PAIRS, type Rig, startRig } from "../../support/matrix/rig.ts";
import { sendJson } from "../../support/upstream.ts";

const ERROR = {
  message:
    "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 150 instead.",
  type: "invalid_request_error",
  param: "user",
  code: "string_above_max_length",
};

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ upstream: { maxAttempts: 1, retryDeadlineMs: 0 } });
});
beforeEach(() => rig.renew());
afterAll(() => rig.stop());

const OPENAI = PAIRS.filter(({ target }) => target.startsWith("openai"));

describe.each([true, false])("stream: %s", (stream) => {
  it.each(OPENAI)("$client to $target", async ({ client, target }) => {
    rig.script = (_received, res) => sendJson(res, 400, { error: ERROR });
    const talk = rig.talk(client, `${target}/gpt-4.1`);
    await expect(talk.ask({ text: "hi" }, stream)).rejects.toThrow(/string too long/);
    expect(rig.sent).toHaveLength(1);
    const { status, text } = await rig.seen();
    expect(status).toBe(400);
    expect(text).not.toMatch(/prompt is too long|context_length/);
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    if (client.startsWith("openai")) expect(error).toMatchObject({ param: "user", type: ERROR.type });
    else if (client === "anthropic") expect(error.type).toBe("invalid_request_error");
    else expect(error.status).toBe("INVALID_ARGUMENT");
    const record = await rig.record();
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(["client"]);
  });
});

it("also inside a stream that began well", async () => {
  const failed = {
    type: "response.failed",
    sequence_number: 1,
    response: { id: "resp_1", object: "response", status: "failed", error: ERROR, output: [] },
  };
  rig.script = (_received, res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    res.end(`event: response.failed\ndata: ${JSON.stringify(failed)}\n\n`);
  };
  const talk = rig.talk("anthropic", "openai-responses/gpt-4.1");
  await expect(talk.ask({ text: "hi" }, true)).rejects.toThrow(/string too long/);
  expect((await rig.seen()).text).not.toMatch(/prompt is too long/);
});
