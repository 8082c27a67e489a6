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

/** The body as far as it came: the SDKs abort a stream at its first error. */
async function textOf(reply: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of reply.body ?? []) text += decoder.decode(chunk, { stream: true });
  } catch {
    // Aborted by the SDK, or broken off by the gateway: what came is what there is to judge.
  }
  return text + decoder.decode();
}

/** Replaces the global `fetch` for replies of `baseUrl`. */
export function tapFetch(baseUrl: string): FetchTap {
  const original = globalThis.fetch;
  let last: Promise<Seen> | undefined;
  globalThis.fetch = async (input, init) => {
    const reply = await original(input, init);
    if (!reply.url.startsWith(baseUrl)) return reply;
    const { status, headers } = reply;
    last = textOf(reply.clone()).then((text) => ({ status, headers, text }));
    return reply;
  };
  return {
    last: () => last ?? Promise.reject(new Error("nothing was fetched")),
    restore: () => {
      globalThis.fetch = original;
    },
  };
}
