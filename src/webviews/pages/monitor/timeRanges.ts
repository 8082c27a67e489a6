/** One try on the scale of its request. Pure. */
import type { RequestAttempt } from "../../../control/requests.ts";
import { attemptOutcome } from "../../requestLabels.ts";

/** A stretch of a bar; milliseconds since the request began. */
export interface TimeRange {
  kind: "queued" | "waiting" | "streaming" | "failed-warn" | "failed-bad" | "left";
  from: number;
  to: number;
}

/** What one try looks like; only the one that answered streamed. */
export function timeRangesOf(attempt: RequestAttempt, firstByteMs: number | undefined): TimeRange[] {
  const from = attempt.at;
  const to = attempt.at + attempt.took;
  const { tone } = attemptOutcome(attempt);
  const { waited = 0 } = attempt;
  const queued: TimeRange[] =
    waited > 0 ? [{ kind: "queued", from: Math.max(0, from - waited), to: from }] : [];
  // The first byte to the client can only be that of the try during which it went out.
  const first =
    firstByteMs !== undefined && firstByteMs >= from && firstByteMs <= to ? firstByteMs : undefined;
  const answered = attempt.outcome === "ok" || first !== undefined;
  if (!answered) {
    return [
      ...queued,
      { kind: tone === "off" ? "left" : tone === "warn" ? "failed-warn" : "failed-bad", from, to },
    ];
  }
  const stretches: TimeRange[] = [{ kind: "waiting", from, to: first ?? to }];
  if (first !== undefined) stretches.push({ kind: "streaming", from: first, to });
  return [...queued, ...stretches.filter((each) => each.to > each.from || stretches.length === 1)];
}
