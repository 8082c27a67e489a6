/**
 * Conversations that were compacted: a summary stands for what was said before. Anthropic has it as text in
 * `compaction` blocks (`@anthropic-ai/sdk`, `BetaCompactionBlockParam`), OpenAI encrypted in `compaction` items. A
 * model that has neither is asked for a summary in words, and the client is shown it as its protocol's block.
 */
import { PorticoError } from "../common/errors.ts";
import { fieldsOf } from "../common/json.ts";
import type { ChatChoice, ChatEvent, ChatReply, ChatRequest, Message, Part, ProviderPart } from "./chat.ts";
import type { StreamEncoder } from "./codec.ts";

const HEAD = "What was said before, in short:";
const PROMPT =
  "Write a summary of this conversation that can stand for all of it: what was asked for, what was done and found, " +
  "decisions and why, files and names that matter, and what is left to do. Call no tools. Answer with the summary alone.";

/** For targets that cannot be told to sum a conversation up once it is long. */
export const NOT_COMPACTED = "long conversations are not summed up there by the provider";

type Summary = ProviderPart & { readonly summary: string };

const isSummary = (part: Part): part is Summary => part.type === "provider" && part.summary !== undefined;

export const summaryText = (summary: string): string => `${HEAD}\n${summary}`;

/**
 * The messages from the last summary on, which is text where the target does not know such blocks.
 * @param keeps does the target read the block itself?
 */
function sinceSummary(
  messages: readonly Message[],
  keeps: (block: ProviderPart) => boolean,
): Message[] | undefined {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message === undefined) continue;
    const parts: readonly Part[] = message.parts;
    const at = parts.findLastIndex(isSummary);
    const block = parts[at];
    if (block === undefined || !isSummary(block)) continue;
    const system = messages.slice(0, index).filter(({ role }) => role === "system" || role === "developer");
    const kept = keeps(block);
    const rest = { ...message, parts: message.parts.slice(kept ? at : at + 1) } as Message;
    return [
      ...system,
      ...(kept
        ? []
        : [{ role: "user" as const, parts: [{ type: "text" as const, text: summaryText(block.summary) }] }]),
      ...(rest.parts.length > 0 ? [rest] : []),
      ...messages.slice(index + 1),
    ];
  }
  return undefined;
}

/** What was said before the last summary is left out. */
export function sinceLastSummary(request: ChatRequest): ChatRequest {
  const messages = sinceSummary(request.messages, () => false);
  return messages === undefined ? request : { ...request, messages };
}

/** Is it a block that its protocol calls so? */
const isRaw = (part: { type: string; raw?: unknown }, type: string): boolean =>
  part.type === "provider" && fieldsOf(part.raw).type === type;

/**
 * A request for a target that knows no compaction: summaries are text, and a wish for one is put in words.
 * @param keeps does it know this block after all?
 */
export function withSummaries(
  request: ChatRequest,
  keeps: (block: ProviderPart) => boolean = () => false,
): ChatRequest {
  const since = sinceSummary(request.messages, keeps);
  const { compact, ...rest } = request;
  if (compact === undefined) return since === undefined ? request : { ...request, messages: since };
  const messages = (since ?? request.messages).filter(({ parts }) => {
    const list: readonly Part[] = parts;
    return !(list.length > 0 && list.every((part) => isRaw(part, "compaction_trigger")));
  });
  const { responseFormat: _format, stop: _stop, n: _n, toolChoice: _choice, ...left } = rest;
  const { autoCompact: _auto, extra, ...plain } = left;
  const { compaction: _asked, ...fields } = extra?.fields ?? {};
  return {
    ...plain,
    ...(extra === undefined ? {} : { extra: { ...extra, fields } }),
    // The tools stay, because the prompt is cached with them.
    ...(request.tools.length > 0 ? { toolChoice: { type: "none" } } : {}),
    messages: [
      ...messages,
      { role: "user", parts: [{ type: "text", text: compact.instructions ?? PROMPT }] },
    ],
  };
}

/** The block that holds a summary in the client's protocol, and the reason that its reply ends with. */
export interface SummaryBlock {
  part(summary: string): ProviderPart;
  readonly raw?: string;
}

const NONE = "The model gave no summary.";

/** The events of a reply that is a summary, as one block: all of its text, nothing of its thoughts. */
function summaryEvents(block: SummaryBlock): (event: ChatEvent) => ChatEvent[] {
  let text = "";
  let done = false;
  let native = false;
  return (event) => {
    if (event.type === "part" && isRaw(event.part, "compaction")) native = true;
    if (native && (event.type === "part" || event.type === "finish")) return [event];
    if (event.type === "text-delta") text += event.text;
    if (event.type === "finish") {
      if (done) return [];
      done = true;
      // A summary that was cut is none: what it lacks would be lost.
      if (text.trim() === "" || event.reason === "length" || event.reason === "refusal")
        return [{ type: "error", error: { kind: "upstream", message: NONE } }];
      return [
        { type: "part", part: block.part(text.trim()) },
        { type: "finish", ...finishOf(block) },
      ];
    }
    return event.type === "start" || event.type === "usage" || event.type === "error" ? [event] : [];
  };
}

const finishOf = ({ raw }: SummaryBlock): ChatChoice["finish"] =>
  raw === undefined ? { reason: "stop" } : { reason: "other", raw };

/**
 * A whole reply as one block: the summary that the model wrote. One that a provider of the client's own protocol compacted
 * itself stays as it is.
 * @throws PorticoError `upstream` where there is no summary in it
 */
export function summaryReply(reply: ChatReply, block: SummaryBlock): ChatReply {
  if (reply.choices.some(({ parts }) => parts.some((part) => isRaw(part, "compaction")))) return reply;
  const [choice] = reply.choices;
  const text = (choice?.parts ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
  const reason = choice?.finish.reason;
  if (text.trim() === "" || reason === "length" || reason === "refusal")
    throw new PorticoError("upstream", NONE);
  return { ...reply, choices: [{ parts: [block.part(text.trim())], finish: finishOf(block) }] };
}

/** An encoder's `push` for a reply that is to be one block: the summary that the events bring. */
export function pushSummary(
  encoder: Pick<StreamEncoder, "push">,
  block: SummaryBlock,
): StreamEncoder["push"] {
  const summary = summaryEvents(block);
  return (event) =>
    summary(event)
      .map((one) => encoder.push(one))
      .join("");
}
