import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import type { StoredAction } from "../../../src/gateway/protocols/client.ts";
import type { Operation } from "../../../src/gateway/protocols/operation.ts";
import { normalizePath } from "../../../src/gateway/server/paths.ts";
import { knownPaths, protocolOf, type Route, routeOf } from "../../../src/gateway/server/routes.ts";
import fc from "../../support/property.ts";

const pathOf = (url: string): string => {
  const path = normalizePath(url);
  return path.ok ? path.path + path.search : `refused: ${path.message}`;
};

describe("normalizePath", () => {
  it.each([
    ["/v1/chat/completions", "/v1/chat/completions"],
    ["/v1/v1/chat/completions", "/v1/chat/completions"],
    ["/chat/completions", "/v1/chat/completions"],
    ["//v1//chat//completions//", "/v1/chat/completions"],
    ["/V1/chat/completions", "/v1/chat/completions"],
    ["/openai/chat/completions", "/v1/chat/completions"],
    ["/openai/v1/chat/completions", "/v1/chat/completions"],
    ["/v1beta/openai/chat/completions", "/v1/chat/completions"],
    ["/v1beta/openai/models", "/v1/models"],
    ["/v1/openai/v1/models", "/v1/models"],
    ["/v1beta/chat/completions", "/v1/chat/completions"],
    ["/anthropic/v1/messages?beta=true", "/v1/messages?beta=true"],
    ["/anthropic/messages", "/v1/messages"],
    ["/messages/count_tokens", "/v1/messages/count_tokens"],
    ["/health", "/healthz"],
    ["/healthz/", "/healthz"],
    ["/v1/healthz", "/healthz"],
    ["/", "/"],
    ["/v1/", "/v1"],
    ["/models", "/v1/models"],
    ["/gemini/models", "/v1beta/models"],
    ["/gemini/v1beta/models/x:generateContent", "/v1beta/models/x:generateContent"],
    ["/v1/v1beta/models/x:generateContent", "/v1beta/models/x:generateContent"],
    ["/models/x:generateContent", "/v1beta/models/x:generateContent"],
    ["/v1/models/x:generateContent", "/v1/models/x:generateContent"],
    ["/v1beta/models/sandbox/echo:generateContent", "/v1beta/models/sandbox/echo:generateContent"],
    ["/v1beta/models/sandbox%2Fecho:generateContent", "/v1beta/models/sandbox/echo:generateContent"],
    ["/v1beta/models/sandbox%2fecho%3AgenerateContent", "/v1beta/models/sandbox/echo:generateContent"],
    ["/v1beta/models/x/countTokens", "/v1beta/models/x:countTokens"],
    ["/v1beta/work/gpt-5:generateContent", "/v1beta/models/work/gpt-5:generateContent"],
    [
      "/v1beta/work/gpt-5:streamGenerateContent?alt=sse",
      "/v1beta/models/work/gpt-5:streamGenerateContent?alt=sse",
    ],
    ["/v1beta/gemini/gemini-2.5-flash:countTokens", "/v1beta/models/gemini-2.5-flash:countTokens"],
    ["/v1/projects/p/models/x:generateContent", "/v1/projects/p/models/x:generateContent"],
    ["/tunedModels/mine:generateContent", "/v1beta/tunedModels/mine:generateContent"],
    ["/v1beta/cachedContents", "/v1beta/cachedContents"],
    ["/v1beta/models?key=secret&pageSize=3", "/v1beta/models?pageSize=3"],
    ["/v1beta/models?pageSize=3&k%65y=secret", "/v1beta/models?pageSize=3"],
    ["/v1/models?key=a&key=b", "/v1/models"],
    ["/v1/models#x?key=b", "/v1/models"],
    ["/v1/models/gr%C3%BCn", "/v1/models/gr%C3%BCn"],
    ["/v1/models/a%3Fb", "/v1/models/a%3Fb"],
  ])("%s is %s", (url, wanted) => {
    expect(pathOf(url)).toBe(wanted);
  });

  it.each([
    "/v1/../secret",
    "/v1/models/..",
    "/v1/./models",
    "/v1/%2e%2e/secret",
    "/v1/.%2E/secret",
    "/v1/models/a%2F..%2Fb",
    "/v1/models/%252e%252e/b",
    "/v1/models/..%5cb",
    "/v1/models/a\\b",
    "/v1/models/%00",
    "/v1/models/a%0d%0ab",
    "/v1/models/100%",
    "/v1/models/%ff",
    "http://evil.example/v1/models",
    "*",
    "",
    "v1/models",
    `/${"a".repeat(9000)}`,
  ])("refuses %s", (url) => {
    expect(normalizePath(url).ok).toBe(false);
  });

  it.each([
    ["/v1/models?key=abc", "abc"],
    ["/v1/models?key=", ""],
    ["/v1/models?key", ""],
    ["/v1/models?alt=sse&key=a%2Bb", "a+b"],
    ["/v1/models?key=a+b", "a+b"],
    ["/v1/models?key=first&key=second", "first"],
    ["/v1/models?monkey=abc", undefined],
    ["/v1/../x?key=abc", "abc"],
  ])("keeps the key of %s apart: %s", (url, wanted) => {
    expect(normalizePath(url).key).toBe(wanted);
  });

  it("says which family a prefix named", () => {
    const families = ["/v1/models", "/openai/v1/models", "/anthropic/v1/models", "/gemini/v1/models"].map(
      (url) => {
        const path = normalizePath(url);
        return path.ok ? path.family : undefined;
      },
    );
    expect(families).toEqual([undefined, "openai", "anthropic", "gemini"]);
  });

  const part = fc.oneof(
    fc.constantFrom(
      "v1",
      "v1beta",
      "V1",
      "openai",
      "gemini",
      "anthropic",
      "models",
      "tunedModels",
      "healthz",
    ),
    fc.constantFrom(
      "x:generateContent",
      "countTokens",
      "a%2Fb",
      "%2e",
      "chat",
      "completions",
      "?key=1",
      "&b=%zz",
      "",
      "#",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.string({ maxLength: 8 }).map(encodeURIComponent),
  );
  it("gives the same when it is done twice, and never throws", async () => {
    await fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
        const once = normalizePath(`/${parts.join("/")}`);
        if (!once.ok) return;
        const twice = normalizePath(once.path + once.search);
        expect(twice).toMatchObject({
          ok: true,
          path: once.path,
          segments: once.segments,
          search: once.search,
        });
        expect(twice.key).toBeUndefined();
        expect(once.path).not.toMatch(/\/\/|\/\.\.?(\/|$)|[\s\\?#]/);
        for (const method of ["GET", "POST", "DELETE", "PATCH"]) routeOf(method, once);
      }),
      { numRuns: 3000 },
    );
  });
  it("never throws for any text", async () => {
    await fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (url, method) => {
        routeOf(method, normalizePath(url));
      }),
    );
  });
});

