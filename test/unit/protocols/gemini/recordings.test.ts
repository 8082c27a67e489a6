import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeError } from "../../../../src/gateway/protocols/gemini/errors.ts";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";
import { checkReply, checkStream } from "../../../support/checkers/gemini.ts";
import { chatRequest, checkEvents, decodeStream, encodeStream, replyContext, summary } from "./helpers.ts";

const folder = resolve(import.meta.dirname, "../../../../../shared/recordings/gemini");
const missing = !existsSync(folder);
const files = missing ? [] : readdirSync(folder);
const lines = (name: string) => readFileSync(resolve(folder, name), "utf8").split("\n").filter(Boolean);
const json = (name: string) => JSON.parse(readFileSync(resolve(folder, name), "utf8")) as unknown;

describe.skipIf(missing)("recorded streams (skipped where ../shared/recordings is not there)", () => {
  for (const name of files.filter((file) => file.endsWith(".chunks.txt"))) {
    describe(name, () => {
      const wire = missing ? [] : lines(name);

      it("is what our own checker takes for a valid stream", () => {
        expect(checkStream(wire.map((data) => ({ data })))).toEqual([]);
      });

      it("decodes to well-ordered events with content, finish and usage", () => {
        const events = decodeStream(wire);
        expect(checkEvents(events)).toEqual([]);
        const told = summary(events);
        expect(told.error).toBeUndefined();
        expect(told.text.length + told.calls.length).toBeGreaterThan(0);
        expect(told.finish).toEqual([told.calls.length > 0 ? "tool-calls" : "stop"]);
        expect(told.usage).toBeDefined();
      });

      for (const framing of ["sse", "json-array"] as const) {
        it(`decoded and encoded again (${framing}) it says the same`, () => {
          const events = decodeStream(wire);
          const again = encodeStream(events, framing);
          expect(checkStream(again)).toEqual([]);
          expect(summary(decodeStream(again.map((event) => event.data)))).toEqual(summary(events));
        });
      }
    });
  }

  it("puts streamed arguments together", () => {
    const told = summary(decodeStream(lines("google-stream-tool-call-arguments.chunks.txt")));
    expect(told.calls).toEqual([
      { name: "getWeather", input: { location: "Boston" } },
      { name: "getWeather", input: { location: "San Francisco" } },
    ]);
  });

  it("puts nested streamed arguments together", () => {
    const nested = files.find((file) => file.startsWith("google-vertex")) ?? "";
    const [call] = summary(decodeStream(lines(nested))).calls;
    expect(call?.name).toBe("cookRecipe");
    const { recipe } = (call?.input ?? {}) as Record<string, Record<string, unknown>>;
    expect(recipe?.name).toBe("Lasagna");
    expect(recipe?.ingredients).toHaveLength(10);
    expect(recipe?.ingredients).toHaveProperty("[0]", { amount: "16 oz", name: "Lasagna noodles" });
    expect(recipe?.steps).toHaveLength(10);
  });

  it("keeps the signatures of text and calls", () => {
    const text = decodeStream(lines("google-text.chunks.txt")).find((event) => event.type === "text-end");
    expect(text).toHaveProperty("signature.protocol", "gemini");
    const call = decodeStream(lines("google-tool-call-gemini3.chunks.txt")).find(
      (event) => event.type === "tool-end",
    );
    expect(call).toHaveProperty("signature.kind", "signature");
  });
});

describe.skipIf(missing)("recorded replies (skipped where ../shared/recordings is not there)", () => {
  for (const name of files.filter((file) => file.endsWith(".json") && !file.includes("429"))) {
    it(`${name} decodes, and encodes to the same content`, () => {
      const wire = json(name) as {
        candidates: { content: unknown; finishReason: string }[];
        usageMetadata: object;
      };
      expect(checkReply(wire)).toEqual([]);
      const reply = codec.decodeReply(wire, { request: chatRequest() });
      const choice = reply.choices[0];
      expect(choice?.parts[0]).toHaveProperty("signature.protocol", "gemini");
      const again = codec.encodeReply(reply, replyContext()) as typeof wire;
      expect(checkReply(again)).toEqual([]);
      expect(again.candidates[0]?.finishReason).toBe("STOP");
      const { promptTokensDetails: _, ...usage } = wire.usageMetadata as Record<string, unknown>;
      expect(again.usageMetadata).toEqual(usage);
      expect(codec.decodeReply(again, { request: chatRequest() }).choices[0]?.finish).toEqual(choice?.finish);
    });
  }

  it("reads the time to wait out of a 429", () => {
    expect(decodeError(429, json("google-429-retry-info.json"))).toEqual({
      kind: "rate_limit",
      message: "You exceeded your current quota, please check your plan.",
      code: "RESOURCE_EXHAUSTED",
      retryAfterMs: 34_400,
    });
  });
});
