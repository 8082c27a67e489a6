/** Every recorded stream and reply as an upstream, read by each other protocol's own SDK. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { decodeError as anthropicError } from "../../../src/gateway/protocols/anthropic/errors.ts";
import type { ChatReply, ChatRequest } from "../../../src/gateway/protocols/chat.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { Collector } from "../../../src/gateway/protocols/collect.ts";
import { decodeError as geminiError } from "../../../src/gateway/protocols/gemini/errors.ts";
import { decodeError as chatError } from "../../../src/gateway/protocols/openaiChat/errors.ts";
import { decodeError as responsesError } from "../../../src/gateway/protocols/openaiResponses/errors.ts";
import { DIFFERENCES, type Difference } from "../../support/matrix/differences.ts";
import { MODELS, misreadings, type Rig, startRig } from "../../support/matrix/rig.ts";
import type { TalkAnswer } from "../../support/matrix/talk.ts";
import { parsed } from "../../support/matrix/talk.ts";
import { FINISH } from "../../support/matrix/words.ts";
import { hasRecordings, type Recording, recordings, sseText, wireEvents } from "../../support/recordings.ts";
import { sendStream } from "../../support/upstream.ts";

const REQUEST: ChatRequest = {
  model: "m",
  messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
  tools: [],
  sampling: {},
  stream: true,
};

const ERRORS = {
  "openai-chat": chatError,
  "openai-responses": responsesError,
  anthropic: anthropicError,
  gemini: geminiError,
};

/** The recording decoded by its own codec, without any client. */
function direct(recording: Recording): { reply: ChatReply } | { error: string } {
  const codec = CODECS[recording.protocol];
  if (recording.kind === "reply") {
    const body: unknown = JSON.parse(recording.text);
    const error = /^\s*\{\s*"error"\s*:\s*\{/.test(recording.text)
      ? ERRORS[recording.protocol](400, body)
      : undefined;
    return error === undefined
      ? { reply: codec.decodeReply(body, { request: REQUEST }) }
      : { error: error.message };
  }
  const decoder = codec.streamDecoder({ request: REQUEST });
  const collector = new Collector();
  for (const event of wireEvents(recording))
    for (const decoded of decoder.push(event)) collector.push(decoded);
  for (const decoded of decoder.end()) collector.push(decoded);
  return collector.error === undefined ? { reply: collector.reply() } : { error: collector.error.message };
}

type Facts = Readonly<Record<Difference["field"] | "usage.input" | "usage.output", unknown>>;

function factsOf(reply: ChatReply, client: Protocol): Facts {
  const choice = reply.choices[0];
  const parts = choice?.parts ?? [];
  const join = (type: "text" | "refusal" | "reasoning") =>
    parts.map((part) => (part.type === type ? part.text : "")).join("");
  const calls = parts.flatMap((part) =>
    part.type === "tool-call" ? [{ name: part.name, args: parsed(part.input) }] : [],
  );
  const said = choice?.finish.reason ?? "other";
  const usage = reply.usage;
  return {
    text: join("text"),
    refusal: join("refusal"),
    reasoning: join("reasoning"),
    calls,
    finish: said === "error" ? "" : FINISH[said][client],
    "usage.input": usage?.input.total,
    "usage.cacheRead": usage?.input.cacheRead,
    "usage.output": usage?.output.total,
    "usage.reasoning": usage?.output.reasoning,
  };
}

const read = ({ text, refusal, reasoning, calls, finish, usage }: TalkAnswer): Facts => ({
  text,
  refusal,
  reasoning,
  calls: calls.map(({ name, args }) => ({ name, args })),
  finish,
  "usage.input": usage.input,
  "usage.cacheRead": usage.cacheRead,
  "usage.output": usage.output,
  "usage.reasoning": usage.reasoning,
});

const listed = (recording: Recording, client: Protocol): readonly Difference[] =>
  DIFFERENCES.filter(
    (one) =>
      one.from === recording.protocol &&
      one.client === client &&
      one.recordings.some((name) => recording.name.startsWith(name)),
  );

describe.skipIf(!hasRecordings)(
  "recorded replies in other protocols (skipped without ../shared/recordings)",
  () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await startRig();
    });
    beforeEach(() => rig.reset());
    afterAll(() => rig.stop());
    const used = new Set<Difference>();

    const cases = PROTOCOLS.flatMap((protocol) =>
      recordings(protocol).flatMap((recording) =>
        PROTOCOLS.filter((client) => client !== protocol).map((client) => ({
          name: recording.name,
          recording,
          client,
          from: protocol,
        })),
      ),
    );

    it.each(cases)("$from $name, read by $client", async ({ recording, client, from }) => {
      const stream = recording.kind === "stream";
      rig.script = async (_received, res) => {
        if (stream) await sendStream(res, [sseText(wireEvents(recording))]);
        else
          res
            .writeHead(/^\s*\{\s*"error"\s*:\s*\{/.test(recording.text) ? 400 : 200, {
              "content-type": "application/json",
            })
            .end(recording.text);
      };
      const expected = direct(recording);
      const asked = rig.talk(client, `${from}/${MODELS[from].plain}`).ask({ text: "hi" }, stream);
      if ("error" in expected) {
        await expect(asked).rejects.toThrow(expected.error.split("\n")[0]);
        // What was learned of the account is not for the next recording.
        await rig.renew();
        return;
      }
      const answer = await asked;
      expect(misreadings(client, await rig.seen(), stream)).toEqual([]);
      const want = factsOf(expected.reply, client);
      const got = read(answer);
      const differ = (Object.keys(want) as (keyof Facts)[]).filter((field) => !same(want[field], got[field]));
      const known = listed(recording, client);
      for (const one of known) if (differ.includes(one.field)) used.add(one);
      const unexpected = differ.filter((field) => !known.some((one) => one.field === field));
      expect(Object.fromEntries(unexpected.map((field) => [field, got[field]]))).toEqual(
        Object.fromEntries(unexpected.map((field) => [field, want[field]])),
      );
    });

    it("has no difference listed that is none", () => {
      expect(DIFFERENCES.filter((one) => !used.has(one))).toEqual([]);
    });
  },
);

/** Counts that a provider does not give are zero to a client that must have them. */
function same(want: unknown, got: unknown): boolean {
  return JSON.stringify(want ?? 0) === JSON.stringify(got ?? 0);
}
