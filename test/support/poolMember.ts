/** A member of a pool in a process of its own: says when it hears of a hold. Arguments: the pool's settings, as JSON. */
import { systemClock } from "../../src/gateway/common/ports.ts";
import { joinPool } from "../../src/gateway/pool/shared.ts";

const pool = await joinPool({
  settings: JSON.parse(process.argv[2] ?? "{}"),
  clock: systemClock,
  log: { info: () => {}, warn: () => {} },
  name: "member",
});
pool.listen({
  hold: ({ account }) => process.stdout.write(`${account} ${performance.timeOrigin + performance.now()}\n`),
  cleared: () => {},
  undone: () => {},
  quota: () => {},
  holds: () => [],
});
process.stdout.write(`ready ${pool.standing?.state ?? ""}\n`);
process.on("disconnect", () => process.exit());
