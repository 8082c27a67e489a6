import { describe, expect, it } from "vitest";
import { classify } from "../../../src/gateway/accounts/failures.ts";
import { PROVIDER_IDS, type ProviderId } from "../../../src/gateway/providers/ids.ts";
import fc from "../../support/property.ts";
import { anthropic, google, NOW, openai } from "./failures.cases.ts";
import { HOT_WORDS, REQUEST_CASES } from "./requests.cases.ts";

const classified = (provider: ProviderId, status: number, body: unknown) =>
  classify({ provider, protocol: "openai-chat", status, headers: {}, body, now: NOW });

describe("a refusal of a request", () => {
  it("has at least sixty cases of ten providers, with each of the statuses", () => {
    expect(REQUEST_CASES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(REQUEST_CASES.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(10);
    for (const status of [400, 404, 422, 500]) {
      expect(REQUEST_CASES.filter((one) => one.status === status).length).toBeGreaterThanOrEqual(15);
    }
  });

  it.each(REQUEST_CASES.map((one) => [`${one.provider} ${one.status}, ${one.name}`, one] as const))(
    "holds nobody: %s",
    (_name, { provider, status, body }) => {
      const failure = classified(provider, status, body);
      expect(failure.scope).toBe("none");
      expect(failure.class).toBe(status >= 500 ? "provider" : "client");
    },
  );

  it("goes back at once where its code names a field, and to one more account where words are in doubt", () => {
    const code = classified("openai", 400, openai("user: invalid api key", null, "string_above_max_length"));
    expect(code).toMatchObject({ class: "client", next: "client" });
    expect(code.weak).toBeUndefined();
    const words = classified("openai", 400, openai("user: invalid api key", "invalid_request_error", null));
    expect(words).toMatchObject({ class: "client", next: "next-account", weak: "credential" });
    const quoted = classified(
      "openai",
      400,
      openai("user: 'invalid api key'", "invalid_request_error", null),
    );
    expect(quoted).toMatchObject({ class: "client", next: "client" });
  });

  it("is known by no provider's sentence but its own, and by that only where the message begins with it", () => {
    const empty = "Your credit balance is too low to access the Anthropic API.";
    expect(classified("anthropic", 400, anthropic("invalid_request_error", empty)).class).toBe("billing");
    expect(classified("openai", 400, openai(empty, "invalid_request_error", null)).scope).toBe("none");
    const echoed = `messages.0.content: ${empty}`;
    expect(classified("anthropic", 400, anthropic("invalid_request_error", echoed)).scope).toBe("none");
  });

  it("may be quoted as JSON, of which only a whole error counts", () => {
    const message = JSON.stringify({ role: "user", code: "invalid_api_key", status: "UNAUTHENTICATED" });
    expect(classified("openai", 400, openai(message, "invalid_request_error", null)).class).toBe("client");
    const relayed = JSON.stringify({ error: { message: "Wrong key.", code: "invalid_api_key" } });
    expect(classified("custom", 400, openai(relayed, null, null)).class).toBe("credential");
  });

  it("that is a 403 in words that nobody knows holds the account, in doubt", () => {
    const failure = classified("custom", 403, openai("Your account has been suspended.", null, null));
    expect(failure).toMatchObject({ class: "permission", scope: "account", weak: "permission" });
    const code = classified(
      "custom",
      403,
      openai("Your account has been suspended.", null, "account_suspended"),
    );
    expect(code).toMatchObject({ class: "permission", scope: "account" });
    expect(code.weak).toBeUndefined();
  });
});

describe("quoted words", () => {
  const marks = ['""', "''", "``", "“”", "«»"] as const;
  const word = fc.oneof(fc.constantFrom(...HOT_WORDS), fc.string({ maxLength: 30 }));
  const quoted = fc
    .tuple(fc.constantFrom(...marks), fc.array(word, { minLength: 1, maxLength: 4 }))
    .map(([[open = "", close = ""], words]) => `${open}${words.join(" ")}${close}`);
  const message = fc
    .tuple(
      fc.constantFrom("", "", "messages.0: ", "Unexpected value ", "stop: got "),
      fc.array(quoted, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(" ", ", ", "\n"),
    )
    .map(([before, pieces, between]) => `${before}${pieces.join(between)}`);
  const body = message.chain((text) =>
    fc.constantFrom<unknown>(
      openai(text, "invalid_request_error", null),
      anthropic("invalid_request_error", text),
      google(400, "INVALID_ARGUMENT", text),
      { error: text },
      { detail: [{ type: "value_error", loc: ["body"], msg: text, input: text }] },
      { object: "error", message: text },
      text,
    ),
  );

  it("never hold an account on 400, 404 and 422, nor under a 200, whatever they are", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROVIDER_IDS),
        fc.constantFrom(400, 422, 404, 200),
        body,
        (provider, status, error) => {
          expect(classified(provider, status, error).scope).toBe("none");
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("never make a 500 anything but the provider's trouble", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDER_IDS), body, (provider, error) => {
        expect(classified(provider, 500, error)).toMatchObject({ scope: "none" });
        expect(["provider", "overloaded", "too-long"]).toContain(classified(provider, 500, error).class);
      }),
      { numRuns: 1000 },
    );
  });
});