const route = (request: string): Route => {
  const [method = "", url = ""] = request.split(" ");
  return routeOf(method, normalizePath(url));
};

/** What a call is about, and where a model called MODEL would be asked. */
const call = (protocol: Protocol, operation: Operation, path: string, more: object = {}) => ({
  kind: "call",
  protocol,
  operation,
  path,
  ...more,
});
const stored = (path: string, what: StoredAction) =>
  call("openai-responses", "response-object", path, { stored: what });

function shown(found: Route): unknown {
  if (found.kind !== "call") return found;
  const { path, modelAt: _modelAt, modelPrefix: _modelPrefix, required: _required, ...rest } = found;
  return { ...rest, path: path("MODEL") };
}

describe("routeOf", () => {
  it.each<[string, unknown]>([
    ["GET /healthz", { kind: "health" }],
    ["HEAD /health", { kind: "health" }],
    ["GET /v1/models", { kind: "models" }],
    ["GET /anthropic/v1/models", { kind: "models", protocol: "anthropic" }],
    ["GET /v1/models/gpt-5", { kind: "models", id: "gpt-5" }],
    ["GET /v1/models/openai/gpt-5:free", { kind: "models", id: "openai/gpt-5:free" }],
    ["GET /v1/models/openai%2Fgpt-5", { kind: "models", id: "openai/gpt-5" }],
    ["POST /v1/chat/completions", call("openai-chat", "chat", "/chat/completions")],
    ["POST /v1/completions", call("openai-chat", "completions", "/completions")],
    ["POST /v1/responses", call("openai-responses", "chat", "/responses")],
    [
      "GET /v1/responses/resp_1",
      stored("/responses/resp_1", { object: "response", action: "get", id: "resp_1" }),
    ],
    [
      "DELETE /v1/responses/resp_1",
      stored("/responses/resp_1", { object: "response", action: "delete", id: "resp_1" }),
    ],
    [
      "POST /v1/responses/resp_1/cancel",
      stored("/responses/resp_1/cancel", { object: "response", action: "cancel", id: "resp_1" }),
    ],
    [
      "GET /responses/resp_1/input_items?limit=2",
      stored("/responses/resp_1/input_items", { object: "response", action: "input_items", id: "resp_1" }),
    ],
    ["POST /v1/responses/input_tokens", call("openai-responses", "count-tokens", "/responses/input_tokens")],
    ["POST /v1/responses/compact", call("openai-responses", "compact", "/responses/compact")],
    ["POST /v1/conversations", stored("/conversations", { object: "conversation", action: "create" })],
    [
      "GET /conversations/conv_1",
      stored("/conversations/conv_1", { object: "conversation", action: "get", id: "conv_1" }),
    ],
    [
      "POST /v1/conversations/conv_1",
      stored("/conversations/conv_1", { object: "conversation", action: "update", id: "conv_1" }),
    ],
    [
      "DELETE /v1/conversations/conv_1",
      stored("/conversations/conv_1", { object: "conversation", action: "delete", id: "conv_1" }),
    ],
    [
      "GET /v1/conversations/conv_1/items?limit=2",
      stored("/conversations/conv_1/items", { object: "conversation", action: "items", id: "conv_1" }),
    ],
    [
      "POST /v1/conversations/conv_1/items",
      stored("/conversations/conv_1/items", { object: "conversation", action: "add", id: "conv_1" }),
    ],
    [
      "GET /v1/conversations/c/items/msg_1",
      stored("/conversations/c/items/msg_1", {
        object: "conversation",
        action: "item",
        id: "c",
        item: "msg_1",
      }),
    ],
    [
      "DELETE /v1/conversations/c/items/m",
      stored("/conversations/c/items/m", {
        object: "conversation",
        action: "delete_item",
        id: "c",
        item: "m",
      }),
    ],
    ["GET /v1/conversations/c/items/m/x", { kind: "unknown", protocol: "openai-responses" }],
    ["GET /v1/conversations/c/other", { kind: "unknown", protocol: "openai-responses" }],
    ["POST /v1/messages?beta=true", call("anthropic", "chat", "/v1/messages")],
    [
      "POST /v1/messages/count_tokens?beta=true",
      call("anthropic", "count-tokens", "/v1/messages/count_tokens"),
    ],
    ["GET /v1beta/models", { kind: "models", protocol: "gemini" }],
    ["GET /gemini/v1/models", { kind: "models", protocol: "gemini" }],
    ["GET /v1beta/models/gemini-3", { kind: "models", protocol: "gemini", id: "gemini-3" }],
    ["GET /v1beta/models/models/gemini-3", { kind: "models", protocol: "gemini", id: "gemini-3" }],
    ["GET /v1beta/tunedModels/a", { kind: "models", protocol: "gemini", id: "tunedModels/a" }],
    [
      "POST /v1/models/x:generateContent",
      call("gemini", "chat", "/v1/models/MODEL:generateContent", { model: "x", stream: false }),
    ],
    [
      "POST /v1alpha/models/x:streamGenerateContent?alt=sse",
      call("gemini", "chat", "/v1alpha/models/MODEL:streamGenerateContent", { model: "x", stream: true }),
    ],
    [
      "POST /v1beta/models/x:countTokens",
      call("gemini", "count-tokens", "/v1beta/models/MODEL:countTokens", { model: "x" }),
    ],
    [
      "POST /v1beta/models/x/countTokens",
      call("gemini", "count-tokens", "/v1beta/models/MODEL:countTokens", { model: "x" }),
    ],
    [
      "POST /v1beta/models/x:embedContent",
      call("gemini", "embeddings", "/v1beta/models/MODEL:embedContent", { model: "x" }),
    ],
    [
      "POST /v1beta/models/x:batchEmbedContents",
      call("gemini", "embeddings", "/v1beta/models/MODEL:batchEmbedContents", { model: "x" }),
    ],
    [
      "POST /v1beta/models/llama3:8b:generateContent",
      call("gemini", "chat", "/v1beta/models/MODEL:generateContent", { model: "llama3:8b", stream: false }),
    ],
    [
      "POST /v1beta/models/sandbox/echo:generateContent",
      call("gemini", "chat", "/v1beta/models/MODEL:generateContent", {
        model: "sandbox/echo",
        stream: false,
      }),
    ],
    [
      "POST /v1beta/tunedModels/a:generateContent",
      call("gemini", "chat", "/v1beta/models/MODEL:generateContent", {
        model: "tunedModels/a",
        stream: false,
      }),
    ],
    ["POST /v1/embeddings", call("openai-chat", "embeddings", "/embeddings")],
    ["POST /openai/images/edits", call("openai-chat", "extra", "/images/edits")],
    ["POST /v1/audio/transcriptions", call("openai-chat", "extra", "/audio/transcriptions")],
    ["POST /v1/moderations", call("openai-chat", "extra", "/moderations")],
    ["GET /v1/chat/completions", { kind: "method_not_allowed", allow: ["POST"], protocol: "openai-chat" }],
    [
      "PUT /v1/responses/r",
      { kind: "method_not_allowed", allow: ["GET", "HEAD", "DELETE"], protocol: "openai-responses" },
    ],
    ["GET /v1/messages", { kind: "method_not_allowed", allow: ["POST"], protocol: "anthropic" }],
    ["DELETE /v1beta/models/x", { kind: "method_not_allowed", allow: ["GET", "HEAD"], protocol: "gemini" }],
    ["GET /v1/models/x:generateContent", { kind: "method_not_allowed", allow: ["POST"], protocol: "gemini" }],
    ["toString /v1/messages", { kind: "method_not_allowed", allow: ["POST"], protocol: "anthropic" }],
    ["POST /v1/chat", { kind: "unknown", protocol: "openai-chat" }],
    ["POST /v1/images", { kind: "unknown", protocol: "openai-chat" }],
    ["POST /v1/responses/a/b/c", { kind: "unknown", protocol: "openai-responses" }],
    ["POST /v1/messages/batches", { kind: "unknown", protocol: "anthropic" }],
    ["GET /v1beta/cachedContents", { kind: "unknown", protocol: "gemini" }],
    [
      "POST /v1beta/models/x:predict",
      { kind: "method_not_allowed", allow: ["GET", "HEAD"], protocol: "gemini" },
    ],
    ["GET /", { kind: "root" }],
    ["GET /v1/healthz/x", { kind: "unknown", protocol: "openai-chat" }],
  ])("%s", (request, wanted) => {
    expect(shown(route(request))).toEqual(wanted);
  });

  it("calls a path it cannot read unreadable", () => {
    expect(route("GET /v1/..")).toMatchObject({ kind: "unreadable" });
  });

  it("knows the protocol of a route, where the path tells", () => {
    expect(protocolOf(route("POST /v1/responses"))).toBe("openai-responses");
    expect(protocolOf(route("POST /v1/messages"))).toBe("anthropic");
    expect(protocolOf(route("POST /v1/embeddings"))).toBe("openai-chat");
    expect(protocolOf(route("GET /v1beta/models"))).toBe("gemini");
    expect(protocolOf(route("GET /v1/models"))).toBeUndefined();
    expect(protocolOf(route("GET /openai/models"))).toBe("openai-chat");
  });

  it("names only paths that exist", () => {
    for (const protocol of PROTOCOLS) {
      for (const known of knownPaths(protocol)) {
        const { kind } = route(known.replaceAll(/\{\w+\}|…/g, "x"));
        expect(["unknown", "unreadable", "method_not_allowed"]).not.toContain(kind);
      }
    }
  });
});
