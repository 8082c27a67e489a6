/**
 * Every feature of requests. The matrix test runs every cell; `docs/protocols.md` is written from the
 * same rows.
 */
import type { Feature } from "./feature.ts";
import { LIMITS } from "./features/limits.ts";
import { MEDIA } from "./features/media.ts";
import { OUTPUT } from "./features/output.ts";
import { PROMPT } from "./features/prompt.ts";
import { REASONING } from "./features/reasoning.ts";
import { REST } from "./features/rest.ts";
import { SAMPLING } from "./features/sampling.ts";
import { SEARCHES } from "./features/searches.ts";
import { TOOL_CHOICE } from "./features/toolChoice.ts";
import { TOOLS } from "./features/tools.ts";

export const FEATURES: readonly Feature[] = [
  ...PROMPT,
  ...MEDIA,
  ...TOOL_CHOICE,
  ...TOOLS,
  ...REASONING,
  ...OUTPUT,
  ...SAMPLING,
  ...REST,
  ...LIMITS,
  ...SEARCHES,
];
