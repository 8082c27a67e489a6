import { describe, expect, it } from "vitest";
import type { Events } from "../../../src/control/contract.ts";
import { Subscribers } from "../../../src/gateway/leader/subscribers.ts";

const line: Events["log"] = { level: "info", time: 1, message: "x" };

describe("the subscribers", () => {
  it("hears status and log always, the rest when it asked", () => {
    const own: string[] = [];
    const others: string[] = [];
    let watches = 0;
    let othersWant = false;
    const subscribers = new Subscribers({
      onEvent: (event) => own.push(event),
      onWatch: () => {
        watches += 1;
      },
    });
    subscribers.tell("log", line);
    subscribers.tell("accounts", []);
    expect(own).toEqual(["log"]);
    expect(subscribers.wants("accounts")).toBe(false);

    subscribers.own.watch(["accounts"]);
    subscribers.tell("accounts", []);
    subscribers.tell("requests", { rows: [], missed: 0 });
    expect(own).toEqual(["log", "accounts"]);
    expect([subscribers.wants("accounts"), subscribers.wants("requests")]).toEqual([true, false]);

    subscribers.own.watch(["requests"]);
    subscribers.tell("accounts", []);
    subscribers.tell("requests", { rows: [], missed: 0 });
    expect(own).toEqual(["log", "accounts", "requests"]);
    expect(watches).toBe(2);

    subscribers.own.watch([]);
    subscribers.admit({ wants: () => othersWant, emit: (event) => others.push(event) });
    expect(subscribers.wants("accounts")).toBe(false);
    othersWant = true;
    expect(subscribers.wants("accounts")).toBe(true);
    subscribers.tell("accounts", []);
    expect(own).toHaveLength(3);
    expect(others).toEqual(["accounts"]);
  });
});
