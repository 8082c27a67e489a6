import { describe, expect, it } from "vitest";
import { PorticoError } from "../../../../../src/gateway/common/errors.ts";
import {
  ResponseStore,
  type StoreLimits,
} from "../../../../../src/gateway/protocols/openaiResponses/stored/store.ts";
import { ids } from "../helpers.ts";

function store(limits: Partial<StoreLimits> = {}) {
  const clock = { now: 1000 };
  const made = new ResponseStore({
    limits: { count: 10, bytes: 100_000, ageMs: 60_000, ...limits },
    now: () => clock.now,
    newId: ids(),
  });
  return { made, clock };
}

const reply = (id: string, text: string) => ({
  id,
  object: "response",
  output: [{ type: "message", id: `msg_${id}`, role: "assistant", content: [{ type: "output_text", text }] }],
});
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof PorticoError) return `${error.status} ${error.code}`;
    throw error;
  }
  return undefined;
};

describe("ResponseStore", () => {
  it("keeps, gives and deletes a response", () => {
    const { made } = store();
    const response = reply("resp_1", "Hi");
    made.put(response, "Hello");
    expect(made.get("resp_1")).toBe(response);
    expect(made.delete("resp_1")).toBe(true);
    expect(made.delete("resp_1")).toBe(false);
    expect(made.get("resp_1")).toBeUndefined();
    expect(made.bytes).toBe(0);
  });

  it("finds what precedes a request, with the ids that were streamed", () => {
    const { made } = store();
    made.put(reply("resp_1", "one"), "first");
    made.put(reply("resp_2", "two"), [{ role: "user", content: "second" }], { previousResponseId: "resp_1" });
    const items = made.resolve("third", { previousResponseId: "resp_2" });
    expect(items.map((item) => item.id)).toEqual([
      expect.stringMatching(/^msg_pt/),
      "msg_resp_1",
      expect.stringMatching(/^msg_pt/),
      "msg_resp_2",
      undefined,
    ]);
    expect(codeOf(() => made.resolve("x", { previousResponseId: "resp_9" }))).toBe(
      "400 previous_response_not_found",
    );
    made.delete("resp_1");
    expect(codeOf(() => made.preceding({ previousResponseId: "resp_2" }))).toBe(
      "400 previous_response_not_found",
    );
  });

  it("resolves references to items", () => {
    const { made } = store();
    made.put(reply("resp_1", "one"), "first");
    expect(made.resolve([{ type: "item_reference", id: "msg_resp_1" }], {})[0]).toMatchObject({
      role: "assistant",
    });
    expect(codeOf(() => made.resolve([{ id: "msg_none" }], {}))).toBe("400 item_not_found");
    made.delete("resp_1");
    expect(codeOf(() => made.resolve([{ type: "item_reference", id: "msg_resp_1" }], {}))).toBe(
      "400 item_not_found",
    );
  });

  it("pages input items as the API does", () => {
    const { made } = store();
    const input = Array.from({ length: 25 }, (_, index) => ({
      type: "message",
      role: "user",
      id: `msg_${index}`,
      content: "x",
    }));
    made.put(reply("resp_1", "one"), input);
    const first = made.inputItems("resp_1");
    expect(first).toMatchObject({ object: "list", first_id: "msg_24", last_id: "msg_5", has_more: true });
    expect(first.data).toHaveLength(20);
    expect(made.inputItems("resp_1", { after: "msg_5" })).toMatchObject({
      first_id: "msg_4",
      last_id: "msg_0",
      has_more: false,
    });
    expect(
      made.inputItems("resp_1", { order: "asc", limit: 2, after: "msg_0" }).data.map((item) => item.id),
    ).toEqual(["msg_1", "msg_2"]);
    expect(made.inputItems("resp_1", { limit: 1000 }).data).toHaveLength(25);
    expect(made.inputItems("resp_1", { limit: 0 }).data).toHaveLength(1);
    expect(codeOf(() => made.inputItems("resp_2"))).toBe("404 response_not_found");
    expect(codeOf(() => made.inputItems("resp_1", { after: "nope" }))).toBe("404 item_not_found");
    made.put(reply("resp_2", "two"), [], { previousResponseId: "resp_1" });
    expect(made.inputItems("resp_2", { order: "asc", limit: 100 }).data).toHaveLength(26);
    made.put({ id: "resp_3", output: [] }, []);
    expect(made.inputItems("resp_3")).toMatchObject({ data: [], first_id: null, last_id: null });
  });

  it("continues conversations", () => {
    const { made } = store();
    const id = String(made.conversations.create().id);
    expect(id).toMatch(/^conv_/);
    made.put(reply("resp_1", "one"), "first", { conversationId: id });
    made.put(reply("resp_2", "two"), "second", { conversationId: id });
    expect(made.preceding({ conversationId: id }).map((item) => item.role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
    ]);
    expect(codeOf(() => made.preceding({ conversationId: id, previousResponseId: "resp_1" }))).toBe(
      "400 undefined",
    );
    expect(codeOf(() => made.preceding({ conversationId: "conv_x" }))).toBe("404 conversation_not_found");
    expect(made.conversations.delete(id)).toBe(true);
    expect(made.conversations.delete(id)).toBe(false);
    expect(codeOf(() => made.preceding({ conversationId: id }))).toBe("404 conversation_not_found");
  });

  it("is bounded by count; what is used stays", () => {
    const { made } = store({ count: 2 });
    made.put(reply("resp_1", "a"), "x");
    made.put(reply("resp_2", "a"), "x");
    made.get("resp_1");
    made.put(reply("resp_3", "a"), "x");
    expect(made.size).toBe(2);
    expect(made.get("resp_1")).toBeDefined();
    expect(made.get("resp_2")).toBeUndefined();
    for (let index = 0; index < 5; index++) made.conversations.create({}, `conv_${index}`);
    expect(codeOf(() => made.preceding({ conversationId: "conv_0" }))).toBe("404 conversation_not_found");
    expect(made.preceding({ conversationId: "conv_4" })).toEqual([]);
  });

  it("is bounded by bytes", () => {
    const { made } = store({ bytes: 1000 });
    for (let index = 0; index < 50; index++) made.put(reply(`resp_${index}`, "x".repeat(200)), "y");
    expect(made.bytes).toBeLessThanOrEqual(1000);
    expect(made.get("resp_49")).toBeDefined();
    made.put(reply("resp_big", "x".repeat(2000)), "y");
    expect(made.get("resp_big")).toBeUndefined();
    expect(made.get("resp_49")).toBeDefined();
    made.conversations.create({}, "conv_1");
    for (let index = 0; index < 20; index++) {
      made.put(reply(`resp_c${index}`, "x".repeat(200)), "y", { conversationId: "conv_1" });
      expect(made.bytes).toBeLessThanOrEqual(1000);
    }
  });

  it("forgets what is old", () => {
    const { made, clock } = store({ ageMs: 1000 });
    made.put(reply("resp_1", "a"), "x");
    made.conversations.create({}, "conv_1");
    clock.now += 900;
    expect(made.get("resp_1")).toBeDefined();
    clock.now += 900;
    expect(made.get("resp_1")).toBeDefined();
    expect(codeOf(() => made.preceding({ conversationId: "conv_1" }))).toBe("404 conversation_not_found");
    clock.now += 1001;
    expect(made.get("resp_1")).toBeUndefined();
    made.put(reply("resp_2", "a"), "x");
    clock.now += 1001;
    made.sweep();
    expect(made.size).toBe(0);
    expect(made.bytes).toBe(0);
  });

  it("ignores what has no id, and replaces what has the same", () => {
    const { made } = store();
    made.put({ output: [] }, "x");
    expect(made.size).toBe(0);
    made.put(reply("resp_1", "a"), "x");
    made.put(reply("resp_1", "b"), "x");
    expect(made.size).toBe(1);
    expect(JSON.stringify(made.get("resp_1"))).toContain('"b"');
  });
});
