/** What a response says of itself. */
import { factsIn, factsOf, REPLY_MODEL, type ReplyFacts } from "../replyFacts.ts";

const ID = /"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,200})"/;
/** The last event; a whole response says it at its beginning, before items that have a state as well. */
const EVENT = /"type"\s*:\s*"response\.(completed|incomplete|failed)"/;
const STATUS = /"status"\s*:\s*"(completed|incomplete|failed|cancelled)"/;
const INCOMPLETE = /"incomplete_details"\s*:\s*\{\s*"reason"\s*:\s*"(\w{1,50})"/;

export function replyFacts(head: string, tail: string): ReplyFacts {
  const { id, model } = factsIn(head, "", { id: ID, model: REPLY_MODEL, finish: STATUS });
  const why = (INCOMPLETE.exec(tail) ?? INCOMPLETE.exec(head) ?? EVENT.exec(tail) ?? STATUS.exec(head))?.[1];
  return factsOf(id, model, why === undefined ? [] : [why]);
}
