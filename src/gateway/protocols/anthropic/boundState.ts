/** State in requests of this protocol that only its maker can read. */
import type { Fields } from "../../common/json.ts";
import { type BoundState, type Counter, counted, eachOf, isCarried, someOf } from "../boundStrip.ts";

export const boundState: BoundState = {
  hasCarried: (body) =>
    someOf(body.messages, ({ content }) =>
      someOf(content, (block) => isCarried(block.signature) || isCarried(block.data)),
    ),
  strip: (body, counter) => ({
    ...body,
    messages: eachOf(body.messages, (message) => stripMessage(message, counter)),
  }),
};

function stripMessage(message: Fields, counter: Counter): Fields | undefined {
  if (message.role !== "assistant" || !Array.isArray(message.content)) return message;
  const content = eachOf(message.content, (block) => {
    if (block.type !== "thinking" && block.type !== "redacted_thinking") return block;
    if (counter.carriedOnly && !isCarried(block.signature) && !isCarried(block.data)) return block;
    return counted(counter, undefined);
  });
  // An assistant's turn must not be empty; neighbouring turns of the user are joined by the provider.
  return Array.isArray(content) && content.length === 0 ? undefined : { ...message, content };
}
