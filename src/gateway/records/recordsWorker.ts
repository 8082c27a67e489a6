/** Entry of the records' thread: SQLite stalls a thread for as long as the disk or a lock takes. */
import { parentPort, workerData } from "node:worker_threads";
import { giveBackMemory } from "../common/idleMemory.ts";
import { RecordsThread } from "./thread.ts";
import type { ThreadData, ToThread } from "./wire.ts";

const port = parentPort;
if (port !== null) {
  const thread = new RecordsThread(workerData as ThreadData, (message) => port.postMessage(message));
  port.on("message", (message: ToThread) => thread.receive(message));
  giveBackMemory();
}
