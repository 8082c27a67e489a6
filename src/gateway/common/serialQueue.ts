/** One job after the other, in the order of their calls; a job's failure is its caller's alone. */
export function serialQueue(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const mine = last.then(job, job);
    last = mine.catch(() => {});
    return mine;
  };
}

interface SerialQueue {
  readonly inTurn: <T>(job: () => Promise<T>) => Promise<T>;
  /** What runs is done first; what waits, or comes later, never is. */
  readonly last: (job: () => Promise<void>) => Promise<void>;
}

/** The same until there is a last one. @param refusal what the others get from then on */
export function serialQueueUntilLast(refusal: () => Error): SerialQueue {
  const queue = serialQueue();
  let ended = false;
  return {
    inTurn: (job) =>
      queue(async () => {
        if (ended) throw refusal();
        return await job();
      }),
    last(job) {
      ended = true;
      return queue(job);
    },
  };
}
