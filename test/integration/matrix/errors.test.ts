/** Errors of every class, from every provider to every client: before the first byte and in mid-stream. */
import { APIError as AnthropicError } from "@anthropic-ai/sdk";
import { ApiError as GeminiError } from "@google/genai";
import { APIError as OpenAIError } from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { ERRORS, errorNamed, saysOf } from "../../support/matrix/errors.ts";
import { MODELS, misreadings, PAIRS, type Rig, startRig, WRITERS } from "../../support/matrix/rig.ts";
import { HELLO } from "../../support/matrix/scene.ts";
import { sendJson, sendStream } from "../../support/upstream.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ upstream: { maxAttempts: 1, retryDeadlineMs: 0 } });
});
// What is learned of an account from one error is not for the next.
beforeEach(() => rig.renew());
afterAll(() => rig.stop());

/**
 * The driver keeps a copy of what an SDK gets, by `Response.clone`. In Node 22 a clone cannot be given
 * up alone, which the OpenAI SDK waits for when a connection breaks: it would wait for ever.
 */
const cloneIsFree = Number(process.versions.node.split(".", 1)[0]) >= 24;
const ENDINGS = [
  "an error event",
  ...(cloneIsFree ? ["a connection that breaks"] : []),
  "a stream without its end",
] as const;

async function thrownBy(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked;
  } catch (thrown) {
    return thrown;
  }
  throw new Error("it did not throw");
}

/** The SDK's own error class for its protocol. */
const CLASS = {
  "openai-chat": OpenAIError,
  "openai-responses": OpenAIError,
  anthropic: AnthropicError,
  gemini: GeminiError,
} as const;

describe.each(PAIRS.filter(({ client, target }) => client !== target))(
  "$client client, $target account",
  ({ client, target }) => {
    describe.each([true, false])("stream: %s", (stream) => {
      it.each(ERRORS)("$name", async (one) => {
        const [status, body] = saysOf(one, target);
        rig.script = (_received, res) =>
          sendJson(res, status, body, one.retryAfter === true ? { "retry-after": "7" } : {});
        const thrown = await thrownBy(
          rig.talk(client, `${target}/${MODELS[target].plain}`).ask({ text: "hi" }, stream),
        );
        const { headers, status: got, text } = await rig.seen();
        expect(thrown).toBeInstanceOf(CLASS[client]);
        expect(String(thrown)).toMatch(one.words);
        expect(got).toBe(one.statusFor?.[client] ?? one.status);
        expect(headers.get("x-should-retry")).toBe(one.final ? "false" : null);
        expect(headers.get("retry-after")).toBe(one.retryAfter === true ? "7" : null);
        expect(headers.get("content-type")).toMatch(/^application\/json/);
        expect(shapeProblems(client, JSON.parse(text), got)).toEqual([]);
      });
    });

    it("passes the class on when a 200 begins with the error", async () => {
      const [, body] = saysOf(errorNamed("a rate limit"), target);
      const event = target === "anthropic" || target === "openai-responses" ? "event: error\n" : "";
      const data =
        target === "openai-responses"
          ? { ...Reflect.get(body, "error"), type: "error", sequence_number: 0 }
          : body;
      rig.script = (_received, res) => sendStream(res, [`${event}data: ${JSON.stringify(data)}\n\n`]);
      const thrown = await thrownBy(
        rig.talk(client, `${target}/${MODELS[target].plain}`).ask({ text: "hi" }, true),
      );
      expect(String(thrown)).toMatch(/Rate limit reached/);
      expect((await rig.seen()).status).toBe(429);
    });

    it.each(ENDINGS)("tells the client of %s in mid-stream", async (kind) => {
      const pieces = WRITERS[target](HELLO).events.map(
        ({ event, data }) => `${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`,
      );
      const text = pieces.findIndex((piece) => /Hello/.test(piece));
      const begun = pieces.slice(0, text + 1);
      const [, failure] = saysOf(errorNamed("an overloaded provider"), target);
      const data =
        target === "openai-responses"
          ? { ...Reflect.get(failure, "error"), type: "error", sequence_number: 9 }
          : failure;
      rig.script = async (_received, res) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        // What was said has left this process before the rest happens.
        await new Promise<unknown>((resolve) => res.write(begun.join(""), resolve));
        await new Promise((resolve) => setImmediate(resolve));
        if (kind === "an error event")
          res.end(
            `${target === "anthropic" || target === "openai-responses" ? "event: error\n" : ""}data: ${JSON.stringify(data)}\n\n`,
          );
        else if (kind === "a connection that breaks") setImmediate(() => res.destroy());
        else res.end();
      };
      const thrown = await thrownBy(
        rig.talk(client, `${target}/${MODELS[target].plain}`).ask({ text: "hi" }, true),
      );
      expect(String(thrown)).toMatch(
        kind === "an error event"
          ? /overloaded/i
          : kind === "a connection that breaks"
            ? /broke off/
            : /ended|incomplete|broke off/,
      );
      const seen = await rig.seen();
      expect(seen.status).toBe(200);
      expect(seen.text).toContain("Hello");
      expect(misreadings(client, seen, true)).toEqual([]);
      expect((await rig.record()).error?.message).toBeDefined();
    });
  },
);

