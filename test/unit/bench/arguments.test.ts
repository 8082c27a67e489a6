import { expect, it } from "vitest";
import { benchArguments } from "../../../bench/arguments.ts";
import { isAbove } from "../../../bench/memory.ts";

const NAMES = ["plain, 1 at once", "memory"];

it("measures what was asked for", () => {
  const all = { pairs: 15, only: "", dist: undefined, against: undefined, json: false };
  expect(benchArguments([], NAMES)).toEqual(all);
  expect(benchArguments(["--pairs", "3", "--only", "mem", "--json"], NAMES)).toEqual({
    ...all,
    pairs: 3,
    only: "mem",
    json: true,
  });
});

it.each([
  [["--pairs", "x"], /^--pairs must be a number/],
  [["--pairs", "0"], /^--pairs must be a number/],
  [["--only", "typo"], /^Nothing is called "typo"/],
  [["--nonsense"], /nonsense/],
])("says how it is used rather than measure nothing: %j", (args, words) => {
  const said = benchArguments(args, NAMES);
  expect(said).toMatch(words);
  expect(said).toMatch(/Usage: .*plain, 1 at once; memory/s);
});

it("judges memory by all of it where the system does not tell which is a process's own", () => {
  expect(isAbove({ anonymousMB: 50, rssMB: 90, target: 60 })).toBe(false);
  expect(isAbove({ anonymousMB: 70, rssMB: 90, target: 60 })).toBe(true);
  expect(isAbove({ anonymousMB: undefined, rssMB: 90, target: 60 })).toBe(true);
});
