/** Days and moments as fields of a form take them, in local time. Pure. */

/** `2026-11-22`, as a date field takes it. */
export function writeDay(time: number): string {
  const date = new Date(time);
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Its beginning in local time. */
export function readDay(text: string): number | undefined {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // No 31st of February.
  return date.getMonth() + 1 === Number(month) ? date.getTime() : undefined;
}

/** `2026-03-12T14:31`. */
export function writeMoment(time: number): string {
  const date = new Date(time);
  return `${writeDay(time)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

const two = (n: number) => String(n).padStart(2, "0");
