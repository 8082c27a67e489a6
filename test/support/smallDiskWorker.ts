/** The records' thread with databases that may not grow beyond `workerData.pages[0]`. */
import { workerData } from "node:worker_threads";

const real = process.getBuiltinModule("node:sqlite");
const pages = (workerData as { pages: Int32Array }).pages;

class Limited extends real.DatabaseSync {
  override exec(sql: string): void {
    super.exec(`PRAGMA max_page_count = ${Atomics.load(pages, 0)}`);
    super.exec(sql);
  }
}
process.getBuiltinModule = ((name: string) =>
  name === "node:sqlite" ? { ...real, DatabaseSync: Limited } : undefined) as typeof process.getBuiltinModule;
await import("../../src/gateway/records/recordsWorker.ts");
