/** One job after the other, in the order of their calls; a job's failure is its caller's alone. */
export function inTurns(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const mine = last.then(job, job);
    last = mine.catch(() => {});
    return mine;
  };
}
