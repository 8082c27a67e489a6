import { describe, expect, it } from "vitest";
import { CLASSES, classify } from "../../../src/gateway/accounts/failures.ts";
import { PROVIDER_IDS } from "../../../src/gateway/providers/ids.ts";
import fc from "../../support/property.ts";
import { FAILURE_CASES, NOW } from "./failures.cases.ts";

const reply = { provider: "openai", protocol: "openai-chat", headers: {}, now: NOW } as const;

describe("classify: what providers really say", () => {
  it("has a case for at least twelve providers and eighty replies", () => {
    expect(FAILURE_CASES.length).toBeGreaterThanOrEqual(80);
    expect(new Set(FAILURE_CASES.map((one) => one.provider)).size).toBeGreaterThanOrEqual(12);
  });

  it.each(FAILURE_CASES.map((one) => [`${one.provider}, ${one.name} (${one.status})`, one] as const))(
    "%s",
    (_name, { provider, status, headers = {}, body, is, scope, next, wait, code }) => {
      const failure = classify({ provider, protocol: "openai-chat", status, headers, body, now: NOW });
      expect(failure.class).toBe(is);
      expect(failure.scope).toBe(scope ?? failure.scope);
      expect(failure.next).toBe(next ?? failure.next);
      if (wait === null) expect(failure.retryAfterMs).toBeUndefined();
      if (typeof wait === "number") expect(failure.retryAfterMs).toBe(wait);
      if (code !== undefined) expect(failure.code).toBe(code);
      expect(failure.message).not.toBe("");
    },
  );
});

describe("classify", () => {
  it("reads the same from text as from parsed JSON", () => {
    for (const { provider, status, headers = {}, body } of FAILURE_CASES) {
      if (typeof body === "string") continue;
      const asked = { provider, protocol: "anthropic", status, headers, now: NOW } as const;
      expect(classify({ ...asked, body: JSON.stringify(body) })).toEqual(classify({ ...asked, body }));
    }
  });

  it("gives the provider's own words", () => {
    const body = {
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: { raw: '{"error":{"message":"too hot"}}' },
      },
    };
    expect(classify({ ...reply, provider: "openrouter", status: 400, body }).message).toBe("too hot");
    expect(classify({ ...reply, status: 500, body: "" }).message).toBe(
      "OpenAI answered 500 without saying why.",
    );
    const page = "<html><head><title>502 Bad\n Gateway</title></head></html>";
    expect(classify({ ...reply, status: 502, body: page }).message).toBe("502 Bad Gateway");
  });

  it("bounds what it repeats", () => {
    const failure = classify({ ...reply, status: 400, body: { error: { message: "x".repeat(100_000) } } });
    expect(failure.message.length).toBeLessThanOrEqual(600);
  });

  it("speaks for every class", () => {
    const met = new Set(FAILURE_CASES.map((one) => one.is));
    for (const name of Object.keys(CLASSES)) if (name !== "network") expect(met).toContain(name);
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROVIDER_IDS),
        fc.integer({ min: 100, max: 999 }),
        fc.dictionary(
          fc.constantFrom("retry-after", "x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"),
          fc.string(),
        ),
        fc.oneof(fc.anything(), fc.json(), fc.string()),
        (provider, status, headers, body) => {
          const failure = classify({ provider, protocol: "gemini", status, headers, body, now: NOW });
          expect(failure.message).not.toBe("");
          if (failure.retryAfterMs !== undefined) {
            expect(failure.retryAfterMs).toBeGreaterThan(0);
            expect(failure.retryAfterMs).toBeLessThanOrEqual(21_600_000);
          }
        },
      ),
    );
  });

  it("stays quick on hostile text", () => {
    const hostile = [
      "model ",
      "1 ",
      "context ",
      "api key ",
      "try again in 1",
      "a",
      "<title",
      "request too large for ",
    ];
    const began = performance.now();
    for (const piece of hostile) {
      for (const status of [400, 403, 404, 429])
        classify({ ...reply, status, body: { error: { message: piece.repeat(20_000) } } });
    }
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
