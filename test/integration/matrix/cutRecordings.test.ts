/** Recorded calls, cut wherever a connection can end: no client is handed more calls than the provider had finished. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { WireEvent } from "../../../src/gateway/protocols/codec.ts";
import { type FinishedCall, finishedCalls } from "../../support/matrix/finishedCalls.ts";
import { MODELS, type Rig, sseEvents, startRig } from "../../support/matrix/rig.ts";
import { TOOLS } from "../../support/matrix/says.ts";
import type { TalkAnswer } from "../../support/matrix/talk.ts";
import { hasRecordings, recordings, sseText, wireEvents } from "../../support/recordings.ts";

const CALLS: Readonly<Record<Protocol, readonly string[]>> = {
  "openai-chat": ["deepseek-tool-call"],
  "openai-responses": ["lmstudio-tool-call.2", "openai-client-tool-search.2", "programmatic-tool-calling.2"],
  anthropic: ["anthropic-json-other-tool", "anthropic-json-tool"],
  gemini: ["google-tool-call-gemini3", "google-stream-tool-call-arguments"],
};
const CASES = PROTOCOLS.flatMap((target) =>
  recordings(target)
    .filter(({ name, kind }) => kind === "stream" && CALLS[target].some((start) => name.startsWith(start)))
    .flatMap((recording) => PROTOCOLS.map((client) => ({ name: recording.name, recording, client, target })))
    // Gemini's own client puts the pieces of a call together by itself.
    .filter(({ name, client }) => client !== "gemini" || !name.includes("stream-tool-call-arguments")),
);

const MENTIONS_CALL = /tool|function/i;
/** A body that was reset leaves its copy hanging in the `fetch` of Node.js 22, by which the test looks on. */
const CAN_RESET = Number(process.versions.node.split(".")[0]) >= 24;
/** Of what stands before the calls every so many events is cut. */
const STRIDE = 6;

/** Where to cut: after each event and within it from the first call on, and here and there before. */
function cutsOf(events: readonly WireEvent[]): { text: string; whole: readonly WireEvent[] }[] {
  const first = events.findIndex(
    ({ data }) => MENTIONS_CALL.test(data.slice(0, 400)) && /arg|input/.test(data),
  );
  const cuts: { text: string; whole: readonly WireEvent[] }[] = [];
  for (let at = 1; at < events.length; at++) {
    if (at < first && at % STRIDE !== 0) continue;
    const whole = events.slice(0, at);
    const next = sseText(events.slice(at, at + 1));
    const parts = at < first ? [0] : [0, next.length >> 1, next.length - 1];
    for (const length of parts) {
      // An event that lacks but its last line end may count as one that came.
      const came = length === next.length - 1 ? events.slice(0, at + 1) : whole;
      cuts.push({ text: sseText(whole) + next.slice(0, length), whole: came });
    }
  }
  return cuts;
}

const argsOf = (calls: readonly FinishedCall[]): string[] => calls.map(({ args }) => JSON.stringify(args));

describe.skipIf(!hasRecordings)("recorded calls, cut (skipped without ../shared/recordings)", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.stop());

  it.each(CASES)("$target $name, read by $client", async ({ recording, client, target }) => {
    const events = wireEvents(recording);
    const ask = async (text: string, reset: boolean): Promise<TalkAnswer | Error> => {
      rig.script = (_received, res) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        if (reset) res.write(text, () => res.destroy());
        else res.end(text);
      };
      return await rig
        .talk(client, `${target}/${MODELS[target].plain}`)
        .ask({ text: "hi" }, true, TOOLS[client])
        .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    };

    expect(await ask(sseText(events), false)).not.toBeInstanceOf(Error);
    const all = argsOf(finishedCalls(client, sseEvents((await rig.seen()).text)));
    expect(all.length).toBeGreaterThan(0);
    const cuts = cutsOf(events);
    let failed = 0;
    for (const [number, { text, whole }] of cuts.entries()) {
      const answer = await ask(text, CAN_RESET && number % 2 === 1);
      // What the provider had finished is a call; the rest of it is none, for the SDK or for who reads the stream.
      const most = finishedCalls(target, whole).length;
      const raw = argsOf(finishedCalls(client, sseEvents((await rig.seen()).text)));
      const handed = answer instanceof Error ? [] : answer.calls.map(({ args }) => JSON.stringify(args));
      if (answer instanceof Error) failed++;
      for (const calls of [raw, handed]) for (const call of calls) expect(all).toContain(call);
      const story = `cut ${number} of ${cuts.length}: …${text.slice(-300)}`;
      expect(handed.length, story).toBeLessThanOrEqual(most);
      // Chat completions say of no call that it is whole: the end of the reply does.
      if (client !== "openai-chat") expect(raw.length, story).toBeLessThanOrEqual(most);
      await rig.renew();
    }
    expect(failed).toBeGreaterThan(cuts.length / 2);
  });
});
