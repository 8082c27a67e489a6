/** Entry of the worker thread in which a VS Code window runs the gateway. */
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerStart } from "../control/window.ts";
import { checkAccount } from "./accounts/check.ts";
import { detectLocal } from "./accounts/local.ts";
import { portWire } from "./control/channel.ts";
import { createGateway } from "./gateway.ts";
import { PROVIDERS } from "./providers/providers.ts";
import { runWorker } from "./worker/run.ts";

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread only");

// Our own window's data: one build, one process.
await runWorker(
  portWire(port, () => port.close()),
  workerData as WorkerStart,
  {
    createGateway,
    providers: Object.values(PROVIDERS),
    checkAccount: (account, gateway, signal, key) =>
      checkAccount(
        account,
        (asked, { path, protocol, body }) => gateway.getJson(asked, path, protocol, signal, body),
        key,
      ),
    detectLocal: (known, signal) => detectLocal({ known, signal }),
  },
);
