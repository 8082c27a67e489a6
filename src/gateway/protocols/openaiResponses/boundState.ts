/** State in requests of this protocol that only its maker can read. */
import type { Fields } from "../../common/json.ts";
import { type BoundState, counted, eachOf, isCarried, someOf } from "../boundStrip.ts";
import { summaryMessage } from "./compaction.ts";
import { isOwnId } from "./ids.ts";

export const boundState: BoundState = {
  hasCarried: (body) => someOf(body.input, (item) => isCarried(item.encrypted_content)),
  strip: (body, counter) => ({
    ...body,
    input: eachOf(body.input, (item) => {
      if (counter.carriedOnly) {
        if (!isCarried(item.encrypted_content)) return withoutOwnId(item);
        return counted(counter, summaryMessage(item));
      }
      const summary = summaryMessage(item);
      if (summary !== undefined) return counted(counter, summary);
      if (item.type === "reasoning" || "encrypted_content" in item) return counted(counter, undefined);
      if (item.type === "item_reference") return item;
      // An id leads to an item that wants its reasoning beside it.
      const { id: _id, ...rest } = item;
      return rest;
    }),
  }),
};

/** Ids of ours lead nowhere at a provider, which looks some of them up. */
function withoutOwnId(item: Fields): Fields {
  if (item.type === "item_reference" || typeof item.id !== "string" || !isOwnId(item.id)) return item;
  const { id: _id, ...rest } = item;
  return rest;
}
