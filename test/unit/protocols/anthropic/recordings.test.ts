import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { codec } from "../../../../src/gateway/protocols/anthropic/index.ts";
import type { WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { checkReply, checkStream } from "../../../support/checkers/anthropic.ts";
import { decodeStream, encodeStream, replyContext, request, summarize, wire } from "./helpers.ts";

const folder = resolve(import.meta.dirname, "../../../../../shared/recordings/anthropic");
const missing = !existsSync(folder);
const files = missing ? [] : readdirSync(folder).sort();
const read = (name: string) => readFileSync(resolve(folder, name), "utf8");
const events = (name: string): WireEvent[] =>
  read(name)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => wire(JSON.parse(line)));

describe.skipIf(missing)("recorded streams (skipped without ../shared/recordings)", () => {
  const streams = files.filter((name) => name.endsWith(".chunks.txt"));
  const whole = streams.filter((name) => !name.startsWith("spliced"));

  it.each(whole)("%s decodes to a complete reply", (name) => {
    const decoded = decodeStream(events(name));
    const summary = summarize(decoded);
    expect(decoded[0]?.type).toBe("start");
    expect(summary.error).toBeUndefined();
    expect(summary.finish).toBeDefined();
    expect(summary.usage).toMatchObject({ output: { total: expect.any(Number) } });
    for (const call of summary.calls) expect(() => JSON.parse(call.input)).not.toThrow();
    const starts = decoded.filter((event) => event.type.endsWith("-start")).length;
    expect(decoded.filter((event) => event.type.endsWith("-end"))).toHaveLength(starts);
    expect(summary.text.length + summary.calls.length + summary.parts.length).toBeGreaterThan(0);
  });

  it.each(whole)("%s is a valid stream when encoded again, and says the same", (name) => {
    const decoded = decodeStream(events(name));
    const again = encodeStream(decoded);
    expect(checkStream(again)).toEqual([]);
    expect(summarize(decodeStream(again))).toEqual(summarize(decoded));
  });

  it("a reply that begins anew in the midst of a tool call ends in an error, not in a wrong call", () => {
    const summary = summarize(decodeStream(events("spliced-message-start.chunks.txt")));
    expect(summary.error).toBe("upstream");
    expect(summary.finish).toBeUndefined();
    expect(checkStream(encodeStream(decodeStream(events("spliced-message-start.chunks.txt"))))).toEqual([]);
  });
});

describe.skipIf(missing)("recorded replies (skipped without ../shared/recordings)", () => {
  const replies = files.filter((name) => name.endsWith(".json"));

  it.each(replies)("%s decodes, and encodes to a valid message that says the same", (name) => {
    const body: unknown = JSON.parse(read(name));
    const decoded = codec.decodeReply(body, { request: request() });
    const parts = decoded.choices[0]?.parts ?? [];
    expect(parts.length).toBeGreaterThan(0);
    expect(decoded.usage?.output.total).toBeGreaterThan(0);
    for (const part of parts)
      if (part.type === "tool-call") expect(() => JSON.parse(part.input)).not.toThrow();
    const again = codec.encodeReply(decoded, replyContext({ model: decoded.model ?? "" }));
    expect(checkReply(again)).toEqual([]);
    const twice = codec.decodeReply(again, { request: request() });
    const plain = (reply: typeof decoded) => ({
      // A refusal is shown as text.
      parts: reply.choices[0]?.parts.map((part) =>
        part.type === "refusal" ? { ...part, type: "text" } : part,
      ),
      finish: reply.choices[0]?.finish.reason,
      usage: reply.usage,
    });
    expect(plain(twice)).toEqual(plain(decoded));
  });
});
