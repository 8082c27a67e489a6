/** Every request to a provider is built in one place: address, headers, one credential, body. */
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Account } from "../../../src/gateway/providers/account.ts";
import { endpoint } from "../../../src/gateway/providers/endpoints.ts";
import { PROVIDERS } from "../../../src/gateway/providers/providers.ts";
import { KEPT_URLS, providerRequest } from "../../../src/gateway/upstream/providerRequest.ts";

const account: Account = {
  id: "a",
  label: "Work",
  provider: PROVIDERS.custom,
  priority: 0,
  enabled: true,
  endpoints: new Map([
    ["anthropic", { ...endpoint("anthropic", undefined), base: "https://example.test/base" }],
  ]),
  models: undefined,
  proxy: undefined,
  key: () => Promise.resolve(undefined),
};
const at = { account, protocol: "anthropic" } as const;
const pairs = (headers: readonly string[]) =>
  headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []));

describe("a provider's request", () => {
  it("has a client's bytes, query and headers, but our credential", () => {
    const body = Buffer.from('{"model" : "m"}');
    const sent = providerRequest(
      at,
      {
        path: "/v1/messages",
        method: "POST",
        search: "?beta=true",
        headers: ["X-Api-Key", "the client's", "Anthropic-Beta", "b", "Content-Type", "application/json"],
        body,
      },
      "ours",
    );
    expect(sent.url.href).toBe("https://example.test/base/v1/messages?beta=true");
    expect(sent.body).toBe(body);
    expect(sent.key).toBe("ours");
    expect(pairs(sent.headers)).toContainEqual(["anthropic-beta", "b"]);
    expect(pairs(sent.headers).filter(([name]) => name === "x-api-key")).toEqual([["x-api-key", "ours"]]);
    expect(pairs(sent.headers).filter(([name]) => name === "content-type")).toHaveLength(1);
  });

  it.each([
    [false, "application/json"],
    [true, "text/event-stream"],
  ])("of ours has JSON and says what it takes (stream: %s)", (stream, accept) => {
    const sent = providerRequest(at, { path: "/v1/messages", json: { a: "ä" }, stream }, undefined);
    expect(sent).toMatchObject({ method: "POST", key: undefined });
    expect(sent.body?.toString()).toBe('{"a":"ä"}');
    expect(pairs(sent.headers)).toContainEqual(["accept", accept]);
    expect(pairs(sent.headers)).toContainEqual(["content-type", "application/json"]);
  });

  it("of ours that has none only asks", () => {
    const sent = providerRequest(at, { path: "/v1/models?limit=9" }, "ours");
    expect(sent).toMatchObject({ method: "GET", body: null });
    expect(sent.url.href).toBe("https://example.test/base/v1/models?limit=9");
    expect(pairs(sent.headers).map(([name]) => name)).not.toContain("content-type");
  });

  it("is in the provider's own spelling", () => {
    const path = (documented: string) => `/other${documented}`;
    const other = { ...account, provider: { ...PROVIDERS.custom, path } };
    const sent = providerRequest({ ...at, account: other }, { path: "/v1/models" }, undefined);
    expect(sent.url.pathname).toBe("/base/other/v1/models");
  });

  it("has one address for each place, of so many and no more; of ids there is no end", () => {
    const get = (path: string) => providerRequest(at, { path }, undefined).url;
    const models = get("/v1/models");
    for (let count = 0; count < 2 * KEPT_URLS; count++) {
      get(`/v1/responses/resp_${String(count).padStart(24, "0")}`);
    }
    expect(get("/v1/models")).toBe(models);
    for (let count = 0; count < KEPT_URLS; count++) get(`/v1/models?page=${count}`);
    expect(get("/v1/models")).not.toBe(models);
    expect(get("/v1/models").href).toBe(models.href);
  });

  it("is none where there is no such endpoint", () => {
    expect(() => providerRequest({ account, protocol: "gemini" }, { path: "/" }, undefined)).toThrow(
      "Work has no gemini endpoint.",
    );
  });
});

it("nothing else puts a credential into headers for a provider", async () => {
  const src = resolve(import.meta.dirname, "../../../src");
  const users: string[] = [];
  for await (const file of glob("**/*.ts", { cwd: src })) {
    if (readFileSync(join(src, file), "utf8").includes("providerHeaders(")) users.push(file);
  }
  expect(users.map((file) => file.replaceAll("\\", "/")).sort()).toEqual([
    "gateway/upstream/headers.ts",
    "gateway/upstream/providerRequest.ts",
  ]);
});
