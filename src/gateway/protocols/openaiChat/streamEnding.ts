/** How streams of chat completions end: with `[DONE]`, which some servers leave out. */
import { listOf, textOf } from "../../common/json.ts";
import { ChoiceEnds, isSaid } from "../choiceEnds.ts";
import { tailEvents } from "../tailEvents.ts";
import type { StreamEnding } from "../wire.ts";
import { count, record } from "./values.ts";

export const streamEnding: StreamEnding = {
  isFinished: (tail) => /^data:\s*\[DONE\]/m.test(tail),
  saysWhy(tail, delimited) {
    if (!/"finish_reason"\s*:\s*"[^"]/.test(tail)) return false;
    const ends = new ChoiceEnds();
    for (const chunk of tailEvents(tail)) {
      for (const value of listOf(record(chunk)?.choices)) {
        const choice = record(value) ?? {};
        ends.add(count(choice.index) ?? 0, says(choice), textOf(choice.finish_reason) !== undefined);
      }
    }
    // The last event may be longer than what was kept of it.
    return ends.size === 0 || ends.ended(delimited);
  },
  last: { word: Buffer.from("[DONE]"), isAmong: (events) => /^data:[ \t]*\[DONE\][ \t]*$/m.test(events) },
  beginsHollow: true,
};

/** Does a choice hold anything of the reply? Last chunks of some have an empty text with their usage. */
function says({ delta, message, text: words }: Readonly<Record<string, unknown>>): boolean {
  const { role: _, ...said } = record(delta) ?? record(message) ?? { words };
  return Object.values(said).some(isSaid);
}
