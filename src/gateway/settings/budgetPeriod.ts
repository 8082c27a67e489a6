/** Calendar days, weeks and months of the person's own clock. */

export const PERIODS = ["day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

export interface Span {
  /** Milliseconds since 1970, included. */
  readonly start: number;
  /** Milliseconds since 1970, the next one's start. */
  readonly end: number;
}

/** The period that holds `now`, in the time zone of this process. Weeks begin on Monday. */
export function periodOf(period: Period, now: number): Span {
  const date = new Date(now);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const at = (y: number, m: number, d: number): number => new Date(y, m, d).getTime();
  switch (period) {
    case "day":
      return { start: at(year, month, day), end: at(year, month, day + 1) };
    case "week": {
      const monday = day - ((date.getDay() + 6) % 7);
      return { start: at(year, month, monday), end: at(year, month, monday + 7) };
    }
    case "month":
      return { start: at(year, month, 1), end: at(year, month + 1, 1) };
  }
}
