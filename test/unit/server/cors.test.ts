import { describe, expect, it } from "vitest";
import { corsHeaders, preflightReply } from "../../../src/gateway/server/cors.ts";

const origin = "https://app.example.com";

describe("corsHeaders", () => {
  it("names the one origin, never a star, and allows no cookies", () => {
    const headers = corsHeaders(origin);
    expect(headers["access-control-allow-origin"]).toBe(origin);
    expect(headers).not.toHaveProperty("access-control-allow-credentials");
    expect(JSON.stringify(headers)).not.toContain("*");
    expect(headers.vary).toBe("Origin");
  });

  it("exposes what SDKs read, and the reply's own headers of our families", () => {
    const names = ["X-Portico-Account", "x-ratelimit-remaining-tokens", "set-cookie", "x-internal"];
    const exposed = corsHeaders(origin, names)["access-control-expose-headers"]?.split(", ");
    expect(exposed).toEqual(
      expect.arrayContaining([
        "x-request-id",
        "retry-after",
        "x-portico-account",
        "x-ratelimit-remaining-tokens",
      ]),
    );
    expect(exposed).not.toContain("set-cookie");
    expect(exposed).not.toContain("x-internal");
  });
});

describe("preflightReply", () => {
  it("echoes the asked headers that are header names", () => {
    const { status, headers } = preflightReply(origin, {
      "access-control-request-headers": "Authorization, x-api-key ,b@d, content-type,",
    });
    expect(status).toBe(204);
    expect(headers["access-control-allow-headers"]).toBe("authorization, x-api-key, content-type");
    expect(headers["access-control-allow-methods"]).toContain("POST");
    expect(Number(headers["access-control-max-age"])).toBeGreaterThan(0);
    expect(headers.vary).toContain("Origin");
  });

  it("allows no headers where too many are asked for", () => {
    const { headers } = preflightReply(origin, { "access-control-request-headers": "a,".repeat(9000) });
    expect(headers).not.toHaveProperty("access-control-allow-headers");
  });

  it("opens the private network only when asked", () => {
    expect(preflightReply(origin, {}).headers).not.toHaveProperty("access-control-allow-private-network");
    const asked = preflightReply(origin, { "access-control-request-private-network": "true" });
    expect(asked.headers["access-control-allow-private-network"]).toBe("true");
  });
});
