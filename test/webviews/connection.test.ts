/** Calls, and a connection that comes back, over a wire in the hand of the test. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ControlError } from "../../src/control/channel.ts";
import type { ControlFrame } from "../../src/control/contract.ts";
import { Connection, type Link } from "../../src/webviews/connection.ts";

interface HeldWire {
  events: { onOpen(): void; onFrame(frame: unknown): void; onClose(): void };
  sent: ControlFrame[];
  closed: boolean;
}

let wires: HeldWire[];
let links: Link[];
let heard: [string, unknown][];

function connect(random = () => 1): Connection {
  return new Connection(
    (onOpen) => {
      const held: HeldWire = {
        events: { onOpen, onFrame: () => {}, onClose: () => {} },
        sent: [],
        closed: false,
      };
      wires.push(held);
      return {
        send: (frame) => void held.sent.push(frame),
        listen(onFrame, onClose) {
          held.events = { onOpen, onFrame, onClose };
        },
        close: () => {
          held.closed = true;
        },
      };
    },
    { onLink: (link) => links.push(link), onEvent: (event, data) => heard.push([event, data]), random },
  );
}

function wire(index = wires.length - 1): HeldWire {
  const found = wires[index];
  if (found === undefined) throw new Error("no such wire");
  return found;
}

function opened(random?: () => number): Connection {
  const connection = connect(random);
  wire().events.onOpen();
  return connection;
}

/** Of the call that was sent as the nth. */
function idOf(nth: number): number {
  const frame = wire().sent[nth];
  if (frame === undefined || !("method" in frame)) throw new Error("no such call");
  return frame.id;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "worked",
    (error: unknown) => (error instanceof ControlError ? error.code : String(error)),
  );

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  wires = [];
  links = [];
  heard = [];
});
afterEach(() => {
  vi.useRealTimers();
});

describe("Connection", () => {
  it("sends calls and settles them by id, whatever the order", async () => {
    const connection = opened();
    const first = connection.call("a", { x: 1 });
    const second = connection.call("b", undefined);
    expect(wire().sent).toEqual([
      { id: idOf(0), method: "a", params: { x: 1 } },
      { id: idOf(0) + 1, method: "b" },
    ]);
    wire().events.onFrame({ id: idOf(1), result: "second" });
    wire().events.onFrame({ id: idOf(0), error: { code: "busy", message: "Later." } });
    await expect(second).resolves.toBe("second");
    await expect(first).rejects.toMatchObject({ code: "busy", message: "Later." });
  });

  it("cancels at the other side what is given up here", async () => {
    const connection = opened();
    const controller = new AbortController();
    const call = codeOf(connection.call("a", undefined, { signal: controller.signal }));
    controller.abort();
    expect(await call).toBe("cancelled");
    expect(wire().sent.at(-1)).toEqual({ cancel: idOf(0) });
    // Its answer comes all the same, and finds nobody.
    wire().events.onFrame({ id: idOf(0), result: 1 });
    expect(await codeOf(connection.call("a", undefined, { signal: controller.signal }))).toBe("cancelled");
    expect(wire().sent).toHaveLength(2);
  });

  it("gives up after the time of the call", async () => {
    const connection = opened();
    const call = codeOf(connection.call("a", undefined, { timeoutMs: 500 }));
    await vi.advanceTimersByTimeAsync(500);
    expect(await call).toBe("timeout");
    expect(wire().sent.at(-1)).toEqual({ cancel: idOf(0) });
  });

  it("has 200 calls in flight at most", async () => {
    const connection = opened();
    const calls = Array.from({ length: 200 }, () => codeOf(connection.call("a", undefined)));
    expect(await codeOf(connection.call("a", undefined))).toBe("busy");
    wire().events.onFrame({ id: idOf(0), result: 1 });
    expect(await calls[0]).toBe("worked");
    const next = codeOf(connection.call("a", undefined));
    wire().events.onFrame({ id: idOf(200), result: 1 });
    expect(await next).toBe("worked");
    connection.close();
    expect(new Set(await Promise.all(calls.slice(1)))).toEqual(new Set(["closed"]));
  });

  it("hands on events, and passes over what it does not know", () => {
    opened();
    for (const frame of [
      { event: "status", data: 1 },
      { event: "x" },
      { id: 9, method: "page.do" },
      4,
      null,
      {},
    ]) {
      wire().events.onFrame(frame);
    }
    expect(heard).toEqual([
      ["status", 1],
      ["x", undefined],
    ]);
  });

  it("fails what was under way when the connection goes, and tries again at growing gaps", async () => {
    const connection = opened();
    const call = codeOf(connection.call("a", undefined));
    wire().events.onClose();
    expect(await call).toBe("closed");
    expect(await codeOf(connection.call("a", undefined))).toBe("closed");
    const gaps: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const now = links.at(-1);
      if (now?.kind !== "disconnected") throw new Error("connected");
      const gap = (now.retryAt ?? 0) - Date.now();
      gaps.push(gap);
      const before = wires.length;
      await vi.advanceTimersByTimeAsync(gap - 1);
      expect(wires).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(wires).toHaveLength(before + 1);
      wire().events.onClose();
    }
    expect(gaps).toEqual([300, 600, 1200, 2400, 4800, 9600, 10_000, 10_000]);
    connection.close();
  });

  it("begins with short gaps again once it was connected", async () => {
    opened(() => 0);
    wire().events.onClose();
    await vi.advanceTimersByTimeAsync(150);
    wire().events.onOpen();
    expect(links.at(-1)).toEqual({ kind: "connected" });
    wire().events.onClose();
    expect(links.at(-1)).toMatchObject({ kind: "disconnected", retryAt: Date.now() + 150 });
  });

  it("tries at once when asked to, once, and hears nothing more from what it left", async () => {
    const connection = opened();
    const old = wire();
    old.events.onClose();
    connection.retry();
    connection.retry();
    expect(wires).toHaveLength(2);
    old.events.onFrame({ event: "old" });
    old.events.onOpen();
    expect(heard).toEqual([]);
    expect(links.at(-1)).toEqual({ kind: "connecting" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(2);
  });

  it("stays closed when it is closed", async () => {
    const connection = opened();
    connection.close();
    expect(wire().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wires).toHaveLength(1);
  });
});
