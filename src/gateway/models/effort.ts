/** How much a model may think, in words. */

/** From least to most; `none` switches reasoning off. */
export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];

/**
 * The accepted effort nearest to the one asked for. Whoever asks for some thinking is given some, however little.
 * @param ties which of two equally near ones
 * @returns `undefined` where the model takes no effort at all
 */
export function nearestEffort(
  effort: Effort,
  accepted: readonly Effort[],
  ties: "lesser" | "greater" = "lesser",
): Effort | undefined {
  const wanted = EFFORTS.indexOf(effort);
  let best: Effort | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const candidate of EFFORTS) {
    if (!accepted.includes(candidate) || (candidate === "none" && effort !== "none")) continue;
    const away = Math.abs(EFFORTS.indexOf(candidate) - wanted);
    if (away < distance || (away === distance && ties === "greater")) {
      best = candidate;
      distance = away;
    }
  }
  return best;
}

/** The greatest of the accepted efforts that is not above a limit. */
export function effortUpTo(effort: Effort, most: Effort): Effort {
  return EFFORTS.indexOf(effort) > EFFORTS.indexOf(most) ? most : effort;
}