describe.each(PROTOCOLS.filter((client) => client !== "gemini"))("%s client", (client) => {
  it.each([true, false])(
    "is given an error where Gemini ends its reply with one (stream: %s)",
    async (stream) => {
      const reply = {
        candidates: [
          {
            index: 0,
            content: { role: "model", parts: [{ text: "Hm" }] },
            finishReason: "MALFORMED_FUNCTION_CALL",
          },
        ],
        usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 },
      };
      rig.script = async (_received, res) => {
        if (stream) await sendStream(res, [`data: ${JSON.stringify(reply)}\n\n`]);
        else sendJson(res, 200, reply);
      };
      const asked = rig.talk(client, `gemini/${MODELS.gemini.plain}`).ask({ text: "hi" }, stream);
      expect(String(await thrownBy(asked))).toMatch(/MALFORMED_FUNCTION_CALL/);
    },
  );
});

describe("a client that streams Gemini's JSON array", () => {
  it("gets a complete array that ends in the error", async () => {
    const pieces = WRITERS.anthropic(HELLO).events.map(
      ({ event, data }) => `event: ${event ?? ""}\ndata: ${data}\n\n`,
    );
    rig.script = (_received, res) => sendStream(res, pieces.slice(0, 4));
    const model = encodeURIComponent(rig.talk("gemini", `anthropic/${MODELS.anthropic.plain}`).model);
    const reply = await fetch(`${rig.portico.baseUrl}/v1beta/models/${model}:streamGenerateContent`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }),
    });
    const array: unknown = await reply.json();
    expect(array).toMatchObject([
      { candidates: [{ content: { parts: [{ text: expect.stringContaining("Hello") as string }] } }] },
      { error: { status: expect.any(String) as string } },
    ]);
  });
});

/** What is wrong with an error body, by the protocol's reference. */
function shapeProblems(client: Protocol, body: unknown, status: number): string[] {
  const shape = {
    "openai-chat": { error: { message: expect.any(String), type: expect.any(String), param: null } },
    "openai-responses": { error: { message: expect.any(String), type: expect.any(String), param: null } },
    anthropic: {
      type: "error",
      error: { type: expect.stringMatching(/_error$/), message: expect.any(String) },
      request_id: expect.stringMatching(/^req_/),
    },
    gemini: {
      error: { code: status, message: expect.any(String), status: expect.stringMatching(/^[A-Z_]+$/) },
    },
  }[client];
  try {
    expect(body).toMatchObject(shape);
    return [];
  } catch {
    return [JSON.stringify(body)];
  }
}
