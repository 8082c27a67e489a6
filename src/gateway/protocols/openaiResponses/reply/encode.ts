/** A canonical reply as a whole response object. */

import type { Fields } from "../../../common/json.ts";
import type { ChatReply } from "../../chat.ts";
import type { ReplyContext } from "../../codec.ts";
import { streamEncoder } from "../stream/encode.ts";
import { replyEvents } from "../stream/partEvents.ts";

/** The same object that a stream of the reply would have ended with. */
export function encodeReply(reply: ChatReply, context: ReplyContext): Fields {
  if (reply.choices.length > 1) context.warn("n", "only the first choice can be shown");
  const encoder = streamEncoder(context);
  for (const event of replyEvents(reply)) encoder.push(event);
  encoder.end();
  return encoder.response() ?? {};
}
