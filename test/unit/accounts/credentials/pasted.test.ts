import { describe, expect, it } from "vitest";
import { MAX_PASTED, parsePasted } from "../../../../src/gateway/accounts/credentials/pasted.ts";

const client = { clientId: "client", clientSecret: "secret" };
const TOKEN = "1//0aBcDeFgHiJkLmNoPqRsTuVwXyZ";
const PEM = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n";

const wrong = (text: string) => parsePasted(text, client).problems;

describe("pasted credentials", () => {
  it("are tokens, a line each, with what is wrong at its line", () => {
    const { found, problems } = parsePasted(
      `# mine\n${TOKEN}\n\nshort\n${TOKEN}x \r\n${TOKEN}\n a b c d e f g h i j k l`,
      client,
    );
    expect(found.map(({ place }) => place)).toEqual(["line 2", "line 5"]);
    expect(found[0]?.credential).toEqual({ kind: "googleOAuth", ...client, refreshToken: TOKEN, scopes: [] });
    expect(problems).toEqual([
      { place: "line 4", message: "is too short for a refresh token" },
      { place: "line 7", message: "has a space as character 2: no key has one; copy it again" },
      { place: "line 6", message: "is the same as line 2" },
    ]);
    expect(JSON.stringify(problems)).not.toContain("a b c");
  });

  it("are JSON lists, with the client given once or for each", () => {
    const list = [
      { email: "a@example.com", refresh_token: TOKEN },
      { refresh_token: `${TOKEN}2`, client_id: "own" },
      { email: "b@example.com" },
      `${TOKEN}3`,
      7,
    ];
    const { found, problems } = parsePasted(JSON.stringify(list), client);
    expect(found.map(({ credential }) => credential)).toMatchObject([
      { email: "a@example.com", clientId: "client", clientSecret: "secret" },
      { clientId: "own" },
      { refreshToken: `${TOKEN}3` },
    ]);
    expect(found[1]?.credential).not.toHaveProperty("clientSecret");
    expect(problems).toEqual([
      { place: "entry 3", message: "refresh_token is missing" },
      { place: "entry 5", message: "is neither an object nor a token" },
    ]);
  });

  it("are Google's files", () => {
    const user = {
      type: "authorized_user",
      client_id: "theirs",
      client_secret: "s",
      refresh_token: TOKEN,
      quota_project_id: "project-1",
      universe_domain: "googleapis.com",
    };
    const service = {
      type: "service_account",
      client_email: "robot@project-2.iam.gserviceaccount.com",
      private_key: PEM,
      project_id: "project-2",
      token_uri: "https://evil.example/token",
    };
    const { found, problems } = parsePasted(JSON.stringify([user, service]), undefined);
    expect(problems).toEqual([]);
    expect(found).toMatchObject([
      { project: "project-1", credential: { clientId: "theirs", quotaProject: "project-1" } },
      { project: "project-2", credential: { kind: "serviceAccount" } },
    ]);
    // Where an assertion goes is not for a pasted file to say.
    expect(JSON.stringify(found)).not.toContain("evil");
    expect(parsePasted(JSON.stringify(user), undefined).found[0]?.place).toBe("the file");
  });

  it("are refused with what to do instead", () => {
    expect(parsePasted(TOKEN, undefined).problems).toEqual([
      { place: "line 1", message: expect.stringContaining("OAuth client") },
    ]);
    expect(wrong('{"installed":{"client_id":"x"}}')[0]?.message).toContain("sign in with Google");
    expect(wrong('{"type":"external_account"}')[0]?.message).toContain('"external_account"');
    expect(wrong('{"type":"service_account","client_email":"a@b.c","private_key":"none"}')[0]?.message).toBe(
      "private_key must be a PEM private key",
    );
    expect(wrong(`{"refresh_token":"${TOKEN}"`)[0]?.message).toContain("whole file");
    expect(wrong("")[0]?.message).toBe("is empty");
    expect(wrong("[]")[0]?.message).toBe("is an empty list");
    const many = Array.from({ length: MAX_PASTED + 1 }, (_, index) => `${TOKEN}${index}`).join("\n");
    expect(parsePasted(many, client)).toMatchObject({ found: [], problems: [{ place: "the text" }] });
  });
});
