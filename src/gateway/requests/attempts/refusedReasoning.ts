/**
 * How much of a conversation's earlier reasoning its provider has refused. Clients bring it back in every turn, so it is
 * left out at once from then on; what the model thinks afterwards is bound to the conversation as it was sent, and stays.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/fix-bound-to-a-different-conversation
 */
import { setLatest } from "../../common/latest.ts";
import type { Candidate } from "../../routing/candidate.ts";

/** Conversations that are remembered, until the next start. */
export const MOST_CONVERSATIONS = 5000;
/** Turns within which another refusal means that the client changes its history all the time. */
const AT_ONCE = 4;

const keyOf = (session: string, { account, model }: Pick<Candidate, "account" | "model">): string =>
  `${account.id} ${model} ${session}`;

export class RefusedReasoning {
  readonly #turns = new Map<string, number>();

  get size(): number {
    return this.#turns.size;
  }

  /** From how many turns of the conversation, from its beginning, reasoning is left out. */
  of(session: string | undefined, candidate: Pick<Candidate, "account" | "model">): number {
    if (session === undefined || this.#turns.size === 0) return 0;
    return this.#turns.get(keyOf(session, candidate)) ?? 0;
  }

  /** @param turns of the request that was answered once it had no reasoning any more */
  keep(session: string, candidate: Pick<Candidate, "account" | "model">, turns: number): void {
    const key = keyOf(session, candidate);
    const before = this.#turns.get(key);
    const always = before !== undefined && turns - before <= AT_ONCE;
    setLatest(this.#turns, key, always ? Infinity : turns, MOST_CONVERSATIONS);
  }
}
