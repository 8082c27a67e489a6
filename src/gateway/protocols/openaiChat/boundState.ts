/** State in requests of this protocol that only its maker can read. */
import { type Fields, isRecord } from "../../common/json.ts";
import { type BoundState, type Counter, counted, eachOf, isCarried, someOf } from "../boundStrip.ts";
import { SKIP_SIGNATURE } from "../gemini/signature.ts";

export const boundState: BoundState = {
  carriedWord: "portico",
  hasCarried: (body) =>
    someOf(
      body.messages,
      (message) =>
        someOf(message.reasoning_details, isCarriedDetail) ||
        hasCarriedExtra(message) ||
        someOf(message.tool_calls, hasCarriedExtra),
    ),
  strip: (body, counter) => ({
    ...body,
    messages: eachOf(body.messages, (message) =>
      counter.carriedOnly ? stripCarriedChat(message, counter) : stripChat(message, counter),
    ),
  }),
};

const isCarriedDetail = ({ id }: Fields): boolean => isCarried(id);
const hasCarriedExtra = ({ extra_content: extra }: Fields): boolean => isRecord(extra) && "portico" in extra;

/** What other entries and fields say belongs to the provider and stays. */
function stripCarriedChat(message: Fields, counter: Counter): Fields {
  const { reasoning_details: details, ...rest } = withoutCarriedExtra(message, counter);
  const kept = eachOf(details, (entry) => (isCarriedDetail(entry) ? counted(counter, undefined) : entry));
  const empty = Array.isArray(kept) && kept.length === 0;
  return {
    ...rest,
    ...(details === undefined || empty ? {} : { reasoning_details: kept }),
    ...(rest.tool_calls === undefined
      ? {}
      : { tool_calls: eachOf(rest.tool_calls, (call) => withoutCarriedExtra(call, counter)) }),
  };
}

function withoutCarriedExtra(holder: Fields, counter: Counter): Fields {
  const { extra_content: extra, ...rest } = holder;
  if (!isRecord(extra) || !("portico" in extra)) return holder;
  const { portico: _carried, ...others } = extra;
  return counted(counter, Object.keys(others).length === 0 ? rest : { ...rest, extra_content: others });
}

function stripChat(message: Fields, counter: Counter): Fields {
  const { reasoning_details: details, extra_content: extra, ...rest } = message;
  if (details !== undefined || extra !== undefined) counter.removed++;
  if (!Array.isArray(rest.tool_calls)) return rest;
  return {
    ...rest,
    tool_calls: eachOf(rest.tool_calls, (call) => {
      const google = isRecord(call.extra_content) ? call.extra_content.google : undefined;
      if (call.extra_content === undefined) return call;
      if (isRecord(google) && google.thought_signature === SKIP_SIGNATURE) return call;
      const { extra_content: _extra, ...bare } = call;
      const skipped = { ...bare, extra_content: { google: { thought_signature: SKIP_SIGNATURE } } };
      return counted(counter, isRecord(google) ? skipped : bare);
    }),
  };
}
