import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Usage } from "../../../../src/gateway/protocols/chat.ts";
import { codec } from "../../../../src/gateway/protocols/openaiChat/index.ts";
import { checkReply, checkStream } from "../../../support/checkers/openaiChat.ts";
import {
  chatRequest,
  contractProblems,
  DONE,
  decodeStream,
  encodeStream,
  replyContext,
  told,
} from "./helpers.ts";

const FOLDER = join(import.meta.dirname, "../../../../../shared/recordings/openaiChat");
const missing = !existsSync(FOLDER);
const files = missing ? [] : readdirSync(FOLDER);

const streamOf = (file: string) => [
  ...readFileSync(join(FOLDER, file), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((data) => ({ data })),
  DONE,
];

describe.skipIf(missing)("recorded chat completions (needs ../shared/recordings)", () => {
  for (const file of files.filter((name) => name.endsWith(".chunks.txt"))) {
    it(`decodes the stream ${file} and encodes it again`, () => {
      const events = decodeStream(streamOf(file));
      expect(contractProblems(events)).toEqual([]);
      expect(events[0]).toMatchObject({
        type: "start",
        id: expect.stringMatching(/./),
        model: expect.stringMatching(/./),
      });
      const read = told(events);
      expect(read.error).toBeUndefined();
      expect((read.texts[0] ?? "") + read.calls.map((call) => call.input).join("")).not.toBe("");
      for (const call of read.calls) expect(JSON.parse(call.input)).toBeTypeOf("object");
      expect(read.finish[0]).toBe(file.includes("tool-call") ? "tool-calls" : "stop");
      expect(read.usage?.output.total).toBeGreaterThan(0);
      const again = encodeStream(events, replyContext({ includeUsage: true }));
      expect(checkStream(again)).toEqual([]);
      expect(told(decodeStream(again))).toEqual({ ...read, usage: withoutCost(read.usage) });
    });
  }

  for (const file of files.filter((name) => name.endsWith(".json"))) {
    it(`decodes the reply ${file} and encodes it again`, () => {
      const body: unknown = JSON.parse(readFileSync(join(FOLDER, file), "utf8"));
      const request = chatRequest({ stream: false });
      const reply = codec.decodeReply(body, { request });
      expect(reply.choices).toHaveLength(1);
      const [choice] = reply.choices;
      expect(choice?.finish.reason).toBe(file.includes("tool-call") ? "tool-calls" : "stop");
      expect(choice?.parts.length).toBeGreaterThan(0);
      expect(reply.usage?.output.total).toBeGreaterThan(0);
      const again = codec.encodeReply(reply, replyContext());
      expect(checkReply(again)).toEqual([]);
      expect(codec.decodeReply(again, { request }).choices[0]?.parts).toEqual(choice?.parts);
      expect(codec.decodeReply(again, { request }).usage).toEqual(withoutCost(reply.usage));
    });
  }

  it("reads what each provider does its own way", () => {
    const deepseek = told(decodeStream(streamOf("deepseek-tool-call.chunks.txt")));
    expect(deepseek.reasoning[0]).toMatch(/^The user/);
    expect(deepseek.calls).toMatchObject([{ name: "weather", input: '{"location": "San Francisco"}' }]);
    expect(deepseek.usage).toEqual({
      input: { total: 339, uncached: 19, cacheRead: 320, cacheWrite: 0 },
      output: { total: 83, reasoning: 39 },
    });
    const mistral = told(decodeStream(streamOf("mistral-reasoning.chunks.txt")));
    expect(mistral.reasoning[0]).toMatch(/2\+2=4\.$/);
    expect(mistral.texts[0]).toBe("2 + 2 = 4");
    expect(told(decodeStream(streamOf("mistral-tool-call.chunks.txt"))).calls).toMatchObject([
      { callId: "gSIMJiOkT", name: "weather", input: '{"location": "San Francisco"}' },
    ]);
    // xAI counts reasoning beside the completion: 12 + 1 + 290 = 303.
    expect(told(decodeStream(streamOf("xai-text.chunks.txt"))).usage).toEqual({
      input: { total: 12, uncached: 1, cacheRead: 11, cacheWrite: 0 },
      output: { total: 291, reasoning: 290 },
      cost: 0.000146625,
    });
    expect(told(decodeStream(streamOf("azure-model-router.1.chunks.txt"))).texts[0]).toBe(
      "Capital of Denmark.",
    );
  });
});

/** What a provider charged is for the record, no business of a client of another protocol. */
function withoutCost(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const { cost: _cost, ...counts } = usage;
  return counts;
}
