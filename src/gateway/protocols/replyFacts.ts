/** What a reply says of itself: its id, the model that made it, why it ended. Read once it is over, from its two ends. */

export interface ReplyFacts {
  readonly id?: string;
  /** As the provider names it, often with a date. */
  readonly model?: string;
  /** In the provider's words, one for each choice that is known. */
  readonly finishReasons?: readonly string[];
}

/** Where it stands; a text's own quotes are escaped in JSON, so that none of this is found in what was said. */
interface Places {
  /** Each with one group; the first match counts. */
  readonly id: RegExp;
  readonly model: RegExp;
  /** The last match counts. */
  readonly finish: RegExp;
}

/** @param head the beginning of the reply's text @param tail its end, which may begin anywhere */
export function factsIn(head: string, tail: string, { id, model, finish }: Places): ReplyFacts {
  const why = [...tail.matchAll(new RegExp(finish, "g"))].at(-1)?.[1];
  return factsOf(id.exec(head)?.[1], model.exec(head)?.[1], why === undefined ? [] : [why]);
}

export function factsOf(
  id: string | undefined,
  model: string | undefined,
  finishReasons: readonly string[],
): ReplyFacts {
  return {
    ...(id === undefined || id === "" ? {} : { id }),
    ...(model === undefined || model === "" ? {} : { model }),
    ...(finishReasons.length === 0 ? {} : { finishReasons }),
  };
}

/** What is no call's id and no item's: those have names of their own. */
export const REPLY_ID = /"id"\s*:\s*"(?!call_|toolu_|fc_)([\w.:-]{1,200})"/;
export const REPLY_MODEL = /"model"\s*:\s*"([^"\\]{1,200})"/;
