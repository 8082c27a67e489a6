import { describe, expect, it } from "vitest";
import type { Events } from "../../../src/control/contract.ts";
import { Subscribers } from "../../../src/gateway/leader/subscribers.ts";

const line: Events["log"] = { level: "info", time: 1, message: "x" };

describe("the audience", () => {
  it("hears status and log always, the rest when it asked", () => {
    const own: string[] = [];
    const others: string[] = [];
    let watches = 0;
    let othersWant = false;
    const audience = new Subscribers({
      onEvent: (event) => own.push(event),
      onWatch: () => {
        watches += 1;
      },
    });
    audience.tell("log", line);
    audience.tell("accounts", []);
    expect(own).toEqual(["log"]);
    expect(audience.wants("accounts")).toBe(false);

    audience.own.watch(["accounts"]);
    audience.tell("accounts", []);
    audience.tell("requests", { rows: [], missed: 0 });
    expect(own).toEqual(["log", "accounts"]);
    expect([audience.wants("accounts"), audience.wants("requests")]).toEqual([true, false]);

    audience.own.watch(["requests"]);
    audience.tell("accounts", []);
    audience.tell("requests", { rows: [], missed: 0 });
    expect(own).toEqual(["log", "accounts", "requests"]);
    expect(watches).toBe(2);

    audience.own.watch([]);
    audience.admit({ wants: () => othersWant, emit: (event) => others.push(event) });
    expect(audience.wants("accounts")).toBe(false);
    othersWant = true;
    expect(audience.wants("accounts")).toBe(true);
    audience.tell("accounts", []);
    expect(own).toHaveLength(3);
    expect(others).toEqual(["accounts"]);
  });
});
