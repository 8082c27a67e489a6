import { describe, expect, it } from "vitest";
import { Relay } from "../../../../src/vscode/pages/relay.ts";

/** A webview as far as a relay uses it. */
function fakeWebview() {
  const listeners = new Set<(message: unknown) => void>();
  const sent: unknown[] = [];
  const webview = {
    sent,
    send: (message: unknown) => {
      for (const listener of listeners) listener(message);
    },
    listeners,
    postMessage: async (message: unknown) => sent.push(message) > 0,
    onDidReceiveMessage(listener: (message: unknown) => void) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  return webview;
}

function setup() {
  const webview = fakeWebview();
  const asked: { method: string; signal: AbortSignal }[] = [];
  let watches = 0;
  const relay = new Relay({
    webview: webview as never,
    serve: (method, _params, signal) => {
      asked.push({ method, signal });
      return new Promise(() => {});
    },
    onWatch: () => watches++,
    onReady: (ready) => ready.emit("shown", undefined),
    onFailure: () => {},
  });
  return { webview, relay, asked, watches: () => watches };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a page's relay", () => {
  it("sends the events that were asked for, and status always", async () => {
    const { webview, relay, watches } = setup();
    webview.send({ id: 1, method: "events.watch", params: { events: ["requests", "nonsense"] } });
    await settled();
    expect([...relay.watched]).toEqual(["requests"]);
    expect(watches()).toBe(1);
    // It was told at once how things are.
    expect(webview.sent.splice(0, 1)).toEqual([{ event: "shown", data: undefined }]);
    relay.emit("requests", { rows: [], missed: 0 });
    relay.emit("accounts", []);
    relay.emit("link", { kind: "connected" });
    expect(webview.sent.slice(1)).toEqual([
      { event: "requests", data: { rows: [], missed: 0 } },
      { event: "link", data: { kind: "connected" } },
    ]);
  });

  it("forgets a page that is hidden: its calls, what it watched, and its ids", async () => {
    const { webview, relay, asked } = setup();
    webview.send({ id: 1, method: "requests.list", params: undefined });
    webview.send({ id: 2, method: "events.watch", params: { events: ["requests"] } });
    await settled();
    webview.sent.length = 0;
    relay.setVisible(false);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(relay.watched.size).toBe(0);
    relay.emit("link", { kind: "connected" });
    await settled();
    expect(webview.sent).toEqual([]);
    relay.setVisible(true);
    expect(webview.listeners.size).toBe(1);
    webview.send({ id: 1, method: "requests.list", params: undefined });
    expect(asked[1]?.signal.aborted).toBe(false);
  });

  it("listens no more once it is closed", () => {
    const { webview, relay } = setup();
    relay.close();
    expect(webview.listeners.size).toBe(0);
  });
});
