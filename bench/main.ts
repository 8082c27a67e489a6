/**
 * What the gateway costs beside a bare undici pipe, on the same provider and in the same run. CPU time of
 * the process is the figure: rates saturate on small machines, CPU time does not. Pairs of both run turn
 * about, and the median of their ratios counts.
 *
 * `npm run bench [-- --pairs N] [--only NAME] [--dist FOLDER] [--against FOLDER] [--json]`
 */
import { benchArguments } from "./arguments.ts";
import { benchConversation, CONVERSATION_TARGET_MS } from "./conversation.ts";
import { added, cpuOf, quantile } from "./load.ts";
import { isAbove, measureMemory } from "./memory.ts";
import { type Running, start, startGateway, stopAll } from "./processes.ts";
import { loopDelay, timeToFirstAnswer } from "./reported.ts";
import { PLAIN, SCENARIOS, type Scenario, SHORT } from "./scenarios.ts";

const names = [...SCENARIOS.map(({ name }) => name), "reported", "conversation", "memory"];
const asked = benchArguments(process.argv.slice(2), names);
if (typeof asked === "string") {
  console.error(asked);
  process.exit(2);
}
const values = asked;
const PAIRS = values.pairs;
/** Requests of the latency figures, each alone. */
const ALONE = 300;
/** Beside another build only what requests cost. */
const wanted = (name: string): boolean =>
  name.includes(values.only) && (values.against === undefined || SCENARIOS.some((of) => of.name === name));
const { against } = values;
const dist = values.dist === undefined ? {} : { dist: values.dist };

const results: Record<string, object[]> = {};
let failed = false;

function report(kind: string, rows: readonly object[]): void {
  results[kind] = [...(results[kind] ?? []), ...rows];
  if (!values.json) console.table(rows);
}

const round = (value: number): number => Number(value.toFixed(2));

/** The run fails where most pairs miss the target, and not for some slow moment of the machine. */
async function compare(scenario: Scenario, before: Running, ours: Running): Promise<object> {
  const ratios: number[] = [];
  const times: [number[], number[]] = [[], []];
  for (let pair = -1; pair < PAIRS; pair++) {
    const cpu = [0, 0];
    const order = [
      [0, before],
      [1, ours],
    ] as const;
    for (const [at, running] of pair % 2 === 0 ? order : order.toReversed()) {
      cpu[at] = await cpuOf(running, scenario);
    }
    // The first pair warms both up.
    if (pair < 0) continue;
    const [one = 0, other = 0] = cpu;
    ratios.push(other / one);
    times[0].push(one);
    times[1].push(other);
  }
  const ratio = {
    scenario: scenario.name,
    ratio: round(quantile(ratios, 0.5)),
    quartiles: `${round(quantile(ratios, 0.25))} to ${round(quantile(ratios, 0.75))}`,
    beforeUs: Math.round(quantile(times[0], 0.5)),
    cpuUs: Math.round(quantile(times[1], 0.5)),
  };
  // Beside another build what a busy machine adds is most of the difference: the least of each has least of that.
  if (against !== undefined)
    return { ...ratio, ofTheLeast: round(Math.min(...times[1]) / Math.min(...times[0])) };
  failed ||= quantile(ratios, 0.25) > scenario.target;
  return { ...ratio, target: scenario.target };
}

try {
  const provider = await start("upstream.ts");
  const upstream = `http://127.0.0.1:${provider.port}`;
  const compared = SCENARIOS.filter(({ name }) => wanted(name));
  if (compared.length > 0 || wanted("reported")) {
    const pipe = await (against === undefined
      ? start("pipe.ts", upstream)
      : startGateway({ upstream, dist: against }));
    const gateway = await startGateway({ upstream, ...dist });
    for (const scenario of compared) {
      const other =
        scenario.against === undefined || against !== undefined
          ? pipe
          : await startGateway({ upstream, recording: false, ...dist });
      report("scenarios", [await compare(scenario, other, gateway)]);
    }
    if (wanted("reported")) {
      const plain = await added([pipe, gateway], PLAIN, ALONE);
      const stream = await added([pipe, gateway], SHORT, ALONE);
      report("reported", [
        { figure: "added to a plain request, p50, ms", value: round(plain.total) },
        { figure: "added to the first event of a translated stream, p50, ms", value: round(stream.first) },
        {
          figure: "start to first answer, p50 of 5, ms",
          value: await timeToFirstAnswer({ upstream, ...dist }),
        },
        ...(await loopDelay({ upstream, ...dist })),
      ]);
    }
  }
  if (wanted("conversation")) {
    const conversations = benchConversation();
    failed ||= conversations.some(({ ms }) => ms > CONVERSATION_TARGET_MS);
    report("conversations", conversations);
  }
  if (wanted("memory")) {
    const rows = await measureMemory({ upstream, ...dist });
    failed ||= rows.some(isAbove);
    report("memory", rows);
  }
} finally {
  await stopAll();
}
if (values.json) console.log(JSON.stringify(results, null, 2));
if (failed) {
  console.error("A figure is above its target.");
  process.exitCode = 1;
}
