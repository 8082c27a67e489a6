/**
 * Thinking between what a model says and calls. A chat message has one text, one list of calls and reasoning beside both;
 * Claude wants each block back where it was (https://platform.claude.com/docs/en/build-with-claude/extended-thinking, on
 * preserving thinking blocks). So the entry of a signed block says what of its message stood before it.
 */
import type { AssistantPart, ReasoningPart, ToolCallPart } from "../chat.ts";

/** What stood before a block in its message: UTF-16 units of text, and calls. */
export interface Place {
  readonly text: number;
  readonly calls: number;
}

export interface PlacedReasoning {
  readonly part: ReasoningPart;
  /** Absent: it is not told, so before everything. */
  readonly place?: Place;
}

/** The parts of a message in the order in which they were sent. */
export function interleave(
  reasoning: readonly PlacedReasoning[],
  content: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
): AssistantPart[] {
  const out: AssistantPart[] = [];
  const waiting = [...content];
  let said = 0;
  let called = 0;
  for (const { part, place } of reasoning) {
    while (place !== undefined && said < place.text) {
      const next = waiting.shift();
      if (next === undefined) break;
      if (next.type !== "text" || next.text.length <= place.text - said) {
        out.push(next);
        if (next.type === "text") said += next.text.length;
        continue;
      }
      const { signature, ...unsigned } = next;
      const [before, after] = [next.text.slice(0, place.text - said), next.text.slice(place.text - said)];
      out.push({ ...unsigned, text: before });
      waiting.unshift({ ...unsigned, text: after, ...(signature === undefined ? {} : { signature }) });
      said = place.text;
    }
    if (place !== undefined && called < place.calls) {
      out.push(...calls.slice(called, place.calls));
      called = Math.min(place.calls, calls.length);
    }
    out.push(part);
  }
  return [...out, ...waiting, ...calls.slice(called)];
}
