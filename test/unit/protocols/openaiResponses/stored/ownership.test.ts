import { expect, it } from "vitest";
import { ResponseStore } from "../../../../../src/gateway/protocols/responsesApi.ts";

function store(count = 100): ResponseStore {
  let made = 0;
  return new ResponseStore({
    limits: { count, bytes: 1e6, ageMs: 1e9 },
    now: () => 1000 + made,
    newId: () => String(made++).padStart(24, "0"),
  });
}

const response = (id: string) => ({ id, output: [{ id: `${id}_item`, type: "message", content: [] }] });
const DAY = 86_400_000;

it("is kept on the disk, in a form that a Portico without client keys passes over", () => {
  const owner = store();
  const ci = owner.of("ci");
  owner.put(response("resp_1"), "the owner's");
  ci.put(response("resp_1"), "the key's");
  ci.put(response("resp_2"), "the key's, too");
  const conversation = String(ci.conversations.create({}).id);
  const saved = JSON.parse(JSON.stringify(owner.snapshot(1e6, DAY))) as ReturnType<ResponseStore["snapshot"]>;
  // What stands for an entry at the top level is the owner's alone.
  expect(saved.responses.filter((each) => Object.hasOwn(each as object, "response"))).toHaveLength(1);
  expect(saved.conversations.filter((each) => Object.hasOwn(each as object, "items"))).toHaveLength(0);

  const again = store();
  again.restore(saved, DAY);
  const mine = again.of("ci");
  expect(again.size).toBe(3);
  expect(JSON.stringify(again.inputItems("resp_1"))).toContain("the owner's");
  expect(JSON.stringify(mine.inputItems("resp_1"))).toContain("the key's");
  expect([again.get("resp_2"), again.of("other").get("resp_2")]).toEqual([undefined, undefined]);
  expect(
    [again, mine, again.of("other")].map(({ conversations }) => conversations.has(conversation)),
  ).toEqual([false, true, false]);
  expect(() => again.resolve([{ type: "item_reference", id: "resp_2_item" }], {})).toThrow(/not found/);
  expect(mine.resolve([{ type: "item_reference", id: "resp_2_item" }], {})).toHaveLength(1);
});

it("no id leads to another's, and all together are bounded", () => {
  const owner = store(3);
  const ci = owner.of("ci");
  ci.put(response("resp_1"), "x");
  for (const id of ["ci resp_1", " resp_1", "resp_1"]) {
    expect(owner.get(id)).toBeUndefined();
    expect(owner.delete(id)).toBe(false);
  }
  for (const id of ["a", "b", "c"]) owner.put(response(id), "x");
  expect(owner.size).toBe(3);
  expect(ci.get("resp_1")).toBeUndefined();
  for (let i = 0; i < 5; i++) owner.of(`key${i}`).conversations.create({});
  expect(owner.conversations.size).toBe(3);
});
