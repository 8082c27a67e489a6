/** What a person's own route changes in a request, for a decoded one; `editBody.ts` for one that is not. */
import { compact } from "../common/json.ts";
import type { ChatRequest, TextPart } from "../protocols/chat.ts";
import type { RouteEdit } from "../protocols/editBody.ts";

/** The request as the route wants it. */
export function editChat(request: ChatRequest, edit: RouteEdit): ChatRequest {
  const { effort, maxTokens, systemPrefix } = edit;
  const prefix: TextPart | undefined =
    systemPrefix === undefined ? undefined : { type: "text", text: systemPrefix };
  const { show, summary } = request.reasoning ?? {};
  return {
    ...request,
    ...(effort === undefined ? {} : { reasoning: { ...compact({ show, summary }), effort } }),
    ...(maxTokens === undefined
      ? {}
      : { maxOutputTokens: Math.min(request.maxOutputTokens ?? maxTokens, maxTokens) }),
    ...(prefix === undefined
      ? {}
      : { messages: [{ role: "system" as const, parts: [prefix] }, ...request.messages] }),
  };
}

/** For the record: `effort high, at most 1000 tokens`. */
export function describeEdit({ effort, maxTokens, systemPrefix }: RouteEdit): string {
  const said = [
    ...(effort === undefined ? [] : [`effort ${effort}`]),
    ...(maxTokens === undefined ? [] : [`at most ${maxTokens} tokens`]),
    ...(systemPrefix === undefined ? [] : ["a system prefix"]),
  ];
  return `the route asks for ${said.join(", ")}`;
}
