/** Recorded streams of calls, cut after each of their events: no client of any protocol is handed a finished call. */
import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { ChatEvent, ChatRequest } from "../../../src/gateway/protocols/chat.ts";
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";
import { CODECS } from "../../../src/gateway/protocols/codecs.ts";
import { finishedCalls } from "../../support/matrix/finishedCalls.ts";
import { sseEvents } from "../../support/matrix/rig.ts";
import { hasRecordings, recordings, wireEvents } from "../../support/recordings.ts";

const REQUEST: ChatRequest = {
  model: "m",
  messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
  tools: [],
  sampling: {},
  stream: true,
};

function decoded(protocol: Protocol, events: readonly WireEvent[]): ChatEvent[] {
  const decoder = CODECS[protocol].streamDecoder({ request: REQUEST });
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
}

function shown(client: Protocol, events: readonly ChatEvent[]): WireEvent[] {
  let ids = 0;
  const encoder = CODECS[client].streamEncoder({
    model: "m",
    now: 0,
    newId: () => String(ids++).padStart(24, "0"),
    request: REQUEST,
    framing: "sse",
    warn: () => {},
  });
  return sseEvents(events.map((event) => encoder.push(event)).join("") + encoder.end());
}

/** Streams in which a client is asked to run something. */
const STREAMS = PROTOCOLS.flatMap((from) =>
  recordings(from)
    .filter(({ kind }) => kind === "stream")
    .map((recording) => ({ from, name: recording.name, events: wireEvents(recording) }))
    .filter(({ events }) => decoded(from, events).some(({ type }) => type === "tool-start")),
);

describe.skipIf(!hasRecordings)("recorded calls, cut (skipped without ../shared/recordings)", () => {
  it("has recordings of every protocol", () => {
    expect(new Set(STREAMS.map(({ from }) => from))).toEqual(new Set(PROTOCOLS));
  });

  it.each(STREAMS.flatMap((stream) => PROTOCOLS.map((client) => ({ ...stream, client }))))(
    "$from $name, read by $client",
    ({ from, events, client }) => {
      const whole = finishedCalls(client, shown(client, decoded(from, events)));
      for (let cut = 1; cut < events.length; cut++) {
        const cutEvents = decoded(from, events.slice(0, cut));
        // Behind the last call there may be enough to end well.
        if (cutEvents.at(-1)?.type !== "error") continue;
        const wire = shown(client, cutEvents);
        for (const call of finishedCalls(client, wire))
          expect(whole, `cut after ${cut} events`).toContainEqual(call);
        expect(
          wire.some(({ data }) =>
            /\[DONE\]|"message_stop"|"response\.completed"|"finish_?[rR]eason":"/.test(data),
          ),
        ).toBe(false);
      }
    },
  );
});
