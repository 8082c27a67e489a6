/** Requests that we end ourselves, before their providers or clients do: a stop, a restart. */
import { PorticoError } from "../errors.ts";
import type { ClientReply } from "./clientReply.ts";

/** What a request was cut with; `undefined` where it goes on, or where its client is gone. */
export function cutOf(signal: AbortSignal): PorticoError | undefined {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof PorticoError ? reason : undefined;
}

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
