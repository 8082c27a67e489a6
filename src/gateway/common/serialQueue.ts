/** One job after the other, in the order of their calls; a job's failure is its caller's alone. */
export function serialQueue(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const mine = last.then(job, job);
    last = mine.catch(() => {});
    return mine;
  };
}

interface Turns {
  readonly turn: <T>(job: () => Promise<T>) => Promise<T>;
  /** What runs is done first; what waits, or comes later, never is. */
  readonly last: (job: () => Promise<void>) => Promise<void>;
}

/** The same until there is a last one. @param refusal what the others get from then on */
export function serialQueueUntilLast(refusal: () => Error): Turns {
  const inTurn = serialQueue();
  let ended = false;
  return {
    turn: (job) =>
      inTurn(async () => {
        if (ended) throw refusal();
        return await job();
      }),
    last(job) {
      ended = true;
      return inTurn(job);
    },
  };
}
