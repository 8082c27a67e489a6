import { expect, it } from "vitest";
import { Bindings } from "../../../src/gateway/accounts/bindings.ts";

it("belong to who made them: the owner, or one client key", () => {
  const owner = new Bindings();
  const [ci, other] = [owner.of("ci"), owner.of("other")];
  owner.set("o", "work");
  ci.set("c", "home");
  expect([owner, ci, other].map((view) => view.get("o"))).toEqual(["work", undefined, undefined]);
  expect([owner, ci, other].map((view) => view.get("c"))).toEqual([undefined, "home", undefined]);
  expect([owner, ci, other].map((view) => view.isOpen("c"))).toEqual([false, true, false]);
  // What nobody made here the owner alone may ask providers for.
  expect([owner, ci, other].map((view) => view.isOpen("never"))).toEqual([true, false, false]);
  other.set("c", "work");
  other.delete("c");
  owner.delete("c");
  expect(ci.get("c")).toBe("home");
  ci.delete("c");
  expect(owner.isOpen("c")).toBe(true);
});

it("outlive the process with their makers, are bounded, and told of as they are saved", () => {
  const told: unknown[] = [];
  const bindings = new Bindings(3);
  bindings.onSet = (...binding) => told.push(binding);
  bindings.of("ci").set("a", "work");
  bindings.set("b", "home");
  expect(told).toEqual([
    ["a", "work", "ci"],
    ["b", "home"],
  ]);
  const saved: unknown = JSON.parse(JSON.stringify(bindings.snapshot()));
  const again = new Bindings(3);
  again.restore([["c", "work", 5], ...(saved as unknown[])]);
  expect(again.snapshot()).toEqual(told);
  expect(again.of("ci").get("a")).toBe("work");
  for (const id of ["c", "d"]) again.of("ci").set(id, "work");
  expect(again.size).toBe(3);
  expect(again.of("ci").isOpen("a")).toBe(false);
});
