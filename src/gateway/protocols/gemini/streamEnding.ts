/** How Gemini's streams end. There is no last event: streams end with their connection. */
import { fieldsOf } from "../../common/json.ts";
import { ChoiceEnds, isSaid } from "../choiceEnds.ts";
import { tailEvents } from "../tailEvents.ts";
import type { StreamEnding } from "../wire.ts";
import { fieldOf, listOf, numberOf, textOf } from "./values.ts";

const REASON = /"finishReason"\s*:\s*"(?!FINISH_REASON_UNSPECIFIED")[^"]/;
const BLOCK = /"blockReason"\s*:\s*"(?!BLOCK_REASON_UNSPECIFIED")[^"]/;

export const streamEnding: StreamEnding = {
  isFinished: (text) => /"usageMetadata"\s*:\s*\{/.test(text) && saysWhy(text, false),
  saysWhy: (text, delimited) => saysWhy(text, delimited) || BLOCK.test(text),
  beginsHollow: false,
};

function saysWhy(text: string, delimited: boolean): boolean {
  if (!REASON.test(text)) return false;
  const ends = new ChoiceEnds();
  for (const event of tailEvents(text)) {
    for (const chunk of Array.isArray(event) ? event : [event]) {
      for (const [at, value] of listOf(fieldsOf(chunk).candidates).entries()) {
        const candidate = fieldsOf(value);
        ends.add(numberOf(candidate.index) ?? at, says(candidate), endReason(candidate) !== undefined);
      }
    }
  }
  // The last event may be longer than what was kept of it.
  return ends.size === 0 || ends.ended(delimited);
}

/** Why a candidate ended; `undefined`: it has not. */
export function endReason(candidate: object): string | undefined {
  const reason = textOf(fieldOf(fieldsOf(candidate), "finishReason"));
  return reason === "FINISH_REASON_UNSPECIFIED" ? undefined : reason;
}

/** The same of what is not only a thought: no reply ends with those. */
export function answers(candidate: object): boolean {
  const content = fieldsOf(fieldsOf(candidate).content);
  const parts = listOf(content.parts).filter((part) => fieldsOf(part).thought !== true);
  return says({ content: { parts } });
}

/** Does a candidate hold anything of the reply? An empty text with a signature does not. */
export function says(candidate: object): boolean {
  return listOf(fieldsOf(fieldsOf(candidate).content).parts).some((part) => {
    const { thought: _, thoughtSignature: __, thought_signature: ___, ...said } = fieldsOf(part);
    return Object.values(said).some(isSaid);
  });
}
