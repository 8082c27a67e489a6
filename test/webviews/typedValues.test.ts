/** What the wizard makes of a typed address, of headers and of models, as data. */
import { describe, expect, it } from "vitest";
import {
  addressProblem,
  endpointsAt,
  readHeaders,
  readModels,
} from "../../src/webviews/pages/accounts/add/baseUrl.ts";

describe("endpointsAt", () => {
  it.each([
    ["http://127.0.0.1:9911", "http://127.0.0.1:9911/v1", "http://127.0.0.1:9911"],
    [" http://127.0.0.1:9911/v1// ", "http://127.0.0.1:9911/v1", "http://127.0.0.1:9911"],
    ["https://me.example.com/openai/v1", "https://me.example.com/openai/v1", "https://me.example.com/openai"],
  ])("of %s", (address, openai, anthropic) => {
    expect(endpointsAt(address, ["openai-chat", "anthropic"])).toEqual({ "openai-chat": openai, anthropic });
  });
});

describe("addressProblem", () => {
  it.each([
    ["", /^The address of the server/],
    ["127.0.0.1:9911", /^It starts with/],
    ["http://", /^This is not/],
    ["https://me:secret@example.com", /^Leave user name/],
    ["https://example.com/v1?key=1", /^Leave out/],
  ])("of %j", (address, problem) => {
    expect(addressProblem(address)).toMatch(problem);
  });

  it("has nothing against an address", () => {
    expect(addressProblem("https://example.com/v1")).toBeUndefined();
  });
});

describe("readHeaders", () => {
  it("reads a line each, and says which is none", () => {
    expect(readHeaders("X-Team: blue\n\n X-Token :  abc def ")).toEqual({
      ok: true,
      headers: { "X-Team": "blue", "X-Token": "abc def" },
    });
    expect(readHeaders("X-Team: blue\nnonsense")).toMatchObject({
      ok: false,
      problem: expect.stringContaining("2"),
    });
  });
});

describe("readModels", () => {
  it("parts them at commas and spaces", () => {
    expect(readModels(" a, b\nc-* ,")).toEqual(["a", "b", "c-*"]);
  });
});
