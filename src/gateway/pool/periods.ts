/** Calendar days, weeks and months of a pool, which has one time zone wherever its gateways are. */
import type { Period, Span } from "../settings/budgetPeriod.ts";

/** The wall clock of a time zone, as if it were UTC. Milliseconds. */
function wallClock(formatter: Intl.DateTimeFormat, at: number): number {
  const parts = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute, second } = parts;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

/** @returns the period that holds a moment, both in milliseconds since 1970 */
export function periodsIn(timeZone: string): (period: Period, at: number) => Span {
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  /** The moment at which the zone's wall clock shows this. Twice, as the zone may change in between. */
  const momentOf = (wall: number): number => {
    const guess = wall - (wallClock(formatter, wall) - wall);
    return wall - (wallClock(formatter, guess) - guess);
  };
  const last = new Map<Period, Span>();
  return (period, at) => {
    const known = last.get(period);
    if (known !== undefined && known.start <= at && at < known.end) return known;
    const whole = Math.floor(at / 1000) * 1000;
    const date = new Date(wallClock(formatter, whole));
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    const monday = day - ((date.getUTCDay() + 6) % 7);
    const [from, to] = (
      {
        day: [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)],
        week: [Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7)],
        month: [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)],
      } satisfies Record<Period, [number, number]>
    )[period];
    const span = { start: momentOf(from), end: momentOf(to) };
    last.set(period, span);
    return span;
  };
}
