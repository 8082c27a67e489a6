/** What OpenAI's models accept, where their names tell; other names are trusted to take anything. */
import { EFFORTS, type Effort } from "../chat.ts";

const REASONING = /(?:^|\/)(?:o[1-9](?:$|-)|gpt-(?:[5-9]|\d\d)|gpt-oss|codex|computer-use)/;
const PLAIN = /(?:^|\/)(?:gpt-[34]|gpt-\d+(?:\.\d+)?-chat|chatgpt-)/;

/** A model that is known to reason. */
export function isReasoningModel(model: string): boolean {
  return REASONING.test(model) && !PLAIN.test(model);
}

/** A model that is known to refuse reasoning parameters. */
export function isPlainModel(model: string): boolean {
  return PLAIN.test(model);
}

/** By model name: the efforts it takes (OpenAI's reasoning guide). First match wins. */
const EFFORTS_OF: readonly [RegExp, readonly Effort[]][] = [
  [/(?:^|\/)o[1-9](?:$|-)/, ["low", "medium", "high"]],
  [/(?:^|\/)gpt-oss/, ["low", "medium", "high"]],
  [/(?:^|\/)gpt-\d+(?:\.\d+)?-pro/, ["high"]],
  [/(?:^|\/)gpt-5\.1-codex-max/, ["none", "low", "medium", "high", "xhigh"]],
  [/(?:^|\/)gpt-5-codex/, ["low", "medium", "high"]],
  [/(?:^|\/)gpt-5(?:$|-)/, ["minimal", "low", "medium", "high"]],
  [/(?:^|\/)gpt-5\.1(?:$|-)/, ["none", "low", "medium", "high"]],
  [/(?:^|\/)gpt-5\.[2-5](?:$|-)/, ["none", "low", "medium", "high", "xhigh"]],
];

/** The effort nearest to the wanted one that the model takes. */
export function nearestEffort(model: string, effort: Effort): Effort {
  const allowed = EFFORTS_OF.find(([pattern]) => pattern.test(model))?.[1];
  if (allowed === undefined || allowed.includes(effort)) return effort;
  const wanted = EFFORTS.indexOf(effort);
  const distance = (name: Effort) => Math.abs(EFFORTS.indexOf(name) - wanted);
  return allowed.reduce((best, name) => (distance(name) < distance(best) ? name : best));
}
