import { Dispatcher } from "undici";
import { expect, it } from "vitest";
import { exchange } from "../../../src/gateway/upstream/exchange.ts";

/** Answers every request with these chunks, the first ones before anybody reads. */
class Scripted extends Dispatcher {
  readonly #chunks: readonly string[];
  later: () => void = () => {};

  constructor(chunks: readonly string[]) {
    super();
    this.#chunks = chunks;
  }

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = { pause() {}, resume() {}, abort() {} } as unknown as Dispatcher.DispatchController;
    const send = () => {
      for (const chunk of this.#chunks) handler.onResponseData?.(controller, Buffer.from(chunk));
    };
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, 200, {});
    send();
    this.later = () => {
      send();
      handler.onResponseEnd?.(controller, {});
    };
    return true;
  }
}

it("hands on no empty chunk: to readers it would say that all events before it are whole", async () => {
  const dispatcher = new Scripted(["", "a", "", "b"]);
  const { flow } = await exchange(
    { url: new URL("http://127.0.0.1/"), method: "GET", headers: [], body: null, key: undefined },
    { dispatcher, headersTimeoutMs: 1000, idleTimeoutMs: 1000, signal: new AbortController().signal },
  );
  const seen: string[] = [];
  flow.attach({
    data: (chunk) => void seen.push(chunk.toString()),
    end: () => void seen.push("end"),
    error: (error) => void seen.push(error.message),
  });
  dispatcher.later();
  expect(seen).toEqual(["a", "b", "a", "b", "end"]);
});
