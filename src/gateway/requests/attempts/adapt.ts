/**
 * A provider that refuses what the model does not take, or does not take here: the request is sent once more
 * without it, or to the account's other endpoint, and the model is remembered.
 */
import { type ErrorBody, readErrorBody } from "../../accounts/errorBody.ts";
import { isRecord, jsonOrText, listOf } from "../../common/json.ts";
import { type RefusalWords, refusalOf, refusedByEndpoint } from "../../models/refusal.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { AttemptFailure } from "../../upstream/relay/result.ts";
import type { GatewayContext } from "../context.ts";
import { candidateTraits, knowledgeKey } from "./modelTraits.ts";

export interface Adaptation {
  readonly candidate: Candidate;
  /** What was refused, for people; absent where nothing is left out. */
  readonly feature?: string;
}

/**
 * @param translated may the request be changed? What a client sends in the provider's own protocol is not
 * @param elsewhere the account's other endpoint for this request, where it has one
 * @returns where and how it is sent once more; `undefined`: the refusal stands
 */
export function adapt(
  context: Pick<GatewayContext, "catalog" | "models">,
  candidate: Candidate,
  cause: AttemptFailure,
  translated: boolean,
  elsewhere: () => Candidate | undefined,
): Adaptation | undefined {
  if (cause.kind !== "reply" || cause.status < 400 || cause.status >= 500) return undefined;
  const all = wordsOf(cause.status, jsonOrText(cause.body));
  const learn = (known: Parameters<typeof context.models.learn>[1]) =>
    context.models.learn(knowledgeKey(candidate), known);
  for (const words of all) {
    const what = refusedByEndpoint(words);
    const other = what === undefined ? undefined : elsewhere();
    if (other === undefined) continue;
    if (what === "model") learn({ notBy: [candidate.protocol] });
    else learn({ toolsOnChat: what === "tools" ? "never" : "effort-none" });
    return { candidate: other };
  }
  if (!translated) return undefined;
  const traits = candidateTraits(context, candidate);
  for (const words of all) {
    const refusal = refusalOf(words, traits);
    if (refusal === undefined) continue;
    learn(refusal.known);
    return { candidate, feature: refusal.feature };
  }
  return undefined;
}

/** Texts of one error that are looked at: routers wrap the provider's own into theirs. */
const MOST_TEXTS = 8;

function wordsOf(status: number, body: unknown): RefusalWords[] {
  const { codes, message, texts }: ErrorBody = readErrorBody(body);
  const param = paramOf(body);
  return [...new Set([message, ...texts])].slice(0, MOST_TEXTS).map((text) => ({
    status,
    codes,
    message: text,
    ...(param === undefined ? {} : { param }),
  }));
}

/** OpenAI's `param`; FastAPI's `loc` of a field too many (vLLM, Mistral). */
function paramOf(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const error = isRecord(body.error) ? body.error : body;
  if (typeof error.param === "string") return error.param;
  const [first] = listOf(body.detail);
  if (!isRecord(first) || first.type !== "extra_forbidden") return undefined;
  const path = listOf(first.loc).slice(1);
  return path.length > 0 && path.every((part) => typeof part === "string") ? path.join(".") : undefined;
}
