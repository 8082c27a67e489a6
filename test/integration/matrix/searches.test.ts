/** Addresses that a provider's own search found, and what a spoken reply says: shown where there is a place, and once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { misreadings, type Rig, startRig } from "../../support/matrix/rig.ts";
import { type Script, sendJson, sendStream } from "../../support/upstream.ts";

type Json = Record<string, unknown>;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const URL_A = "https://a.example/page";
const URL_B = "https://b.example/page";
const cases = (clients: readonly (typeof PROTOCOLS)[number][]) =>
  clients.flatMap((client) => [true, false].map((stream) => ({ client, stream })));
const isStream = (body: Buffer) => (JSON.parse(body.toString()) as Json).stream === true;

describe("a web search of Claude's", () => {
  const result = (url: string) => ({
    type: "web_search_result",
    url,
    title: "A page",
    encrypted_content: "ZW5j",
    page_age: null,
  });
  const CONTENT: readonly Json[] = [
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "a page" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [result(URL_A), result(URL_B)] },
    { type: "text", text: "Found." },
  ];
  const message = (content: readonly Json[]) => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content,
    stop_reason: content.length > 0 ? "end_turn" : null,
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 5 },
  });
  const event = (data: Json) => `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`;
  const answer: Script = async ({ body }, res) => {
    if (!isStream(body)) {
      sendJson(res, 200, message(CONTENT));
      return;
    }
    await sendStream(res, [
      event({ type: "message_start", message: message([]) }),
      ...CONTENT.flatMap((block, index) => {
        const { text, ...rest } = block;
        const start = text === undefined ? rest : { ...rest, text: "" };
        return [
          event({ type: "content_block_start", index, content_block: start }),
          ...(text === undefined
            ? []
            : [event({ type: "content_block_delta", index, delta: { type: "text_delta", text } })]),
          event({ type: "content_block_stop", index }),
        ];
      }),
      event({
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: 5 },
      }),
      event({ type: "message_stop" }),
    ]);
  };

  it.each(cases(["openai-responses", "gemini"]))(
    "tells a client of $client what it found (stream: $stream)",
    async ({ client, stream }) => {
      rig.script = answer;
      const { raw, text } = await rig.talk(client, "anthropic/claude-haiku-4-5").ask({ text: "hi" }, stream);
      expect(text).toBe("Found.");
      const seen = await rig.seen();
      expect(misreadings(client, seen, stream)).toEqual([]);
      for (const url of [URL_A, URL_B]) expect(seen.text).toContain(url);
      if (client !== "openai-responses") return;
      const items = (raw as { output: Json[] }).output;
      expect(items.map(({ type }) => type)).toEqual(["web_search_call", "message"]);
      expect(items[0]).toMatchObject({
        status: "completed",
        action: {
          type: "search",
          query: "a page",
          sources: [
            { type: "url", url: URL_A },
            { type: "url", url: URL_B },
          ],
        },
      });
    },
  );
});

describe("a spoken reply", () => {
  const TRANSCRIPT = "Said aloud, once.";
  /** @param content what some relays put beside it: the same words */
  const speak =
    (content: string | null): Script =>
    async ({ body }, res) => {
      const audio = { id: "audio_1", data: "UklGRg==", transcript: TRANSCRIPT, expires_at: 1_800_000_000 };
      const head = { id: "chatcmpl-1", created: 1_700_000_000, model: "gpt-audio" };
      if (!isStream(body)) {
        const message = { role: "assistant", content, refusal: null, audio };
        sendJson(res, 200, { ...head, choices: [{ index: 0, message, finish_reason: "stop" }] });
        return;
      }
      const chunk = (delta: Json, finish_reason: string | null = null) =>
        `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
      const { id, data, transcript } = audio;
      await sendStream(res, [
        chunk({ role: "assistant", content: content === null ? null : "" }),
        chunk({ audio: { id, transcript: transcript.slice(0, 5) } }),
        ...(content === null ? [] : [...content].map((piece) => chunk({ content: piece }))),
        chunk({ audio: { transcript: transcript.slice(5), data } }),
        chunk({}, "stop"),
        "data: [DONE]\n\n",
      ]);
    };

  it.each(
    cases(PROTOCOLS.filter((client) => client !== "openai-chat")).flatMap((one) =>
      [null, TRANSCRIPT].map((content) => ({ ...one, content })),
    ),
  )(
    "is told once to $client (stream: $stream, text beside it: $content)",
    async ({ client, stream, content }) => {
      rig.script = speak(content);
      const params = client === "gemini" ? { responseModalities: ["AUDIO"] } : {};
      const { text } = await rig.talk(client, "openai-chat/gpt-audio").ask({ text: "hi" }, stream, params);
      const seen = await rig.seen();
      // Gemini's clients hear it.
      const heard = client === "gemini";
      expect(text).toBe(heard && content === null ? "" : TRANSCRIPT);
      expect(seen.text.includes("UklGRg==")).toBe(heard);
      expect(misreadings(client, seen, stream)).toEqual([]);
    },
  );
});
