/** A worker thread that ends, for whatever reason, has told its window what it had to say. */
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeFolder, removeFolder } from "../../support/folder.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = makeFolder("worker-end");
});
afterEach(() => removeFolder(dataDir));

const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

it("lines that wait are told when the thread ends in the midst of its work", async () => {
  const script = `
    import { parentPort, workerData } from "node:worker_threads";
    import { portWire } from ${source("control/channel.ts")};
    import { runWorker } from ${source("gateway/worker/run.ts")};
    const parts = {
      openRecords({ log }) {
        log.info("last words");
        process.exit(3);
      },
    };
    await runWorker(portWire(parentPort, () => parentPort.close()), workerData, parts);
  `;
  const network = { proxySupport: false, noProxy: [], strictTls: true, systemCertificates: false };
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
    workerData: { dataDir, version: "1.0.0", settings: {}, network, autoStart: "never" },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const lines: string[] = [];
  worker.on("message", (message: { event?: string; data?: { message?: string } }) => {
    if (message.event === "log") lines.push(message.data?.message ?? "");
  });
  const code = await new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", resolve);
  });
  expect(code).toBe(3);
  expect(lines).toContain("last words");
});
