/** What the wizard makes of typed headers and models, as data. */
import { describe, expect, it } from "vitest";
import { readHeaders, readModels } from "../../src/webviews/pages/accounts/add/typedValues.ts";

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
