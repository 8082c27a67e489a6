import { Dispatcher } from "undici";
import { expect, it } from "vitest";
import { exchange } from "../../../src/gateway/upstream/exchange.ts";

/** Answers every request with these chunks, the first ones before anybody reads. */
class Scripted extends Dispatcher {
  readonly #chunks: readonly string[];
  later: () => void = () => {};
  /** The chunks once more, and no end. */
  more: () => void = () => {};
  chunk: (bytes: Buffer) => void = () => {};
  broken: (error: Error) => void = () => {};
  aborted: unknown;

  constructor(chunks: readonly string[]) {
    super();
    this.#chunks = chunks;
  }

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const abort = (reason: unknown) => {
      this.aborted = reason;
    };
    const controller = { pause() {}, resume() {}, abort } as unknown as Dispatcher.DispatchController;
    const send = () => {
      for (const chunk of this.#chunks) handler.onResponseData?.(controller, Buffer.from(chunk));
    };
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, 200, {});
    send();
    this.more = send;
    this.chunk = (bytes) => handler.onResponseData?.(controller, bytes);
    this.broken = (error) => handler.onResponseError?.(controller, error);
    this.later = () => {
      send();
      handler.onResponseEnd?.(controller, {});
    };
    return true;
  }
}

async function asked(chunks: readonly string[], onData: (chunk: Buffer) => void = () => {}) {
  const dispatcher = new Scripted(chunks);
  const { flow } = await exchange(
    { url: new URL("http://127.0.0.1/"), method: "GET", headers: [], body: null, key: undefined },
    { dispatcher, headersTimeoutMs: 1000, idleTimeoutMs: 1000, signal: new AbortController().signal },
  );
  const seen: string[] = [];
  flow.attach({
    data(chunk) {
      seen.push(chunk.toString());
      onData(chunk);
    },
    end: () => void seen.push("end"),
    error: (error) => void seen.push(error.message),
  });
  return { dispatcher, flow, seen };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("hands on no empty chunk: to readers it would say that all events before it are whole", async () => {
  const { dispatcher, seen } = await asked(["", "a", "", "b"]);
  dispatcher.later();
  expect(seen).toEqual(["a", "b", "ab", "end"]);
});

it("hands on what comes at once in one, behind the read and before the next", async () => {
  const { dispatcher, seen } = await asked(["a", "b", "c"]);
  dispatcher.more();
  expect(seen).toEqual(["a", "b", "c"]);
  await turn();
  dispatcher.more();
  await turn();
  expect(seen).toEqual(["a", "b", "c", "abc", "abc"]);
});

it("hands on the last chunk of a read at once, and what came before it with it", async () => {
  const { dispatcher, seen } = await asked([]);
  const read = Buffer.from(new Uint8Array(Buffer.from("1\r\na\r\n1\r\nb\r\n")).buffer);
  dispatcher.chunk(read.subarray(3, 4));
  expect(seen).toEqual([]);
  dispatcher.chunk(read.subarray(9, 10));
  expect(seen).toEqual(["ab"]);
  dispatcher.chunk(read.subarray(9, 10));
  expect(seen).toEqual(["ab", "b"]);
  await turn();
  expect(seen).toEqual(["ab", "b"]);
});

it("tells of a break behind all that came before it", async () => {
  const { dispatcher, seen } = await asked(["a", "b"]);
  dispatcher.more();
  dispatcher.broken(new Error("broke"));
  await turn();
  expect(seen).toEqual(["a", "b", "ab", "broke"]);
});

it("hands on nothing once it was given up", async () => {
  const { dispatcher, flow, seen } = await asked(["a", "b"]);
  dispatcher.more();
  flow.abort();
  await turn();
  expect(seen).toEqual(["a", "b"]);
});

it("gives a reply up whose reader throws, and nothing else", async () => {
  let reads = 0;
  const thrown = new Error("no reader");
  const { dispatcher } = await asked(["a"], () => {
    if (++reads === 2) throw thrown;
  });
  dispatcher.more();
  await turn();
  expect(dispatcher.aborted).toBe(thrown);
});
