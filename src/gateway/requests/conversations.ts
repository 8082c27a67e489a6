/** Conversations that are kept here, and which account gets those that are not. */

import { PorticoError } from "../common/errors.ts";
import type { StoredAction } from "../protocols/client.ts";
import { codec as responses } from "../protocols/responsesApi.ts";
import type { Account } from "../providers/account.ts";
import type { ClientReply } from "../upstream/relay/clientReply.ts";
import { accountNamed, wantedAccount } from "./accountHeader.ts";
import { saysAbsent } from "./attempts/absentEndpoints.ts";
import { type Incoming, parseObject } from "./clientCall.ts";
import type { GatewayContext } from "./context.ts";
import { pageOf, send } from "./storedResponses.ts";

/**
 * @returns `false` when an account has to be asked: the conversation is not kept here, or a new one
 *   belongs there
 * @throws PorticoError as the API answers
 */
export function serveConversation(
  context: GatewayContext,
  stored: Extract<StoredAction, { object: "conversation" }>,
  incoming: Incoming,
  reply: ClientReply,
): boolean {
  const { conversations } = context.responses;
  if (stored.action === "create") {
    if (keeperOf(context, incoming.rawHeaders) !== undefined) return false;
    createHere(context, incoming, reply);
    return true;
  }
  const { id } = stored;
  if (!conversations.has(id)) return false;
  switch (stored.action) {
    case "get":
      send(reply, conversations.get(id));
      break;
    case "update":
      send(reply, conversations.update(id, bodyOf(incoming)));
      break;
    case "delete":
      conversations.delete(id);
      send(reply, { id, object: "conversation.deleted", deleted: true });
      break;
    case "items":
      send(reply, conversations.page(id, pageOf(incoming.search)));
      break;
    case "add":
      send(reply, conversations.add(id, bodyOf(incoming)));
      break;
    case "item":
      send(reply, conversations.item(id, stored.item));
      break;
    case "delete_item":
      send(reply, conversations.deleteItem(id, stored.item));
      break;
  }
  return true;
}

/** @throws PorticoError `invalid_request` */
export function createHere({ responses }: GatewayContext, incoming: Incoming, reply: ClientReply): void {
  send(reply, responses.conversations.create(bodyOf(incoming)));
}

/**
 * The account that a new conversation is made at: the one that the client names, else the only one
 * that has the Responses API. Where that one has no conversations, or several could be meant, it is
 * kept here, and any model can continue it.
 */
export function keeperOf(context: GatewayContext, rawHeaders: readonly string[]): Account | undefined {
  const wanted = wantedAccount({ headers: rawHeaders });
  const speaking = speakingAccounts(context);
  const found =
    wanted === undefined ? (speaking.length === 1 ? speaking[0] : undefined) : accountNamed(speaking, wanted);
  const absent =
    found !== undefined && context.absentEndpoints.has(absentKey(found), context.ports.clock.monotonic());
  return absent ? undefined : found;
}

/** Those that have the Responses API. */
export function speakingAccounts(context: GatewayContext): readonly Account[] {
  return context
    .accounts()
    .filter(
      ({ enabled, endpoints, provider }) =>
        enabled && endpoints.has(responses.protocol) && provider.id !== "sandbox",
    );
}

/** Does this answer say that the account has no such endpoint? Then that is remembered for a while. */
export function hasNoConversations(
  context: GatewayContext,
  thrown: unknown,
  rawHeaders: readonly string[],
): boolean {
  if (!(thrown instanceof PorticoError) || !saysAbsent(thrown.status)) return false;
  const keeper = keeperOf(context, rawHeaders);
  if (keeper === undefined) return false;
  context.absentEndpoints.add(absentKey(keeper), context.ports.clock.monotonic());
  return true;
}

const absentKey = ({ id }: Account): string => `${id} conversations`;

function bodyOf(incoming: Incoming) {
  return incoming.body.length === 0 ? {} : parseObject(incoming);
}
