/**
 * A member of a pool in a process of its own: says when it hears of a hold, and uses one of a budget when it is told to.
 * Arguments: the pool's settings, as JSON.
 */
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
const tell = () => process.stdout.write(`ready ${pool.standing?.state ?? ""}\n`);
pool.onChange(tell);
tell();
process.on("message", (limit) => {
  const { start } = pool.periodOf("day", Date.now());
  const options = { exact: true, used: 0, claimed: () => 0 };
  const counter = pool.counter("all:requests", "day", start, options);
  if (counter === undefined) throw new Error("none");
  counter.limit = Number(limit);
  void counter.ask().then(() => {
    counter.add(1);
    process.stdout.write("used one\n");
  });
});
process.on("disconnect", () => process.exit());
