/** What a person does with Portico in VS Code, step by step; each step builds on those before it. */
import { poolSteps } from "./poolSteps.ts";
import type { Stage, Step } from "./stage.ts";
import { startSteps } from "./startSteps.ts";
import { windowSteps } from "./windowSteps.ts";

export function scenario(stage: Stage): Step[] {
  return [...startSteps(stage), ...poolSteps(stage), ...windowSteps(stage)];
}
