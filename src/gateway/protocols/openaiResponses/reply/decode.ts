/** A whole response as a canonical reply. */
import { PorticoError } from "../../../common/errors.ts";
import { compact, type Fields, fieldsOf, isRecord, numberOf, textOf } from "../../../common/json.ts";
import type {
  AssistantPart,
  ChatError,
  ChatReply,
  ChatRequest,
  FinishReason,
  TokenLogprob,
} from "../../chat.ts";
import { toolNames } from "../../clientTools.ts";
import { usageIn } from "../../wire.ts";
import { decodeError } from "../errors.ts";
import { keepTool } from "../request/encodeTools.ts";
import { SearchPairs } from "../toolSearch.ts";
import { wire } from "../wire.ts";
import { decodeOutputItem } from "./outputItems.ts";

export interface Finish {
  reason: FinishReason;
  raw?: string;
}

/** Why a response ended. `said`: what its output held. */
export function finishOf(response: Fields, said: { calls: boolean; refusal: boolean }): Finish {
  const reason = textOf(fieldsOf(response.incomplete_details).reason);
  const status = textOf(response.status);
  const raw = reason ?? status;
  const finish = (name: FinishReason): Finish =>
    raw === undefined ? { reason: name } : { reason: name, raw };
  if (status === "failed" || status === "cancelled") return finish("error");
  if (reason === "max_output_tokens") return finish("length");
  if (reason === "content_filter") return finish("content-filter");
  // Some servers leave out why: a response that nobody stopped came to its limit.
  if (status === "incomplete") return finish(reason === undefined ? "length" : "other");
  if (said.calls) return finish("tool-calls");
  return finish(said.refusal ? "refusal" : "stop");
}

/** The error of a response that failed. */
export function failureOf(response: Fields): ChatError {
  const found = decodeError(500, { error: response.error });
  return found ?? { kind: "upstream", message: "The provider reported a failed response without a reason." };
}

/** @throws PorticoError `upstream` when the body is no response; the provider's error when it failed. */
export function decodeReply(body: unknown, context: { request: ChatRequest }): ChatReply {
  if (!isRecord(body) || !Array.isArray(body.output)) {
    throw new PorticoError("upstream", "The provider's reply is not a response of the Responses API.");
  }
  if (body.status === "failed") {
    const failure = failureOf(body);
    throw new PorticoError(failure.kind, failure.message, failure);
  }
  const names = toolNames(context.request.tools, keepTool);
  const parts: AssistantPart[] = [];
  const logprobs: TokenLogprob[] = [];
  const searches = new SearchPairs();
  for (const item of body.output.filter(isRecord)) {
    const decoded = decodeOutputItem(item, names);
    parts.push(...decoded.parts.map((part) => searches.pair(part)));
    logprobs.push(...(decoded.logprobs ?? []));
  }
  const finish = finishOf(body, {
    calls: parts.some((part) => part.type === "tool-call"),
    refusal: parts.some((part) => part.type === "refusal"),
  });
  return compact({
    id: textOf(body.id),
    model: textOf(body.model),
    created: numberOf(body.created_at),
    choices: [{ parts, finish, ...(logprobs.length ? { logprobs } : {}) }],
    usage: usageIn(wire.usage, body.usage),
    serviceTier: textOf(body.service_tier),
  });
}
