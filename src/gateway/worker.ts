/** Entry of the worker thread in which a VS Code window runs the gateway. */
import { parentPort, workerData } from "node:worker_threads";
import type { WorkerStart } from "../control/window.ts";
import { checkAccount } from "./accounts/check.ts";
import { detectLocal } from "./accounts/local.ts";
import { portWire } from "./control/channel.ts";
import { accountSecretKey, createGateway } from "./gateway.ts";
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
    secretKey: accountSecretKey,
    checkAccount: (account, gateway, signal) =>
      checkAccount(account, (asked, { path, protocol }) => gateway.getJson(asked, path, protocol, signal)),
    detectLocal: (known, signal) => detectLocal({ known, signal }),
  },
);
