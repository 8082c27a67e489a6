/** A process that tries to lead: prints `leading` once it does, releases on `release`, lives until killed. */
import { waitToLead } from "../../../src/gateway/common/leaderLock.ts";

const [file = ""] = process.argv.slice(2);
const leadership = await waitToLead(file, { everyMs: 20 });
process.stdout.write("leading\n");
// Until it is killed; a worker's standard input would not keep it alive.
setInterval(() => leadership, 60_000);
process.stdin.on("data", () => {
  leadership?.release();
  process.stdout.write("released\n");
});
