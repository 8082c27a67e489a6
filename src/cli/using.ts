/** Something that has to be let go of, whatever happens meanwhile. Node 22 has no `await using` yet. */
export async function using<T extends AsyncDisposable | undefined, R>(
  getting: Promise<T>,
  job: (held: T) => Promise<R>,
): Promise<R> {
  const held = await getting;
  try {
    return await job(held);
  } finally {
    await held?.[Symbol.asyncDispose]();
  }
}
