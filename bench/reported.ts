/** Figures that depend on the machine more than on the program: told, and not enforced. */
import http from "node:http";
import { ask, askMany, quantile } from "./load.ts";
import { type GatewayOptions, start, startGateway, stop, usageOf } from "./processes.ts";
import { PLAIN, SLOW } from "./scenarios.ts";

const STARTS = 5;
const STREAMS = 1000;

/** Milliseconds from starting the process to the end of its first reply. */
export async function timeToFirstAnswer(options: GatewayOptions): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const began = performance.now();
    const gateway = await startGateway(options);
    await ask(gateway.port, PLAIN, new http.Agent());
    times.push(performance.now() - began);
    await stop(gateway);
  }
  return Math.round(quantile(times, 0.5));
}

/** How late timers are while many slow streams run: of the gateway, and of the pipe for comparison. */
export async function loopDelay(options: GatewayOptions): Promise<{ figure: string; value: number }[]> {
  const rows: { figure: string; value: number }[] = [];
  for (const name of ["pipe", "gateway"]) {
    const running = name === "pipe" ? await start("pipe.ts", options.upstream) : await startGateway(options);
    await askMany(running.port, SLOW, { requests: 100, atOnce: 100 });
    running.child.send("delay");
    await askMany(running.port, SLOW, { requests: STREAMS, atOnce: STREAMS });
    const { delay } = await usageOf(running);
    rows.push({
      figure: `event-loop delay under 1,000 slow streams, p99, ms (${name})`,
      value: Number(delay.toFixed(1)),
    });
    await stop(running);
  }
  return rows;
}
