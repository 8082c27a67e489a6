/** What a person does with Portico in VS Code, step by step; each step builds on those before it. */
import { accessSteps } from "./accessSteps.ts";
import { foundSteps } from "./foundSteps.ts";
import { leaveSteps } from "./leaveSteps.ts";
import { manageSteps } from "./manageSteps.ts";
import { pageHostSteps } from "./pageHostSteps.ts";
import { pageSteps } from "./pageSteps.ts";
import { panelSteps } from "./panelSteps.ts";
import { poolSteps } from "./poolSteps.ts";
import { signInSteps } from "./signInSteps.ts";
import type { Stage, Step } from "./stage.ts";
import { startSteps } from "./startSteps.ts";
import { themeSteps } from "./themeSteps.ts";
import { transferSteps } from "./transferSteps.ts";
import { ErrorWatch } from "./webviews.ts";
import { windowSteps } from "./windowSteps.ts";

const PARTS = [
  startSteps,
  accessSteps,
  poolSteps,
  manageSteps,
  transferSteps,
  signInSteps,
  foundSteps,
  pagesSteps,
  windowSteps,
  leaveSteps,
];

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

export function scenario(stage: Stage): Step[] {
  return PARTS.flatMap((part) => part(stage));
}
