/** Is a body that does not stream all there? */

import type { Exchange } from "../exchange.ts";
import { JsonArrayBoundary } from "./eventBoundary.ts";
import { isJsonType } from "./jsonLook.ts";

/**
 * Watches a JSON body go by. Where its framing says where it ends, a look at the last character will do;
 * where only the connection ends, brackets are counted, for a cut looks like an end.
 */
export class BodyWatch {
  readonly #json: boolean;
  readonly #brackets: JsonArrayBoundary | undefined;

  constructor({ headers, delimited }: Exchange) {
    this.#json = isJsonType(headers);
    this.#brackets = this.#json && !delimited ? new JsonArrayBoundary() : undefined;
  }

  push(chunk: Buffer): void {
    this.#brackets?.last(chunk);
  }

  /**
   * Did the body, which has ended, lack its end? Of other types than JSON that cannot be said.
   * @param tail the last part of it
   */
  isCut(tail: string): boolean {
    if (this.#brackets !== undefined) return !this.#brackets.closed;
    return this.#json && !/[}\]]\s*$/.test(tail);
  }
}
