/** The replies of the gateway that are under way, so that a stop can end them all. */
import type { PorticoError } from "../../common/errors.ts";
import type { ClientReply } from "./clientReply.ts";

/** The requests to accounts that are under way; as many as there are connections at the most. */
export class OpenReplies {
  readonly #open = new Set<ClientReply>();

  get size(): number {
    return this.#open.size;
  }

  /** @returns what is to be called when the request is over */
  add(reply: ClientReply): () => void {
    this.#open.add(reply);
    return () => void this.#open.delete(reply);
  }

  /** Ends all of them with `error`, each in its client's protocol. @returns how many there were */
  cut(error: PorticoError): number {
    const open = [...this.#open];
    for (const reply of open) reply.cut(error);
    return open.length;
  }
}
