/** Entry of the worker thread in which a VS Code window runs the gateway. */
import { parentPort, workerData } from "node:worker_threads";
import { portWire } from "../control/channel.ts";
import type { WorkerStart } from "../control/window.ts";
import { giveBackMemory } from "./common/idleMemory.ts";
import { leaderDependencies } from "./leader/dependencies.ts";
import { runWorker } from "./worker/run.ts";

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a worker thread only");

giveBackMemory();
// Our own window's data: one build, one process.
await runWorker(
  portWire(port, () => port.close()),
  workerData as WorkerStart,
  leaderDependencies,
);
