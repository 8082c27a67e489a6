/**
 * Every recorded reply and every dialect of usage: passed through and translated, the record says the same of its
 * tokens and of how it ended, and of the client's bytes what the client sent and got. (Why a model stopped is not
 * recorded; what clients read of that is compared in `recordings.test.ts`.)
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { RequestRecord } from "../../../src/gateway/records/record.ts";
import { startGateway, type TestGateway } from "../../support/gateway.ts";
import { WRITERS } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";
import { hasRecordings, type Recording, recordings, sseText, wireEvents } from "../../support/recordings.ts";
import { type Script, startUpstream, type Upstream } from "../../support/upstream.ts";
import { answering, ask, recountedWire, requestOf } from "../../support/usage/ask.ts";
import { DIALECTS } from "../../support/usage/dialects.ts";

let upstream: Upstream;
let portico: TestGateway;
let accounts = 0;

/** Accounts of their own for the protocol: what is learned from an error is not for the next reply. */
const account = (provider: Protocol) => ({
  id: `${provider}.${++accounts}`,
  provider: "custom" as const,
  endpoints: { [provider]: provider.startsWith("openai") ? `${upstream.url}/v1` : upstream.url },
  credentials: { apiKey: "k" },
  models: [`m-${provider}`],
});

async function renew(): Promise<void> {
  await portico?.stop();
  portico = await startGateway({ accounts: PROTOCOLS.map(account) });
}

beforeAll(async () => {
  upstream = await startUpstream(() => {});
  await renew();
});
afterAll(async () => {
  await portico.stop();
  await upstream.close();
});

async function recordAt(client: Protocol, provider: Protocol, stream: boolean): Promise<RequestRecord> {
  const model = `m-${provider}`;
  const { id, status, bytes } = await ask(portico.baseUrl, client, model, stream);
  const record = await portico.recorded((each) => each.id === id);
  expect({ client, status: record.status, in: record.bytesIn, out: record.bytesOut }).toEqual({
    client,
    status,
    in: Buffer.byteLength(requestOf(client, model, stream).body),
    out: bytes.length,
  });
  return record;
}

describe("dialects of usage", () => {
  const cases = DIALECTS.flatMap((dialect) => [true, false].map((stream) => ({ ...dialect, stream })));
  const long = { ...HELLO, text: "a long answer ".repeat(5000) };

  it.each(cases)("$protocol, $name, stream: $stream", async ({ protocol, counts, usage, stream }) => {
    // The counts stand before the long text.
    upstream.script = answering(recountedWire(WRITERS[protocol](long), counts));
    for (const client of PROTOCOLS) {
      const record = await recordAt(client, protocol, stream);
      expect(record).toMatchObject({ status: 200, lane: client === protocol ? "A" : "B" });
      expect({ client, ...record.usage }).toEqual({ client, ...usage });
    }
  });
});

describe("counts in what the model says", () => {
  const WRONG = { promptTokenCount: 900, totalTokenCount: 901, input_tokens: 900, output_tokens: 1 };
  const args = { usage: WRONG, usageMetadata: WRONG };
  const call = { functionCall: { name: "report", args } };
  const reply = { candidates: [{ content: { role: "model", parts: [call] }, finishReason: "STOP" }] };
  const message = {
    ...{ id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "tool_use" },
    content: [{ type: "tool_use", id: "toolu_1", name: "report", input: args }],
  };

  it.each([
    ["gemini", { usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 3 }, ...reply }],
    ["gemini", { ...reply, usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 3 } }],
    ["anthropic", { usage: { input_tokens: 8, output_tokens: 3 }, ...message }],
    ["anthropic", { ...message, usage: { input_tokens: 8, output_tokens: 3 } }],
  ] as const)("are not taken for the reply's: %s, %o", async (protocol, body) => {
    upstream.script = answering({ events: [{ data: JSON.stringify(body) }], whole: body });
    for (const client of PROTOCOLS) {
      for (const stream of protocol === "gemini" ? [true, false] : [false]) {
        const record = await recordAt(client, protocol, stream);
        const { usage } = record;
        expect({ client, in: usage?.input.total, out: usage?.output.total }).toEqual({
          client,
          in: 8,
          out: 3,
        });
      }
    }
  });
});

/** Some recordings hold several responses, one behind the other: the first is a reply. */
function firstReply(recording: Recording) {
  const events = wireEvents(recording);
  const end = events.findIndex(({ event }) =>
    /^(?:response\.(?:completed|incomplete|failed)|message_stop)$/.test(event ?? ""),
  );
  return end < 0 ? events : events.slice(0, end + 1);
}

function replaying(recording: Recording): Script {
  const fails = /^\s*\{\s*"error"\s*:\s*\{/.test(recording.text);
  return (_received, res) => {
    if (recording.kind === "stream") {
      res.writeHead(200, { "content-type": "text/event-stream" }).end(sseText(firstReply(recording)));
    } else {
      res.writeHead(fails ? 400 : 200, { "content-type": "application/json" }).end(recording.text);
    }
  };
}

/** Translation cannot tell these to their end: an error, and a tool call that its provider began anew. */
const BROKEN = /error|429|^spliced-message-start/;

describe.skipIf(!hasRecordings)("recorded replies (skipped without ../shared/recordings)", () => {
  afterEach(async () => {
    if (portico.records.some(({ error }) => error !== undefined)) await renew();
    portico.records.length = 0;
  });

  it.each(PROTOCOLS.flatMap(recordings))("$protocol, $name", async (recording) => {
    const { protocol, kind, name } = recording;
    upstream.script = replaying(recording);
    const own = await recordAt(protocol, protocol, kind === "stream");
    expect(own.lane).toBe("A");
    const { estimated, ...rest } = own.usage ?? {};
    if (/"(?:(?:input|prompt)_tokens|promptTokenCount)"\s*:\s*\d/.test(recording.text)) {
      expect(own.usage).toBeDefined();
      expect(estimated).toBeUndefined();
    }
    for (const client of PROTOCOLS.filter((each) => each !== protocol)) {
      const other = await recordAt(client, protocol, kind === "stream");
      if (BROKEN.test(name)) {
        expect(other.error).toBeDefined();
        return;
      }
      expect(other).toMatchObject({ lane: "B", status: 200 });
      expect(other.error).toBeUndefined();
      // What is estimated of the input depends on the client's words.
      const want = estimated ? { ...rest, input: other.usage?.input, estimated } : own.usage;
      expect({ client, usage: other.usage }).toEqual({ client, usage: want });
    }
  });
});
