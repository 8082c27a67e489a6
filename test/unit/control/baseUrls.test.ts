import { describe, expect, it } from "vitest";
import { baseUrlProblem, endpointsOf } from "../../../src/control/baseUrls.ts";

describe("an address that a person types", () => {
  it.each(["http://127.0.0.1:8000/v1", " https://host.example/deep/path/ ", "HTTP://h"])(
    "takes %s",
    (text) => {
      expect(baseUrlProblem(text)).toBeUndefined();
    },
  );

  it.each([
    ["", /address/],
    ["host:80", /http:\/\//],
    ["ftp://h", /http:\/\//],
    ["http://", /complete/],
    ["http://me:secret@h/v1", /key comes next/],
    ["http://h/v1?x=1", /\?/],
  ])("says what is wrong with %j", (text, words) => {
    expect(baseUrlProblem(text)).toMatch(words);
  });

  it.each([
    ["http://h:1", "http://h:1/v1", "http://h:1"],
    ["http://h:1/", "http://h:1/v1", "http://h:1"],
    ["http://h:1/v1", "http://h:1/v1", "http://h:1"],
    ["http://h:1/v1//", "http://h:1/v1", "http://h:1"],
    ["http://h/api/v1", "http://h/api/v1", "http://h/api"],
    ["http://h/custom", "http://h/custom", "http://h/custom"],
    ["https://me.example.com/openai/v1", "https://me.example.com/openai/v1", "https://me.example.com/openai"],
    ["“http://h:1/v1/chat/completions”", "http://h:1/v1", "http://h:1"],
  ])("%s is where each protocol expects it", (typed, openai, others) => {
    expect(endpointsOf(typed, ["openai-chat", "openai-responses", "anthropic", "gemini"])).toEqual({
      "openai-chat": openai,
      "openai-responses": openai,
      anthropic: others,
      gemini: others,
    });
  });
});
