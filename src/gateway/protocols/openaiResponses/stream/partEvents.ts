/** A whole part, or a whole reply, as the events of a stream. */
import type { AssistantPart, ChatEvent, ChatReply, TokenLogprob } from "../../chat.ts";

/** @param id names the part within the stream. */
export function partEvents(part: AssistantPart, id: string, logprobs?: TokenLogprob[]): ChatEvent[] {
  switch (part.type) {
    case "text":
      return [
        { type: "text-start", id },
        { type: "text-delta", id, text: part.text, ...(logprobs ? { logprobs } : {}) },
        ...(part.citations ?? []).map((citation): ChatEvent => ({ type: "citation", id, citation })),
        { type: "text-end", id, ...(part.signature ? { signature: part.signature } : {}) },
      ];
    case "refusal":
      return [
        { type: "text-start", id, refusal: true },
        { type: "text-delta", id, text: part.text },
        { type: "text-end", id },
      ];
    case "reasoning":
      return [
        {
          type: "reasoning-start",
          id,
          ...(part.summary === undefined ? {} : { summary: part.summary }),
          ...(part.itemId === undefined ? {} : { itemId: part.itemId }),
        },
        ...(part.text === "" ? [] : [{ type: "reasoning-delta" as const, id, text: part.text }]),
        { type: "reasoning-end", id, ...(part.signature ? { signature: part.signature } : {}) },
      ];
    case "tool-call":
      return [
        {
          type: "tool-start",
          id,
          callId: part.callId,
          name: part.name,
          ...(part.namespace === undefined ? {} : { namespace: part.namespace }),
          kind: part.kind,
          ...(part.itemId === undefined ? {} : { itemId: part.itemId }),
          ...(part.clientTool === undefined ? {} : { clientTool: part.clientTool }),
        },
        ...(part.input === "" ? [] : [{ type: "tool-delta" as const, id, delta: part.input }]),
        {
          type: "tool-end",
          id,
          ...(part.signature ? { signature: part.signature } : {}),
          ...(part.cut ? { cut: true } : {}),
        },
      ];
    default:
      return [{ type: "part", part }];
  }
}

/** The events a stream would have had for this reply; further choices are left out. */
export function replyEvents(reply: ChatReply): ChatEvent[] {
  const choice = reply.choices[0];
  const events: ChatEvent[] = [
    {
      type: "start",
      ...(reply.id === undefined ? {} : { id: reply.id }),
      ...(reply.model === undefined ? {} : { model: reply.model }),
      ...(reply.created === undefined ? {} : { created: reply.created }),
      ...(reply.serviceTier === undefined ? {} : { serviceTier: reply.serviceTier }),
    },
  ];
  let logprobs = choice?.logprobs;
  for (const [index, part] of (choice?.parts ?? []).entries()) {
    events.push(...partEvents(part, `p${index}`, logprobs));
    if (part.type === "text") logprobs = undefined;
  }
  if (reply.usage !== undefined) events.push({ type: "usage", usage: reply.usage });
  events.push({ type: "finish", ...(choice?.finish ?? { reason: "other" }) });
  return events;
}
