/** The Responses API for targets that do not have it: what a request refers to, and what is kept of it. */

import { badRequest } from "../common/errors.ts";
import { isRecord } from "../common/json.ts";
import { precedingOf, type ResponseStore, codec as responses } from "../protocols/responsesApi.ts";
import type { Encoding } from "../upstream/relay/deliver.ts";

/** Does the request build on a response or conversation that is kept here? */
export function buildsOnOurs(body: unknown, store: ResponseStore): boolean {
  const { previousResponseId, conversationId } = precedingOf(body);
  if (previousResponseId !== undefined) return store.get(previousResponseId) !== undefined;
  return conversationId !== undefined && store.conversations.has(conversationId);
}

/**
 * The request with everything it refers to in its input.
 * @throws PorticoError as the API answers unknown ids, and for what cannot be done here
 */
export function completed(body: unknown, store: ResponseStore): unknown {
  if (!isRecord(body)) return body;
  if (body.background === true) {
    throw badRequest(
      "'background' needs a provider that has the Responses API itself; this model's does not. Send the request without it, with 'stream': true.",
      "background",
    );
  }
  const preceding = precedingOf(body);
  const refers = Object.keys(preceding).length > 0 || hasReference(body.input);
  return refers ? { ...body, input: store.resolve(body.input ?? [], preceding) } : body;
}

function hasReference(input: unknown): boolean {
  return (
    Array.isArray(input) && input.some((item: unknown) => isRecord(item) && item.type === "item_reference")
  );
}

/** The same encoding; each response that was not asked to be forgotten is kept, as it was sent. */
export function keeping(encoding: Encoding, body: unknown, store: ResponseStore): Encoding {
  if (!isRecord(body) || body.store === false) return encoding;
  const keep = (response: unknown) => {
    if (isRecord(response) && response.status !== "failed")
      store.put(response, body.input ?? [], precedingOf(body));
  };
  return {
    encodeReply(reply, context) {
      const response = encoding.encodeReply(reply, context);
      keep(response);
      return response;
    },
    streamEncoder(context) {
      const encoder = responses.streamEncoder(context);
      let kept = false;
      // A client may ask for it as soon as it has the last event.
      const after = (text: string) => {
        const response = kept ? undefined : encoder.response();
        if (response === undefined) return text;
        kept = true;
        keep(response);
        return text;
      };
      return { push: (event) => after(encoder.push(event)), end: () => after(encoder.end()) };
    },
  };
}
