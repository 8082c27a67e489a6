import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../../src/gateway/common/errors.ts";
import {
  ResponseStore,
  type StoreLimits,
} from "../../../../../src/gateway/protocols/openaiResponses/stored/store.ts";
import { ids } from "../helpers.ts";

function store(limits: Partial<StoreLimits> = {}) {
  const clock = { now: 5_000_000 };
  const made = new ResponseStore({
    limits: { count: 10, bytes: 100_000, ageMs: 60_000, ...limits },
    now: () => clock.now,
    newId: ids(),
  });
  return { made, conversations: made.conversations, clock };
}

const failure = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof PorticoError) return { status: error.status, field: error.field };
    throw error;
  }
  return undefined;
};
const user = (content: string) => ({ type: "message", role: "user", content });

describe("Conversations", () => {
  it("show themselves as the API does", () => {
    const { conversations, clock } = store();
    const made = conversations.create({ metadata: { topic: "a" } });
    const id = String(made.id);
    expect(made).toEqual({
      id: expect.stringMatching(/^conv_pt[A-Za-z0-9]{24}$/),
      object: "conversation",
      created_at: 5000,
      metadata: { topic: "a" },
    });
    clock.now += 10_000;
    expect(conversations.update(id, { metadata: { topic: "b" } })).toEqual({
      ...made,
      metadata: { topic: "b" },
    });
    expect(conversations.get(id)).toMatchObject({ metadata: { topic: "b" } });
    expect(conversations.update(id, { metadata: null })).toMatchObject({ metadata: {} });
    expect(conversations.delete(id)).toBe(true);
    expect(conversations.bytes).toBe(0);
  });

  it("give each item an id, its content as parts, and one name only once", () => {
    const { made, conversations } = store();
    made.put(
      { id: "resp_1", output: [{ type: "message", id: "msg_1", role: "assistant", content: [] }] },
      [],
    );
    const id = String(
      conversations.create({
        items: [
          user("hi"),
          { role: "assistant", content: "hello" },
          { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: "{}" },
          { type: "item_reference", id: "msg_1" },
        ],
      }).id,
    );
    expect(conversations.items(id)).toMatchObject([
      {
        id: expect.stringMatching(/^msg_/),
        status: "completed",
        content: [{ type: "input_text", text: "hi" }],
      },
      { type: "message", content: [{ type: "output_text", text: "hello", annotations: [] }] },
      { id: "fc_1" },
      { id: "msg_1", role: "assistant" },
    ]);
    const added = conversations.add(id, { items: [{ type: "function_call", id: "fc_1", call_id: "d" }] });
    expect(added).toMatchObject({ object: "list", has_more: false });
    expect(added.data[0]?.id).not.toBe("fc_1");
    expect(
      failure(() => conversations.add(id, { items: [{ type: "item_reference", id: "msg_9" }] })),
    ).toEqual({
      status: 400,
      field: "items",
    });
  });

  it("list, give and delete items", () => {
    const { conversations } = store();
    const id = String(conversations.create({ items: [user("1"), user("2"), user("3")] }).id);
    const [first, second] = conversations.items(id);
    expect(conversations.page(id, { limit: 2, order: "asc" })).toMatchObject({
      data: [first, second],
      has_more: true,
    });
    expect(conversations.page(id, { after: String(first?.id), order: "asc" }).data).toHaveLength(2);
    expect(conversations.item(id, String(second?.id))).toEqual(second);
    const before = conversations.bytes;
    expect(conversations.deleteItem(id, String(second?.id))).toMatchObject({ id, object: "conversation" });
    expect(conversations.bytes).toBeLessThan(before);
    expect(failure(() => conversations.item(id, String(second?.id)))?.status).toBe(404);
    expect(failure(() => conversations.deleteItem(id, "nope"))?.status).toBe(404);
    expect(failure(() => conversations.page(id, { after: "nope" }))?.status).toBe(404);
  });

  it.each([
    ["21 items", { items: Array.from({ length: 21 }, () => user("x")) }, "items"],
    ["items that are none", { items: ["x"] }, "items"],
    ["items that are no list", { items: "x" }, "items"],
    [
      "17 pairs",
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, "v"])) },
      "metadata",
    ],
    ["a long name", { metadata: { ["k".repeat(65)]: "v" } }, "metadata"],
    ["a long value", { metadata: { k: "v".repeat(513) } }, "metadata"],
    ["a value that is no text", { metadata: { k: 1 } }, "metadata"],
    ["more than is kept", { items: [user("x".repeat(100_001))] }, "items"],
  ])("refuse %s", (_what, body, field) => {
    const { conversations } = store();
    expect(failure(() => conversations.create(body))).toEqual({ status: 400, field });
    expect(conversations.size).toBe(0);
  });

  it("are bounded by count, bytes and age", () => {
    const { made, conversations, clock } = store({ count: 3, bytes: 2000, ageMs: 1000 });
    const all = Array.from({ length: 5 }, () => String(conversations.create().id));
    expect(all.map((id) => conversations.has(id))).toEqual([false, false, true, true, true]);
    const last = all[4] ?? "";
    conversations.add(last, { items: [user("x".repeat(1500))] });
    expect(failure(() => conversations.add(last, { items: [user("x".repeat(1500))] }))?.status).toBe(400);
    const other = String(conversations.create({ items: [user("x".repeat(1000))] }).id);
    expect(made.bytes).toBeLessThanOrEqual(2000);
    expect([conversations.has(last), conversations.has(other)]).toEqual([false, true]);
    clock.now += 1001;
    expect(failure(() => conversations.get(other))?.status).toBe(404);
    expect(made.bytes).toBe(0);
    expect(String(store({ count: 0 }).conversations.create().id)).toMatch(/^conv_/);
  });

  it("know nothing of unknown ids", () => {
    const { conversations } = store();
    for (const run of [
      () => conversations.get("conv_x"),
      () => conversations.update("conv_x", {}),
      () => conversations.items("conv_x"),
      () => conversations.add("conv_x", { items: [] }),
      () => conversations.item("conv_x", "msg_1"),
      () => conversations.deleteItem("conv_x", "msg_1"),
    ]) {
      expect(failure(run)).toEqual({ status: 404, field: "conversation" });
    }
    expect(conversations.delete("conv_x")).toBe(false);
  });
});
