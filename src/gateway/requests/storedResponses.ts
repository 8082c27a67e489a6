/** Retrieval, deletion, input items and cancelling of responses that are kept here. */
import { badRequest } from "../common/errors.ts";
import type { StoredAction } from "../protocols/client.ts";
import type { PageQuery } from "../protocols/responsesApi.ts";
import { type ClientReply, sendJson } from "../upstream/relay/clientReply.ts";
import type { GatewayContext } from "./context.ts";

/**
 * @returns `false` when the response is not kept here: then an account may have it
 * @throws PorticoError as the API answers
 */
export function serveStored(
  { responses }: GatewayContext,
  { action, id }: Extract<StoredAction, { object: "response" }>,
  search: string,
  reply: ClientReply,
): boolean {
  const response = responses.get(id);
  if (response === undefined) return false;
  switch (action) {
    case "get":
      if (new URLSearchParams(search).get("stream") === "true") {
        throw badRequest("This response is kept whole; its events cannot be sent again.", "stream");
      }
      send(reply, response);
      return true;
    case "delete":
      responses.delete(id);
      send(reply, { id, object: "response", deleted: true });
      return true;
    case "cancel":
      throw badRequest("Cannot cancel a synchronous response.");
    case "input_items":
      send(reply, responses.inputItems(id, pageOf(search)));
      return true;
  }
}

/** @throws PorticoError `invalid_request` naming the parameter */
export function pageOf(search: string): PageQuery {
  const query = new URLSearchParams(search);
  const after = query.get("after");
  const limit = query.get("limit");
  const order = query.get("order");
  if (limit !== null && !/^\d{1,3}$/.test(limit))
    throw badRequest("'limit' must be a number from 1 to 100.", "limit");
  if (order !== null && order !== "asc" && order !== "desc")
    throw badRequest("'order' must be asc or desc.", "order");
  return {
    ...(after === null ? {} : { after }),
    ...(limit === null ? {} : { limit: Number(limit) }),
    ...(order === null ? {} : { order }),
  };
}

/** A JSON reply of our own. */
export function send(reply: ClientReply, body: unknown): void {
  sendJson(reply, JSON.stringify(body));
}
