/**
 * What Portico costs of an extension host's memory: idle with the proxy running, and behind a load. It takes minutes, so
 * it runs only where it is asked for: PORTICO_VSCODE_ONLY=memory.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { findCompanion } from "./companion.ts";
import { ask, isHealthy } from "./http.ts";
import { untilIs } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";

/** Milliseconds until a host at rest is looked at: Portico collects twice by then. */
const REST_MS = 45_000;
const AT_ONCE = 32;
/** Most by which the host may grow, in MB that no file backs. */
const IDLE_MB = 75;
const LOADED_MB = 130;

export function memorySteps(stage: Stage): Step[] {
  const { base, companions, port } = stage;
  let pid = 0;
  let before = 0;

  async function grown(): Promise<number> {
    await sleep(REST_MS);
    return (await anonymousMB(pid)) - before;
  }

  async function load(model: string, requests: number): Promise<void> {
    let left = requests;
    const one = async () => {
      while (left-- > 0) await ask(base, model);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  return [
    stage.step("is measured: an extension host with Portico off", async (first) => {
      await first.runCommand("Portico: Stop Proxy");
      await first.statusIs(/^\s*Portico\s*$/);
      await first.runCommand("View: Close All Editors");
      await first.reload();
      await first.statusIs(/^\s*Portico\s*$/);
      ({ pid } = await findCompanion(companions, first));
      await sleep(REST_MS);
      before = await anonymousMB(pid);
      return `${before} MB`;
    }),

    stage.step(
      "is measured: what it grows by, idle and behind 10,000 requests and 1,000 streams",
      async (first) => {
        await first.runCommand("Portico: Start Proxy");
        await first.statusIs(new RegExp(`Portico ${port}`));
        await untilIs(() => isHealthy(base), true);
        await first.clearNotifications();
        const idle = await grown();
        await load("sandbox/echo", 10_000);
        await load("quick", 1000);
        const behind = (await anonymousMB(pid)) - before;
        const loaded = await grown();
        const said = `idle ${idle} MB (at most ${IDLE_MB}), right behind the load ${behind} MB, at rest again ${loaded} MB (at most ${LOADED_MB})`;
        if (idle > IDLE_MB || loaded > LOADED_MB) throw new Error(said);
        return said;
      },
    ),
  ];
}

/** Linux alone tells it. */
async function anonymousMB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kB = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  if (kB === undefined) throw new Error("this system does not tell what a process's own memory is");
  return Math.round((Number(kB) * 1024) / 1e6);
}
