import { expect, it } from "vitest";
import { ChoiceEnds } from "../../../src/gateway/protocols/choiceEnds.ts";

it("takes a reason for the end only where nothing of the choice follows", () => {
  const ends = new ChoiceEnds();
  expect(ends.ended(true)).toBe(false);
  ends.add(0, true, true);
  expect(ends.ended(false)).toBe(true);
  ends.add(0, true, false);
  expect(ends.ended(true)).toBe(false);
  ends.add(0, false, true);
  expect(ends.ended(true)).toBe(true);
  // It was wrong before: the connection's end alone proves nothing.
  expect(ends.ended(false)).toBe(false);
  ends.add(1, true, false);
  expect(ends.ended(true)).toBe(false);
});

it("follows no more choices than there can be", () => {
  const ends = new ChoiceEnds();
  for (let index = 0; index < 1000; index++) ends.add(index, true, true);
  expect(ends.size).toBe(128);
  expect(ends.ended(true)).toBe(true);
});
