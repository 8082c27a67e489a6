import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { hasErrorShape } from "../../../src/gateway/protocols/errorShape.ts";
import { BAD_REQUESTS, RATE_LIMITS } from "../../support/replies.ts";

const shaped = (protocol: (typeof PROTOCOLS)[number], body: unknown) =>
  hasErrorShape(protocol, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

describe("hasErrorShape", () => {
  it.each(PROTOCOLS)("knows %s's own", (protocol) => {
    expect(shaped(protocol, RATE_LIMITS[protocol])).toBe(true);
    expect(shaped(protocol, BAD_REQUESTS[protocol])).toBe(true);
    for (const body of ["", "<html></html>", "[]", "null", "7", "{}", "x".repeat(300_000)]) {
      expect(shaped(protocol, body)).toBe(false);
    }
  });

  it("knows what compatible providers send", () => {
    for (const body of [{ error: "no" }, { message: "no" }, { detail: [{ msg: "no" }] }]) {
      expect(shaped("openai-chat", body)).toBe(true);
      expect(shaped("anthropic", body)).toBe(false);
      expect(shaped("gemini", body)).toBe(false);
    }
    expect(shaped("gemini", [RATE_LIMITS.gemini])).toBe(true);
    expect(shaped("gemini", RATE_LIMITS["openai-chat"])).toBe(false);
  });
});
