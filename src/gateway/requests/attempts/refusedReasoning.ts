/**
 * How much of a conversation's earlier reasoning its provider has refused. Clients bring it back in every turn, so it is
 * left out at once from then on; what the model thinks afterwards is bound to the conversation as it was sent, and stays.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/fix-bound-to-a-different-conversation
 */
import { hash } from "node:crypto";
import { firstUserText } from "../../accounts/schedule/session.ts";
import { setLatest } from "../../common/latest.ts";
import type { Candidate } from "../../routing/candidate.ts";

/** Conversations that are remembered, until the next start. */
export const MOST_CONVERSATIONS = 5000;
/** Turns within which another refusal means that the client changes its history all the time. */
const AT_ONCE = 4;

/** A conversation as a request has it. */
export interface Conversation {
  readonly session: string;
  /** Clients run several under one name of a session, helpers of an agent for instance: the opening tells them apart. */
  readonly opening: () => string;
  readonly turns: number;
}

/** @param turns of a body as it came, or of a decoded request. @param field under which a turn has its content */
export function conversationOf(session: string, turns: unknown, field: string): Conversation {
  return {
    session,
    opening: () => firstUserText(turns, field),
    turns: Array.isArray(turns) ? turns.length : 0,
  };
}

const keyOf = (
  { session, opening }: Conversation,
  { account, model }: Pick<Candidate, "account" | "model">,
): string => `${account.id} ${model} ${session} ${hash("sha256", opening(), "base64url")}`;

export class RefusedReasoning {
  readonly #turns = new Map<string, number>();

  get size(): number {
    return this.#turns.size;
  }

  /** From how many turns of the conversation, from its beginning, reasoning is left out. */
  of(conversation: Conversation | undefined, candidate: Pick<Candidate, "account" | "model">): number {
    if (conversation === undefined || this.#turns.size === 0) return 0;
    const refused = this.#turns.get(keyOf(conversation, candidate)) ?? 0;
    // One that is shorter by now went another way from an earlier turn on: what was thought there is not known to be refused.
    return refused === Infinity || refused <= conversation.turns ? refused : 0;
  }

  /** @param conversation that was answered once it had no reasoning any more */
  keep(conversation: Conversation, candidate: Pick<Candidate, "account" | "model">): void {
    const key = keyOf(conversation, candidate);
    const { turns } = conversation;
    const before = this.#turns.get(key);
    const again = before !== undefined && turns > before && turns - before <= AT_ONCE;
    const refused = again || before === Infinity ? Infinity : turns;
    setLatest(this.#turns, key, refused, MOST_CONVERSATIONS);
  }
}
