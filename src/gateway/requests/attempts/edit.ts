/** The edit of a person's own route, on a call that goes through in its own protocol. */

import { type Fields, isRecord } from "../../common/json.ts";
import { editBody } from "../../protocols/editBody.ts";
import { isChat } from "../../protocols/operation.ts";
import type { RequestRecord } from "../../records/record.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { describeEdit } from "../../routing/edit.ts";
import type { Call } from "../call.ts";

/**
 * The body to send in place of the client's, and a note of it in the record; `body` itself where the
 * route asks for no edit.
 * @param body what is sent in place of the client's anyway
 */
export function editCall(
  call: Call,
  { account, protocol, model, edit }: Candidate,
  body: Fields | undefined,
  record: RequestRecord,
): Fields | undefined {
  // A provider's own compaction has none of the fields that an edit sets.
  const chats = isChat(call.operation) && call.operation !== "compact";
  if (edit === undefined || !chats || !isRecord(call.json)) return body;
  const note = describeEdit(edit);
  record.edited = body === undefined || record.edited === undefined ? note : `${record.edited}; ${note}`;
  return editBody(body ?? call.json, edit, { protocol, provider: account.provider.id, model });
}
