/** What a person does with Portico in VS Code, step by step; each step builds on those before it. */
import { accessSteps } from "./accessSteps.ts";
import { agentSteps } from "./agentSteps.ts";
import { chatSteps } from "./chatSteps.ts";
import { clientSteps } from "./clientSteps.ts";
import { foundSteps } from "./foundSteps.ts";
import { languageSteps } from "./languageSteps.ts";
import { leaveSteps } from "./leaveSteps.ts";
import { manageSteps } from "./manageSteps.ts";
import { memorySteps } from "./memorySteps.ts";
import { pageHostSteps } from "./pageHostSteps.ts";
import { pageSteps } from "./pageSteps.ts";
import { panelSteps } from "./panelSteps.ts";
import { poolSteps } from "./poolSteps.ts";
import { reportSteps } from "./reportSteps.ts";
import { signInSteps } from "./signInSteps.ts";
import { situationSteps } from "./situationSteps.ts";
import type { Stage, Step } from "./stage.ts";
import { startSteps } from "./startSteps.ts";
import { terminalSteps } from "./terminalSteps.ts";
import { themeSteps } from "./themeSteps.ts";
import { transferSteps } from "./transferSteps.ts";
import { troubleSteps } from "./troubleSteps.ts";
import { underWaySteps } from "./underWaySteps.ts";
import { ErrorWatch } from "./webviews.ts";
import { windowSteps } from "./windowSteps.ts";

const PARTS = {
  start: startSteps,
  situations: situationSteps,
  access: accessSteps,
  pool: poolSteps,
  manage: manageSteps,
  transfer: transferSteps,
  signIn: signInSteps,
  found: foundSteps,
  pages: pagesSteps,
  clients: clientSteps,
  terminals: terminalSteps,
  chat: chatSteps,
  agent: agentSteps,
  windows: windowSteps,
  underWay: underWaySteps,
  trouble: troubleSteps,
  report: reportSteps,
  languages: languageSteps,
  leave: leaveSteps,
};

/** What runs only where it is asked for by name. */
const MEASURES = { memory: memorySteps };

function pagesSteps(stage: Stage): Step[] {
  let watch: ErrorWatch | undefined;
  const errors = () => {
    watch ??= new ErrorWatch(stage.window().page);
    return watch;
  };
  return [
    ...pageSteps(stage, errors),
    ...panelSteps(stage),
    ...themeSteps(stage),
    ...pageHostSteps(stage, errors),
  ];
}

/**
 * @param only names of parts, with commas between them; all when it is empty. The first part always
 *   runs, and whoever picks others picks those that they build on.
 * @throws when there is no such part
 */
export function scenario(stage: Stage, only: string): Step[] {
  const wanted = only.split(/[\s,]+/).filter((name) => name !== "");
  const all = { ...PARTS, ...MEASURES };
  const unknown = wanted.filter((name) => !Object.hasOwn(all, name));
  if (unknown.length > 0) {
    throw new Error(`There is no part ${unknown.join(", ")}; there are ${Object.keys(all).join(", ")}.`);
  }
  return Object.entries(wanted.length === 0 ? PARTS : all)
    .filter(([name]) => wanted.length === 0 || name === "start" || wanted.includes(name))
    .flatMap(([, part]) => part(stage));
}
