import { describe, expect, it } from "vitest";
import { periodsIn } from "../../../src/gateway/pool/periods.ts";

const at = (text: string) => Date.parse(text);
const told = ({ start, end }: { start: number; end: number }) =>
  [start, end].map((moment) => new Date(moment).toISOString());

describe("the periods of a time zone", () => {
  it.each([
    ["UTC", "day", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00.000Z", "2026-03-30T00:00:00.000Z"],
    // The clocks go forward, and back, on that day.
    ["Europe/Berlin", "day", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["Europe/Berlin", "day", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    ["Europe/Berlin", "week", "2026-10-25T12:00:00Z", "2026-10-18T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    [
      "Europe/Berlin",
      "month",
      "2026-12-31T23:30:00Z",
      "2026-12-31T23:00:00.000Z",
      "2027-01-31T23:00:00.000Z",
    ],
    ["Asia/Kolkata", "day", "2026-01-01T18:29:59Z", "2025-12-31T18:30:00.000Z", "2026-01-01T18:30:00.000Z"],
    [
      "America/Los_Angeles",
      "month",
      "2026-03-01T07:59:59Z",
      "2026-02-01T08:00:00.000Z",
      "2026-03-01T08:00:00.000Z",
    ],
  ] as const)("%s: the %s that holds %s", (zone, period, moment, start, end) => {
    expect(told(periodsIn(zone)(period, at(moment)))).toEqual([start, end]);
  });

  it("is the same for each moment of it, and the next one's begins where it ends", () => {
    const periods = periodsIn("Europe/Berlin");
    let next = periods("day", at("2026-03-27T12:00:00Z"));
    for (let day = 0; day < 10; day++) {
      const { start, end } = next;
      for (const moment of [start, start + 1, (start + end) / 2, end - 1]) {
        expect(periodsIn("Europe/Berlin")("day", moment)).toEqual({ start, end });
      }
      next = periods("day", end);
      expect(next.start).toBe(end);
    }
  });
});
