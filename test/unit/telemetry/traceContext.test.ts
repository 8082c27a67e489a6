import { describe, expect, it } from "vitest";
import { newId } from "../../../src/gateway/telemetry/ids.ts";
import { routeTemplate } from "../../../src/gateway/telemetry/routeTemplates.ts";
import { traceParentOf } from "../../../src/gateway/telemetry/traceContext.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

describe("a client's traceparent", () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    // A version to come may say more.
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
    [`cc-${TRACE}-${SPAN}-00`, false],
  ])("%s is read", (traceparent, sampled) => {
    expect(traceParentOf({ traceparent })).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
  });

  it.each([
    undefined,
    "",
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])("%s is none", (traceparent) => {
    expect(traceParentOf({ traceparent })).toBeUndefined();
  });

  it("brings its state along, if that is one, and not a word of its baggage", () => {
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    const of = (tracestate: string) => traceParentOf({ traceparent, tracestate, baggage: "a=b" })?.state;
    expect(of("a=1,b=2")).toBe("a=1,b=2");
    expect(of("x".repeat(513))).toBeUndefined();
    expect(of("a=1\u0001")).toBeUndefined();
    expect(traceParentOf({ tracestate: "a=1" })).toBeUndefined();
  });
});

describe("new ids", () => {
  it("are as long as they have to be, and each another", () => {
    const ids = Array.from({ length: 1000 }, (_, index) => newId(index % 2 === 0 ? 16 : 8));
    expect(new Set(ids).size).toBe(1000);
    for (const [index, id] of ids.entries())
      expect(id).toMatch(index % 2 === 0 ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{16}$/);
  });
});

describe("the route of a path", () => {
  it.each([
    ["POST", "/v1/chat/completions", "/v1/chat/completions"],
    ["POST", "/v1beta/models/gemini-3-pro:generateContent", "/v1beta/models/{model}:generateContent"],
    [
      "POST",
      "/v1beta/models/team/otter-1:streamGenerateContent",
      "/v1beta/models/{model}:streamGenerateContent",
    ],
    ["GET", "/v1/responses/resp_123", "/v1/responses/{id}"],
    ["DELETE", "/v1/responses/resp_123", "/v1/responses/{id}"],
    ["POST", "/v1/responses/input_tokens", "/v1/responses/input_tokens"],
    ["POST", "/v1/images/generations", "/v1/images/*"],
    ["HEAD", "/v1/models", "/v1/models"],
    ["GET", "/", "/"],
    ["GET", "/v1/nothing", undefined],
    ["GET", "", undefined],
  ])("%s %s is %s", (method, path, route) => {
    expect(routeTemplate(method, path)).toBe(route);
  });
});
