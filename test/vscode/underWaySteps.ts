/** A stream under way when Portico stops, restarts, is reloaded, closed or killed: what its client reads, and who answers next. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readAddress } from "../../src/gateway/controlServer/address.ts";
import { connectControl } from "../../src/gateway/controlServer/client.ts";
import { findCompanion } from "./companion.ts";
import { isHealthy, reach } from "./http.ts";
import { PATIENCE_MS, takenOverIn, until } from "./patience.ts";
import { STORAGE, type Stage, type Step } from "./stage.ts";
import { leaderPid } from "./windowSteps.ts";
import type { Workbench } from "./workbench.ts";

const WORDS = {
  stop: "Portico was stopped before this reply was complete",
  restart: "Portico was restarted before this reply was complete",
  leave: "The VS Code window that ran Portico was closed or reloaded before this reply was complete",
};

interface Stream {
  /** The reply, when it has ended by itself. */
  readonly all: Promise<string>;
  readonly id: string;
}

export function underWaySteps(stage: Stage): Step[] {
  const { companions, scratch } = stage;
  const file = join(scratch, ...STORAGE, "gateway.json");

  /** Begins a stream that lasts longer than anything here, and resolves once it has said something. */
  async function begin(): Promise<Stream> {
    const reply = await reach(`${stage.base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "sandbox/slow",
        stream: true,
        messages: [{ role: "user", content: "word ".repeat(400) }],
      }),
    });
    assert.equal(reply.status, 200);
    const id = reply.headers.get("x-request-id") ?? "";
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = decoder.decode((await reader.read()).value, { stream: true });
    const all = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += decoder.decode(value, { stream: true });
      }
    })();
    all.catch(() => {});
    return { all, id };
  }

  /** Milliseconds from the last answer of who led before to the first of another. */
  async function gap(before: number): Promise<number> {
    let last = performance.now();
    for (;;) {
      // In this order: who answers after another leads is that other.
      const pid = await leaderPid(scratch);
      const healthy = await isHealthy(stage.base);
      if (healthy && pid !== before && pid !== 0) return performance.now() - last;
      if (healthy) last = performance.now();
      if (performance.now() - last > PATIENCE_MS) throw new Error("nobody else answers");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Milliseconds between two answers, at most, until the stream ends. */
  async function longestSilence({ all }: Stream): Promise<number> {
    let over = false;
    const end = () => {
      over = true;
    };
    void all.then(end, end);
    let longest = 0;
    let last = performance.now();
    while (!over) {
      if (await isHealthy(stage.base)) {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return Math.max(longest, performance.now() - last);
  }

  async function windowOf(pid: number): Promise<Workbench> {
    const all = stage.windows.filter(({ page }) => !page.isClosed());
    const hosts = await Promise.all(all.map((each) => findCompanion(companions, each)));
    const found = all.find((_each, index) => hosts[index]?.pid === pid);
    assert.ok(found, "none of the windows leads");
    return found;
  }

  /** How often it is recorded, and as what. */
  async function recordsOf({ id }: Stream): Promise<(string | undefined)[]> {
    const at = await readAddress(file);
    assert.ok(at, "nobody leads");
    const client = await connectControl(at);
    try {
      const { rows } = await client.call("requests.list", { limit: 200 });
      return rows
        .filter((row) => id.endsWith(row.id.replace(/^req_/, "")))
        .map(({ errorKind, error }) => `${errorKind}: ${error}`);
    } finally {
      client.close();
    }
  }

  async function isToldOnce(stream: Stream, words: string): Promise<void> {
    const text = await stream.all;
    assert.match(text.trimEnd().split("\n\n").at(-1) ?? "", new RegExp(words));
    await until(
      async () => ((await recordsOf(stream).catch(() => [])).length > 0 ? true : undefined),
      () => "it is not recorded",
    );
    // Longer than anybody waits to hand a record over once more.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const [record, ...others] = await recordsOf(stream);
    assert.deepEqual(others, []);
    assert.ok(record?.startsWith(`cut: ${words}`), record);
  }

  /** Whoever leads goes away while a stream is under way. */
  async function left(leave: (window: Workbench) => Promise<void>): Promise<string> {
    await stage.two();
    const before = await leaderPid(scratch);
    const window = await windowOf(before);
    const stream = await begin();
    const [took] = await Promise.all([gap(before), leave(window)]);
    await isToldOnce(stream, WORDS.leave);
    return takenOverIn(took);
  }

  return [
    {
      name: "says what a stop waits for, and stops now; the client reads an error event",
      async run() {
        const [window] = stage.windows.filter(({ page }) => !page.isClosed());
        assert.ok(window);
        await window.page.bringToFront();
        const stream = await begin();
        await window.runCommand("Portico: Stop Proxy");
        await window.statusIs(/Stopping, 1 request under way/);
        await window.statusBar.click();
        await window.pick("Stop Now");
        await window.statusIs(/^\s*Portico\s*$/);
        await window.runCommand("Portico: Start Proxy");
        await window.statusIs(/Portico \d+/);
        await isToldOnce(stream, WORDS.stop);
        return undefined;
      },
    },
    {
      name: "answers at once while it is restarted; the stream under way ends with an error event",
      async run() {
        const [window] = stage.windows.filter(({ page }) => !page.isClosed());
        assert.ok(window);
        const stream = await begin();
        await window.runCommand("Portico: Restart Proxy");
        const took = await longestSilence(stream);
        await isToldOnce(stream, WORDS.restart);
        return takenOverIn(took);
      },
    },
    {
      name: "goes on in the other window when the one that leads is reloaded with a stream under way",
      run: () => left((window) => window.reload()),
    },
    {
      name: "goes on in the other window when the one that leads is closed with a stream under way",
      run: () => left((window) => window.close()),
    },
  ];
}
