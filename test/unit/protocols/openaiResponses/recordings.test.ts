import { accumulateResponse } from "openai/lib/responses/ResponseAccumulator";
import { describe, expect, it } from "vitest";
import type { WireEvent } from "../../../../src/gateway/protocols/codec.ts";
import { decodeError } from "../../../../src/gateway/protocols/openaiResponses/errors.ts";
import { codec } from "../../../../src/gateway/protocols/openaiResponses/index.ts";
import { checkReply, checkStream } from "../../../support/checkers/openaiResponses.ts";
import {
  decodeEvents,
  EMPTY,
  encodeEvents,
  eventProblems,
  hasRecordings,
  recordedReply,
  recordedStreams,
  recordings,
  replyContext,
  type Summary,
  summarize,
} from "./helpers.ts";

type Snapshot = ReturnType<typeof accumulateResponse>;

/** The events as the official SDK sums them up. */
function accumulated(events: readonly WireEvent[]): Snapshot {
  let snapshot: Snapshot | undefined;
  for (const event of events) snapshot = accumulateResponse(JSON.parse(event.data), snapshot);
  if (snapshot === undefined) throw new Error("no events");
  return snapshot;
}

function outputLength(events: readonly WireEvent[]): number {
  return events.filter((event) => event.event === "response.output_item.done").length;
}

/** Inputs of client-run tools as values: the order of their fields is not kept. */
function plain(said: Summary) {
  const calls = said.calls.map((call) =>
    call.clientTool ? { ...call, input: JSON.parse(call.input) } : call,
  );
  return { ...said, calls };
}

const missing = hasRecordings ? "" : " (skipped: no recordings beside the checkout)";

describe.skipIf(!hasRecordings)(`recorded streams${missing}`, () => {
  for (const name of recordings(".chunks.txt")) {
    it(name, () => {
      for (const stream of recordedStreams(name)) {
        const events = decodeEvents(stream);
        expect(eventProblems(events)).toEqual([]);
        const said = summarize(events);
        if (name.includes("error")) expect(said.error).toBe("quota");
        else {
          expect(said.finish).toBeDefined();
          expect(said.error).toBeUndefined();
          expect(said.usage).toBeDefined();
        }
        for (const call of said.calls) {
          if (call.kind === "function") expect(JSON.parse(call.input)).toBeTypeOf("object");
        }
        const again = encodeEvents(events);
        expect(checkStream(again)).toEqual([]);
        expect(plain(summarize(decodeEvents(again)))).toEqual(plain(said));
        if (said.error === undefined) expect(accumulated(again).output).toHaveLength(outputLength(again));
      }
    });
  }
});

describe.skipIf(!hasRecordings)(`recorded replies${missing}`, () => {
  for (const name of recordings(".json")) {
    it(name, () => {
      const body = recordedReply(name);
      if (name.includes("error")) {
        expect(decodeError(429, body)?.message).toMatch(/quota|temperature/);
        return;
      }
      const reply = codec.decodeReply(body, { request: EMPTY });
      expect(reply.choices[0]?.parts.length).toBeGreaterThan(0);
      expect(reply.usage).toBeDefined();
      const shown = codec.encodeReply(reply, replyContext());
      expect(checkReply(shown)).toEqual([]);
      const again = codec.decodeReply(shown, { request: EMPTY });
      expect(again.choices[0]?.finish).toEqual(reply.choices[0]?.finish);
      expect(again.usage).toEqual(reply.usage);
    });
  }
});
