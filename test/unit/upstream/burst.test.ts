import { expect, it } from "vitest";
import { Burst } from "../../../src/gateway/upstream/burst.ts";

it("joins what came, once", () => {
  const burst = new Burst();
  expect(burst.empty).toBe(true);
  for (const text of ["a", "b", "c"]) burst.add(Buffer.from(text));
  expect(burst.empty).toBe(false);
  expect(burst.take().toString()).toBe("abc");
  expect(burst.empty).toBe(true);
  expect(burst.take().length).toBe(0);
});

it("copies no chunk that comes alone", () => {
  const burst = new Burst();
  const chunk = Buffer.from("a");
  burst.add(chunk);
  expect(burst.take()).toBe(chunk);
});
