/**
 * Which of a reply's choices have ended, where a stream has no last event or was left without it. A reason for the end
 * is one only where nothing is said behind it: some relays give one with every chunk.
 */

/** OpenAI gives 128 at most; what a provider makes up beyond is not followed. */
const MOST_CHOICES = 128;

export class ChoiceEnds {
  readonly #choices = new Map<number, ChoiceEnd>();

  get size(): number {
    return this.#choices.size;
  }

  /**
   * A chunk of a choice.
   * @param says does it hold anything of the reply?
   * @param ends does it say why the choice ended?
   */
  add(index: number, says: boolean, ends: boolean): void {
    if (this.#choices.size >= MOST_CHOICES && !this.#choices.has(index)) return;
    const { ended = false, doubted = false } = this.#choices.get(index) ?? {};
    const goesOn = ended && says;
    this.#choices.set(index, { ended: ends || (ended && !goesOn), doubted: doubted || goesOn });
  }

  /**
   * Has every choice that began ended?
   * @param delimited did the framing end, and not only the connection? Reasons that proved wrong before need that.
   */
  ended(delimited: boolean): boolean {
    for (const { ended, doubted } of this.#choices.values()) {
      if (!ended || (doubted && !delimited)) return false;
    }
    return this.#choices.size > 0;
  }
}

/** Does a field of a chunk hold anything? */
export const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

interface ChoiceEnd {
  readonly ended: boolean;
  /** It said more behind a reason. */
  readonly doubted: boolean;
}
