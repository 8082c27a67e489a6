/** Steps back, for what is made of several parts of which one may not come about. */
export type Step = () => void | Promise<void>;

export class CleanupStack {
  #steps: Step[] = [];

  /** What takes back what was just made. */
  add(step: Step): void {
    this.#steps.push(step);
  }

  /** All of them, the last first; one that fails keeps none of the others from being done. */
  async run(onFailure: (error: unknown) => void): Promise<void> {
    const steps = this.#steps.reverse();
    this.#steps = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        onFailure(error);
      }
    }
  }
}
