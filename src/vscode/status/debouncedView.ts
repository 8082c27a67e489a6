/** Holds views back until they last, so that what is shown never flickers. Pure: time is given in. */
export interface Timers {
  /** @returns a function that cancels it */
  after(milliseconds: number, run: () => void): () => void;
}

export interface DebouncedViewOptions<T> {
  /** Milliseconds that a change has to last before it is shown. */
  readonly settleMs: number;
  /** Milliseconds after which the latest is shown even while it keeps changing. */
  readonly mostMs: number;
  readonly timers: Timers;
  /** What differs in nothing a person sees is not shown again. */
  same(before: T, now: T): boolean;
  show(value: T): void;
}

export class DebouncedView<T> {
  readonly #options: DebouncedViewOptions<T>;
  #shown: { value: T } | undefined;
  #latest: { value: T } | undefined;
  #settle: (() => void) | undefined;
  #most: (() => void) | undefined;

  constructor(options: DebouncedViewOptions<T>) {
    this.#options = options;
  }

  /** The first is shown at once. */
  put(value: T): void {
    const { same, settleMs, mostMs, timers } = this.#options;
    this.#latest = { value };
    if (this.#shown === undefined) {
      this.#flush();
      return;
    }
    this.#settle?.();
    this.#settle = undefined;
    // Back to what is shown before anyone saw anything else.
    if (same(this.#shown.value, value)) {
      this.#rest();
      return;
    }
    this.#settle = timers.after(settleMs, () => this.#flush());
    this.#most ??= timers.after(mostMs, () => this.#flush());
  }

  dispose(): void {
    this.#rest();
  }

  #rest(): void {
    this.#settle?.();
    this.#most?.();
    this.#settle = undefined;
    this.#most = undefined;
  }

  #flush(): void {
    this.#rest();
    const latest = this.#latest;
    if (latest === undefined) return;
    const before = this.#shown;
    this.#shown = latest;
    if (before === undefined || !this.#options.same(before.value, latest.value)) {
      this.#options.show(latest.value);
    }
  }
}
