/** Which time the list is of: a name such as `today`, a day, or from one moment to another. Pure. */
import type { RequestFilter } from "../../../control/requests.ts";
import { readDay, writeDay } from "../../days.ts";
import { customPeriod } from "../tokenStats/period.ts";

export type TimeChoice =
  | { kind: "any" }
  | { kind: "hour" }
  | { kind: "today" }
  /** `2026-03-12`. */
  | { kind: "day"; day: string }
  /** Milliseconds since 1970; `to` exclusive. */
  | { kind: "custom"; from?: number; to?: number };
export type TimeKind = TimeChoice["kind"];

const HOUR = 3_600_000;

export function timeChoiceOf(query: Readonly<Record<string, string>>): TimeChoice {
  const { time, day = "" } = query;
  const from = momentOf(query["from"]);
  const to = momentOf(query["to"]);
  if (from !== undefined || to !== undefined) {
    return { kind: "custom", ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  }
  if (time === "hour" || time === "today") return { kind: time };
  return readDay(day) === undefined ? { kind: "any" } : { kind: "day", day };
}

/** The other way; `undefined` takes a key out of the query. */
export function timeQueryOf(choice: TimeChoice): Record<"time" | "day" | "from" | "to", string | undefined> {
  const text = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return {
    time: choice.kind === "hour" || choice.kind === "today" ? choice.kind : undefined,
    day: choice.kind === "day" ? choice.day : undefined,
    from: choice.kind === "custom" ? text(choice.from) : undefined,
    to: choice.kind === "custom" ? text(choice.to) : undefined,
  };
}

/** @param now milliseconds since 1970 */
export function timeFilterOf(choice: TimeChoice, now: number): Pick<RequestFilter, "from" | "to"> {
  switch (choice.kind) {
    case "any":
      return {};
    case "hour":
      return { from: now - HOUR };
    case "today":
      return { from: new Date(now).setHours(0, 0, 0, 0) };
    case "day": {
      const asked = customPeriod(choice.day, choice.day);
      return asked.ok ? { from: asked.period.from, to: asked.period.to } : {};
    }
    case "custom": {
      const { from, to } = choice;
      return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    }
  }
}

/** Another kind, beginning with what is shown. */
export function switched(choice: TimeChoice, kind: TimeKind, now: number): TimeChoice {
  if (kind === "day") return { kind, day: writeDay(timeFilterOf(choice, now).from ?? now) };
  if (kind !== "custom") return { kind };
  const { from = new Date(now).setHours(0, 0, 0, 0), to } = timeFilterOf(choice, now);
  return { kind, from, ...(to === undefined ? {} : { to }) };
}

/** `undefined`: it is none. */
export function readMoment(text: string): number | undefined {
  const time = new Date(text).getTime();
  return text === "" || Number.isNaN(time) || time < 0 ? undefined : time;
}

function momentOf(text: string | undefined): number | undefined {
  const time = Number(text);
  return text === undefined || text === "" || !Number.isSafeInteger(time) || time < 0 ? undefined : time;
}
