/**
 * Ids for function calls. Gemini may leave them away; everybody else needs one. An id we made is
 * recognised and left away again when it goes back to Gemini.
 */
const PREFIX = "call_gem_";

/** An id for the `index`-th call in content `content` of a request. */
export function requestCallId(content: number, index: number): string {
  return `${PREFIX}r${content}_${index}`;
}

/**
 * An id for the `index`-th call of a reply.
 * @param scope the reply's `responseId`; without one, how many calls the conversation has already.
 */
export function replyCallId(scope: string | number, index: number): string {
  const text = String(scope)
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(-24);
  return `${PREFIX}${typeof scope === "number" ? `n${text}` : text || "x"}_${index}`;
}

/** Whether an id stays here: Gemini did not give it, or it is none. */
export function isOurs(id: string): boolean {
  return id === "" || id.startsWith(PREFIX);
}
