import { describe, expect, it } from "vitest";
import { readerOf } from "../../../src/control/languages.ts";

describe("the language that somebody reads", () => {
  it.each([
    [["ko-KR", "en"], "ko", "ko-KR"],
    [["ko-u-hc-h23"], "ko", "ko-u-hc-h23"],
    [["zh-CN", "zh", "en"], "zh-cn", "zh-CN"],
    [["zh"], "zh-cn", "zh"],
    [["zh-Hans-SG"], "zh-cn", "zh-Hans-SG"],
    [["en-GB", "ko"], "en", "en-GB"],
    // The best that there is.
    [["fr-CA", "ko", "en"], "ko", "ko"],
    // Traditional Chinese is no simplified Chinese.
    [["zh-TW", "en-US"], "en", "zh-TW"],
    [["zh-HK"], "en", "zh-HK"],
    // Without a translation: English words, with numbers as they are used to.
    [["de-CH", "fr"], "en", "de-CH"],
    [["no tag at all", "ko"], "ko", "ko"],
    [[], "en", "en"],
  ] as const)("is, of %j, %s, with numbers of %s", (tags, language, locale) => {
    expect(readerOf(tags)).toEqual({ language, locale });
  });

  it.each([
    ["ko", ["en-US", "de"], "ko"],
    ["ko", ["en-US", "ko-KR"], "ko-KR"],
    ["en", ["zh-CN", "en-AU"], "en-AU"],
    ["en", ["zh-CN"], "en"],
    ["zh-cn", ["de"], "zh-CN"],
  ] as const)("is what was chosen: %s before %j, with numbers of %s", (wanted, tags, locale) => {
    expect(readerOf(tags, wanted)).toEqual({ language: wanted, locale });
  });
});
