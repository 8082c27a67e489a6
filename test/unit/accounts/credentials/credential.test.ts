import { describe, expect, it } from "vitest";
import { cleanKey } from "../../../../src/control/pastedText.ts";
import {
  type Credential,
  decodeCredential,
  encodeCredential,
  fingerprint,
  secretsIn,
} from "../../../../src/gateway/accounts/credentials/credential.ts";
import { headersProblem, headersSchema } from "../../../../src/gateway/settings/accountHeaders.ts";
import fc from "../../../support/property.ts";

const google: Credential = {
  kind: "googleOAuth",
  clientId: "client",
  clientSecret: "client-secret",
  refreshToken: "refresh-token",
  accessToken: "access-token",
  expiresAt: 1,
  scopes: ["a"],
};

describe("a stored credential", () => {
  it("is a plain key where it is no more than that, as older versions kept it", () => {
    expect(encodeCredential({ kind: "apiKey", apiKey: "sk-1" })).toBe("sk-1");
    expect(decodeCredential("sk-1")).toEqual({ kind: "apiKey", apiKey: "sk-1" });
  });

  it("survives being kept, whatever it is", () => {
    const all: Credential[] = [
      google,
      { kind: "apiKey", headers: { "x-team": "a" } },
      { kind: "apiKey", apiKey: "k", headers: { "x-team": "a" } },
    ];
    for (const credential of all) expect(decodeCredential(encodeCredential(credential))).toEqual(credential);
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{1,200}$/).map(cleanKey), (apiKey) => {
        fc.pre(apiKey !== "");
        expect(decodeCredential(encodeCredential({ kind: "apiKey", apiKey }))).toEqual({
          kind: "apiKey",
          apiKey,
        });
      }),
    );
  });

  it("is not understood when it is newer or damaged, and is never quoted", () => {
    const newer = JSON.stringify({ portico: "credential", version: 2, kind: "new", apiKey: "hidden-1" });
    const damaged = JSON.stringify({
      portico: "credential",
      version: 1,
      kind: "googleOAuth",
      refreshToken: "",
    });
    expect(() => decodeCredential(newer)).toThrow(/newer Portico/);
    expect(() => decodeCredential(damaged)).toThrow(/damaged/);
    for (const text of [newer, damaged]) expect(() => decodeCredential(text)).not.toThrow(/hidden/);
  });

  it("names every secret in it", () => {
    expect(secretsIn(encodeCredential(google))).toEqual(
      expect.arrayContaining(["client-secret", "refresh-token", "access-token"]),
    );
    expect(secretsIn("sk-1")).toContain("sk-1");
  });

  it("has a fingerprint that renewal leaves as it is", () => {
    const email = { ...google, email: "a@example.com" };
    expect(fingerprint({ ...email, accessToken: "other", refreshToken: "rotated" })).toBe(fingerprint(email));
    expect(fingerprint({ ...email, email: "b@example.com" })).not.toBe(fingerprint(email));
    expect(fingerprint({ kind: "apiKey", apiKey: "a" })).not.toBe(
      fingerprint({ kind: "apiKey", apiKey: "b" }),
    );
  });
});

describe("headers of one's own", () => {
  it("have names and values that HTTP knows, in lower case", () => {
    expect(headersSchema.parse({ "X-Team": "a b" })).toEqual({ "x-team": "a b" });
    for (const bad of [
      { Host: "x" },
      { "a b": "x" },
      { a: "x\r\ny: z" },
      { a: "é" },
      { "Content-Length": "1" },
    ]) {
      expect(headersSchema.safeParse(bad).success).toBe(false);
    }
  });

  it("are for servers of one's own, and never a second credential", () => {
    expect(headersProblem({ "x-team": "a" }, { provider: "openai", hasKey: true })).toContain("custom");
    expect(headersProblem({ authorization: "Basic x" }, { provider: "custom", hasKey: true })).toContain(
      "not both",
    );
    expect(
      headersProblem({ authorization: "Basic x" }, { provider: "custom", hasKey: false }),
    ).toBeUndefined();
    expect(
      headersProblem({ authorization: "a", "api-key": "b" }, { provider: "custom", hasKey: false }),
    ).toContain("one");
    expect(headersProblem(undefined, { provider: "openai", hasKey: true })).toBeUndefined();
  });
});
