import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  Channel,
  type ChannelOptions,
  ControlError,
  portWire,
  type Wire,
} from "../../../src/control/channel.ts";
import type { ControlFrame } from "../../../src/control/contract.ts";

/** Two ends in one process, delivered in order and at once. */
function wires(): [Wire, Wire] {
  const ends = [0, 1].map(() => ({
    onMessage: (_message: unknown) => {},
    onClose: () => {},
  }));
  const make = (own: number, other: number): Wire => ({
    send: (message) => ends[other]?.onMessage(structuredClone(message)),
    listen(onMessage, onClose) {
      ends[own] = { onMessage, onClose };
    },
    close: () => ends[other]?.onClose(),
  });
  return [make(0, 1), make(1, 0)];
}

function pair(server: ChannelOptions, client: ChannelOptions = {}): { near: Channel; far: Channel } {
  const [a, b] = wires();
  return { near: new Channel(a, client), far: new Channel(b, server) };
}

const never = () => new Promise<never>(() => {});

afterEach(() => {
  vi.useRealTimers();
});

describe("a channel", () => {
  it("carries calls and replies, many at once and out of order", async () => {
    const releases: (() => void)[] = [];
    const { near } = pair({
      serve: async (method, params) => {
        await new Promise<void>((resolve) => releases.push(resolve));
        return [method, params];
      },
    });
    const calls = [near.call("one", 1), near.call("two", { a: 2 }), near.call("three", undefined)];
    for (const release of releases.toReversed()) release();
    expect(await Promise.all(calls)).toEqual([
      ["one", 1],
      ["two", { a: 2 }],
      ["three", undefined],
    ]);
    expect(near.pending).toBe(0);
  });

  it("calls in both directions", async () => {
    const { near, far } = pair({ serve: async () => "far" }, { serve: async () => "near" });
    expect(await near.call("who", undefined)).toBe("far");
    expect(await far.call("who", undefined)).toBe("near");
  });

  it("keeps the words of a refusal and hides those of an accident", async () => {
    const onFailure = vi.fn();
    const { near } = pair({
      onFailure,
      serve: async (method) => {
        throw method === "refuse"
          ? new ControlError("not-found", "no such account")
          : new Error("secret detail");
      },
    });
    await expect(near.call("refuse", 0)).rejects.toMatchObject({
      code: "not-found",
      message: "no such account",
    });
    const failed = await near.call("crash", 0).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "failed" });
    expect(String(failed)).not.toContain("secret detail");
    expect(onFailure).toHaveBeenCalledOnce();
  });

  it("refuses calls where nobody serves", async () => {
    const { far } = pair({ serve: async () => 1 });
    await expect(far.call("anything", 1)).rejects.toMatchObject({ code: "not-found" });
  });

  it("bounds the calls in flight on the caller's side", async () => {
    const { near } = pair({ serve: never }, { maxPending: 3 });
    const calls = [1, 2, 3].map((each) => near.call("wait", each).catch((error: ControlError) => error.code));
    await expect(near.call("wait", 4)).rejects.toMatchObject({ code: "busy" });
    near.close();
    expect(await Promise.all(calls)).toEqual(["closed", "closed", "closed"]);
  });

  it("bounds the calls in flight on the serving side", async () => {
    const { near, far } = pair({ serve: never, maxPending: 2 });
    const calls = [1, 2].map((each) => near.call("wait", each).catch((error: ControlError) => error.code));
    await expect(near.call("wait", 3)).rejects.toMatchObject({ code: "busy" });
    expect(far.serving).toBe(2);
    near.close();
    await Promise.all(calls);
  });

  it("gives up after its time and tells the other side", async () => {
    vi.useFakeTimers();
    let served: AbortSignal | undefined;
    const { near, far } = pair({
      serve: (_method, _params, signal) => {
        served = signal;
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("x"))),
        );
      },
    });
    const call = near.call("slow", undefined, { timeoutMs: 100 }).catch((error: ControlError) => error.code);
    await vi.advanceTimersByTimeAsync(101);
    expect(await call).toBe("timeout");
    expect(served?.aborted).toBe(true);
    expect(near.pending).toBe(0);
    expect(far.serving).toBe(0);
  });

  it("cancels by a signal, also one that is aborted already", async () => {
    let served: AbortSignal | undefined;
    const { near } = pair({
      serve: (_method, _params, signal) => {
        served = signal;
        return never();
      },
    });
    const controller = new AbortController();
    const call = near.call("slow", undefined, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    expect(served?.aborted).toBe(true);
    await expect(near.call("slow", 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("ends everything on close: calls, handlers and further use", async () => {
    let served: AbortSignal | undefined;
    const closed = vi.fn();
    const { near, far } = pair({
      onClose: closed,
      serve: (_method, _params, signal) => {
        served = signal;
        return never();
      },
    });
    const call = near.call("slow", 1).catch((error: ControlError) => error.code);
    near.close();
    expect(await call).toBe("closed");
    expect(served?.aborted).toBe(true);
    expect(closed).toHaveBeenCalledOnce();
    expect(far.closed).toBe(true);
    await expect(near.call("more", 1)).rejects.toMatchObject({ code: "closed" });
    near.emit("event", 1);
    near.close();
  });

  it.each<[string, unknown]>([
    ["text", "hello"],
    ["null", null],
    ["an unknown frame", { hello: 1 }],
    ["an id that is no number", { id: "1", method: "x" }],
  ])("closes when it gets %s", (_name, message) => {
    const [a, b] = wires();
    const channel = new Channel(b, { serve: async () => 1 });
    a.listen(
      () => {},
      () => {},
    );
    a.send(message as ControlFrame);
    expect(channel.closed).toBe(true);
  });

  it.each([
    ["text", "hello"],
    ["null", null],
    ["a kind of frame that is not known", { hello: 1 }],
  ])("passes over %s where it is lenient", async (_name, message) => {
    const [a, b] = wires();
    const channel = new Channel(b, { lenient: true });
    new Channel(a, { serve: async () => "still here" });
    a.send(message as unknown as ControlFrame);
    expect(await channel.call("x", undefined)).toBe("still here");
  });

  it("ignores replies and cancellations of calls it does not know", async () => {
    const [a, b] = wires();
    const channel = new Channel(b);
    a.send({ id: 99, result: 1 });
    a.send({ cancel: 99 });
    a.send({ id: 98, error: { code: "failed", message: "late" } });
    expect(channel.closed).toBe(false);
  });

  it("closes on two calls of one id", () => {
    const [a, b] = wires();
    const channel = new Channel(b, { serve: never });
    a.send({ id: 1, method: "x" });
    a.send({ id: 1, method: "x" });
    expect(channel.closed).toBe(true);
  });

  it("delivers events in order", () => {
    const heard: unknown[] = [];
    const { far } = pair({}, { onEvent: (event, data) => heard.push([event, data]) });
    far.emit("status", 1);
    far.emit("log", 2);
    expect(heard).toEqual([
      ["status", 1],
      ["log", 2],
    ]);
  });

  it("runs over a real message port and notices its end", async () => {
    const { port1, port2 } = new MessageChannel();
    const near = new Channel(portWire(port1, () => port1.close()));
    const gone = new Promise<void>((resolve) => {
      new Channel(
        portWire(port2, () => port2.close()),
        { serve: async (_method, params) => params, onClose: resolve },
      );
    });
    expect(await near.call("echo", { text: "ä" })).toEqual({ text: "ä" });
    near.close();
    await gone;
  });
});
