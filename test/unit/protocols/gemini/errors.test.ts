import { describe, expect, it } from "vitest";
import { type ErrorKind, PorticoError, STATUS_OF_KIND } from "../../../../src/gateway/common/errors.ts";
import { decodeError, delayOf } from "../../../../src/gateway/protocols/gemini/errors.ts";
import { codec } from "../../../../src/gateway/protocols/gemini/index.ts";
import { checkStream } from "../../../support/checkers/gemini.ts";
import fc from "../../../support/property.ts";
import { parseStream } from "./helpers.ts";

const rpc = (code: number, status: string, message: string, details: object[] = []) => ({
  error: { code, message, status, details },
});
const info = (reason: string) => ({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason });
const quota = (quotaId: string) => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: [{ quotaId }],
});

describe("reading errors", () => {
  it.each<[number, unknown, ErrorKind]>([
    [
      400,
      rpc(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        info("API_KEY_INVALID"),
      ]),
      "authentication",
    ],
    [400, rpc(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), "authentication"],
    [400, [rpc(400, "INVALID_ARGUMENT", "API key expired.")], "authentication"],
    [403, rpc(403, "PERMISSION_DENIED", "Your API key was reported as leaked."), "authentication"],
    [403, rpc(403, "PERMISSION_DENIED", "disabled", [info("SERVICE_DISABLED")]), "permission"],
    [401, rpc(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."), "authentication"],
    [400, rpc(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), "permission"],
    [403, rpc(403, "PERMISSION_DENIED", "x", [info("BILLING_DISABLED")]), "billing"],
    [429, rpc(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), "billing"],
    [404, rpc(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1beta"), "model_not_found"],
    [404, rpc(404, "NOT_FOUND", "Cached content not found."), "not_found"],
    [
      400,
      rpc(
        400,
        "INVALID_ARGUMENT",
        "The input token count (2000000) exceeds the maximum number of tokens allowed",
      ),
      "context_too_long",
    ],
    [
      400,
      rpc(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 20971520 bytes."),
      "too_large",
    ],
    [400, rpc(400, "INVALID_ARGUMENT", "Unknown name"), "invalid_request"],
    [
      429,
      rpc(429, "RESOURCE_EXHAUSTED", "check your plan and billing details", [
        quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
      ]),
      "quota",
    ],
    [
      429,
      rpc(429, "RESOURCE_EXHAUSTED", "check your plan and billing details", [
        quota("GenerateRequestsPerMinutePerProject"),
      ]),
      "rate_limit",
    ],
    [429, rpc(429, "RESOURCE_EXHAUSTED", "x", [info("RATE_LIMIT_EXCEEDED")]), "rate_limit"],
    [503, rpc(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), "overloaded"],
    [503, rpc(503, "UNAVAILABLE", "The service is currently unavailable."), "unavailable"],
    [504, rpc(504, "DEADLINE_EXCEEDED", "Deadline expired"), "timeout"],
    [500, rpc(500, "INTERNAL", "An internal error has occurred."), "upstream"],
    [200, rpc(429, "RESOURCE_EXHAUSTED", "x"), "rate_limit"],
    [502, "Bad gateway", "upstream"],
    [422, { detail: [{ loc: ["body", "contents"], msg: "field required" }] }, "invalid_request"],
    [401, { error: "no key" }, "authentication"],
    [402, { message: "pay" }, "billing"],
    [500, { errors: [{ message: "x" }] }, "upstream"],
  ])("%i %j is %s", (status, body, kind) => {
    const error = decodeError(status, body);
    expect(error?.kind).toBe(kind);
    expect(error?.message).not.toBe("");
  });

  it.each([[undefined], [null], [""], [{}], [[]], [{ candidates: [] }], [5]])(
    "%j is no error body",
    (body) => {
      expect(decodeError(400, body)).toBeUndefined();
    },
  );

  it("names the fields that were wrong", () => {
    const detail = {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [{ field: "contents[0].parts", description: "bad" }],
    };
    expect(decodeError(400, rpc(400, "INVALID_ARGUMENT", "Invalid", [detail]))?.message).toBe(
      "Invalid (contents[0].parts)",
    );
  });

  it("reads the time to wait from the details, else from the words", () => {
    const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.5s" };
    expect(decodeError(429, rpc(429, "RESOURCE_EXHAUSTED", "x", [retry]))?.retryAfterMs).toBe(500);
    const words = rpc(429, "RESOURCE_EXHAUSTED", "Please retry in 12.5s.");
    expect(decodeError(429, words)?.retryAfterMs).toBe(12_500);
    expect([
      delayOf("34.4s"),
      delayOf("20ms"),
      delayOf("2m"),
      delayOf({ seconds: 3 }),
      delayOf("soon"),
    ]).toEqual([34_400, 20, 120_000, 3_000, undefined]);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.integer(), fc.jsonValue(), (status, body) => void decodeError(status, body)));
  });
});

describe("writing errors", () => {
  it("is a google.rpc.Status with its details", () => {
    const error = new PorticoError("rate_limit", "Slow down.", {
      retryAfterMs: 1_200,
      retryable: false,
      field: "contents",
      code: "x",
    });
    expect(codec.encodeError(error, "req-1")).toEqual({
      status: 429,
      headers: { "retry-after": "2", "x-should-retry": "false" },
      body: {
        error: {
          code: 429,
          message: "Slow down.",
          status: "RESOURCE_EXHAUSTED",
          details: [
            { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "x", domain: "portico" },
            {
              "@type": "type.googleapis.com/google.rpc.BadRequest",
              fieldViolations: [{ field: "contents", description: "Slow down." }],
            },
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.2s" },
            { "@type": "type.googleapis.com/google.rpc.RequestInfo", requestId: "req-1" },
          ],
        },
      },
    });
  });

  it.each(Object.keys(STATUS_OF_KIND) as ErrorKind[])(
    "%s survives being read again, and fits a stream",
    (kind) => {
      const error = new PorticoError(kind, "Something.");
      const { status, body } = codec.encodeError(error, "r");
      expect(decodeError(status, body)?.message).toBe("Something.");
      const sse = parseStream(codec.encodeStreamError(error, "r", "sse"), "sse");
      expect(checkStream(sse)).toEqual([]);
      const array = `[${JSON.stringify({ candidates: [] })}${codec.encodeStreamError(error, "r", "json-array")}`;
      expect(checkStream(parseStream(array, "json-array"))).toEqual([]);
    },
  );
});
