/** What models take: one table. Later lines that match a model say it better than earlier ones. */
import type { TraitRow } from "../traits.ts";
import { ANTHROPIC_ROWS } from "./anthropic.ts";
import { GOOGLE_ROWS } from "./google.ts";
import { OPENAI_ROWS } from "./openai.ts";
import { OTHER_ROWS } from "./others.ts";

export const TRAIT_TABLE: readonly TraitRow[] = [
  ...ANTHROPIC_ROWS,
  ...OPENAI_ROWS,
  ...GOOGLE_ROWS,
  ...OTHER_ROWS,
];
