/**
 * What Portico costs of an extension host's memory: idle with the proxy running, and behind a load. It takes minutes, so
 * it runs only where it is asked for: PORTICO_VSCODE_ONLY=memory.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { findCompanion } from "./companion.ts";
import { ask, isHealthy } from "./http.ts";
import { untilIs } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";
import type { Workbench } from "./workbench.ts";

const EXTENSION = "portico-gateway.portico";
/** Milliseconds until a host at rest is looked at: Portico collects twice by then. */
const REST_MS = 45_000;
/**
 * The same until the thread that counts tokens has ended, which it does a minute behind the last count: nobody says what
 * the streams used, so that all of them are counted.
 */
const COUNTED_MS = 80_000;
const AT_ONCE = 32;
/** Most by which the host may grow, in MB that no file backs. */
const IDLE_MB = 75;
const LOADED_MB = 130;

export function memorySteps(stage: Stage): Step[] {
  const { base, companions } = stage;
  let idle = 0;
  let behind = 0;
  let counting = 0;
  let loaded = 0;

  /** Of the window's host, once it has been at rest. */
  async function atRest(window: Workbench, ms = REST_MS): Promise<number> {
    const { pid } = await findCompanion(companions, window);
    await sleep(ms);
    return anonymousMB(pid);
  }

  async function load(model: string, requests: number): Promise<void> {
    let left = requests;
    const one = async () => {
      while (left-- > 0) await ask(base, model);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  return [
    stage.step("is measured: a host at rest with the proxy running, and behind a load", async (first) => {
      await first.runCommand("View: Close All Editors");
      await first.reload();
      await untilIs(() => isHealthy(base), true);
      idle = await atRest(first);
      await load("sandbox/echo", 10_000);
      await load("quick", 1000);
      behind = await anonymousMB((await findCompanion(companions, first)).pid);
      counting = await atRest(first);
      loaded = await atRest(first, COUNTED_MS - REST_MS);
      return `${idle}, ${behind}, and ${counting} MB at rest again, ${loaded} without the thread that counts tokens`;
    }),

    stage.step("is measured: what of it is Portico's, when the same host is without it", async (first) => {
      const companion = await findCompanion(companions, first);
      await companion.run("workbench.extensions.uninstallExtension", EXTENSION);
      await first.refresh();
      await untilIs(async () => (await findCompanion(companions, first)).knows(EXTENSION), false);
      await untilIs(() => isHealthy(base), false);
      const without = await atRest(first);
      const said = [
        `idle ${idle - without} MB (at most ${IDLE_MB})`,
        `right behind 10,000 requests and 1,000 streams ${behind - without} MB`,
        `at rest again ${counting - without} MB`,
        `without the thread that counts tokens ${loaded - without} MB (at most ${LOADED_MB})`,
      ].join(", ");
      assert.ok(idle - without <= IDLE_MB && loaded - without <= LOADED_MB, said);
      return said;
    }),
  ];
}

/** Linux alone tells it. */
async function anonymousMB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kB = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  if (kB === undefined) throw new Error("this system does not tell what a process's own memory is");
  return Math.round((Number(kB) * 1024) / 1e6);
}
