/** `compaction` items that Portico made: their summary is readable for every account. */
import { Buffer } from "node:buffer";
import { type Fields, textOf } from "../../common/json.ts";
import { type SummaryBlock, summaryText } from "../compaction.ts";
import { ownId } from "./ids.ts";

/** Begins like everything of ours in `encrypted_content`, so that it never goes to OpenAI as it is. */
const MARK = "portico.summary.1.";
const TYPES: ReadonlySet<unknown> = new Set(["compaction", "compaction_summary"]);

/** @param newId 24 letters and digits */
export function summaryItem(newId: () => string): SummaryBlock {
  return {
    part: (summary) => ({
      type: "provider",
      protocol: "openai-responses",
      raw: {
        type: "compaction",
        id: ownId("cmp", newId()),
        encrypted_content: `${MARK}${Buffer.from(summary, "utf8").toString("base64url")}`,
      },
    }),
  };
}

/** What a compaction item of ours says, for a model. `undefined`: it is another's. */
export function readSummary(item: Fields): string | undefined {
  const content = TYPES.has(item.type) ? textOf(item.encrypted_content) : undefined;
  if (!content?.startsWith(MARK)) return undefined;
  return summaryText(Buffer.from(content.slice(MARK.length), "base64url").toString("utf8"));
}

/** The item as a message, for a provider of this protocol. */
export function summaryMessage(item: Fields): Fields | undefined {
  const text = readSummary(item);
  if (text === undefined) return undefined;
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}
