/** What a translated request loses on its way, noted in its record. */
import type { Warn } from "../../protocols/chat.ts";
import type { RequestRecord } from "../../records/record.ts";

/** A request of thousands of parts must not make as many warnings. */
const MOST_WARNINGS = 100;

export function warnIn(record: Pick<RequestRecord, "warnings">): Warn {
  return (feature, message) => {
    if (record.warnings.length < MOST_WARNINGS) record.warnings.push({ feature, message });
  };
}
