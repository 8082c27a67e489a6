/**
 * `POST /responses/compact` for targets that do not have it: a conversation that ends in a `compaction_trigger`. "This is
 * a list of all user messages, followed by a single compaction item" (`openai` types, `CompactedResponse`).
 */
import { badRequest } from "../../common/errors.ts";
import { type Fields, fieldsOf, isRecord, listOf } from "../../common/json.ts";
import type { ChatReply } from "../chat.ts";
import type { ReplyContext } from "../codec.ts";
import { summaryReply } from "../compaction.ts";
import type { CompletionsCodec } from "../wire.ts";
import { summaryItem } from "./compaction.ts";
import { ownId } from "./ids.ts";
import { encodeReply } from "./reply/encode.ts";
import { decodeRequest } from "./request/decode.ts";
import { streamEncoder } from "./stream/encode.ts";

const NO_USAGE = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
};

const inputOf = (body: Fields): readonly unknown[] =>
  typeof body.input === "string" ? [{ role: "user", content: body.input }] : listOf(body.input);

function userItem(item: Fields, newId: () => string): Fields {
  const { content } = item;
  return {
    ...item,
    type: "message",
    id: item.id ?? ownId("msg", newId()),
    status: "completed",
    content: typeof content === "string" ? [{ type: "input_text", text: content }] : content,
  };
}

/** A response whose only item is the summary that the model wrote. @throws PorticoError where it wrote none */
export const encodeSummary = (reply: ChatReply, context: ReplyContext): Fields =>
  encodeReply(summaryReply(reply, summaryItem(context.newId)), context);

export const compactCodec: CompletionsCodec = {
  decodeRequest(body, context) {
    const given = fieldsOf(body);
    const input = inputOf(given);
    if (input.length === 0 && given.previous_response_id == null)
      throw badRequest("'input': what is to be compacted must be given.", "input");
    const request = decodeRequest(
      { ...given, input: [...input, { type: "compaction_trigger" }] },
      { ...context, stream: false },
    );
    return { ...request, compact: { items: input.filter(isRecord).filter(({ role }) => role === "user") } };
  },
  encodeReply(reply, context) {
    const { id, created_at, output, usage } = encodeSummary(reply, context);
    const items = context.request.compact?.items ?? [];
    return {
      id,
      object: "response.compaction",
      created_at,
      output: [...items.map((item) => userItem(item, context.newId)), ...listOf(output)],
      usage: usage ?? NO_USAGE,
    };
  },
  streamEncoder,
};
