/**
 * What the official SDKs send and get, seen on the wire: a `fetch` that keeps a copy. The SDKs hide
 * bytes and headers; the strict readers want both.
 */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface FetchTap {
  /** The last reply that was read, once its body is complete. */
  last(): Promise<Seen>;
  restore(): void;
}

/** Replaces the global `fetch` for replies of `baseUrl`. */
export function tapFetch(baseUrl: string): FetchTap {
  const original = globalThis.fetch;
  let last: Promise<Seen> | undefined;
  globalThis.fetch = async (input, init) => {
    const reply = await original(input, init);
    if (!reply.url.startsWith(baseUrl)) return reply;
    const { status, headers } = reply;
    last = reply
      .clone()
      .text()
      .then((text) => ({ status, headers, text }));
    // Whoever never asks for it must not be hurt by a reply that breaks off.
    last.catch(() => {});
    return reply;
  };
  return {
    last: () => last ?? Promise.reject(new Error("nothing was fetched")),
    restore: () => {
      globalThis.fetch = original;
    },
  };
}
