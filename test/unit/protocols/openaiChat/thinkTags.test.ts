/** Reasoning in front of an answer, between tags that may be cut anywhere. */
import { describe, expect, it } from "vitest";
import { ThinkTags, withoutThinkTags } from "../../../../src/gateway/protocols/openaiChat/thinkTags.ts";
import fc from "../../../support/property.ts";

/** What comes of a content that comes in pieces. */
function read(pieces: readonly string[]): { reasoning: string; text: string } {
  const tags = new ThinkTags();
  const out = { reasoning: "", text: "" };
  for (const { kind, text } of [...pieces.flatMap((piece) => tags.push(piece)), ...tags.flush()])
    out[kind] += text;
  expect(tags.over).toBe(true);
  return out;
}

describe("a content", () => {
  it.each([
    ["<think>\nHm.\n</think>\n\nYes.", "Hm.\n", "Yes."],
    ["\n <think>Hm.</think>Yes.", "Hm.", "Yes."],
    ["<think>\n\n</think>\n\nYes.", "", "Yes."],
    ["<think>a </thin> b</think>Yes <think>no</think>", "a </thin> b", "Yes <think>no</think>"],
    ["Yes. <think>Hm.</think>", "", "Yes. <think>Hm.</think>"],
    ["  Yes.", "", "  Yes."],
    ["<thinking>Hm.", "", "<thinking>Hm."],
    ["<thi", "", "<thi"],
    [" \n", "", " \n"],
    ["<think>cut off </thi", "cut off </thi", ""],
    ["<think>Hm.</think>\n", "Hm.", ""],
    [`${" ".repeat(65)}<think>`, "", `${" ".repeat(65)}<think>`],
    ["", "", ""],
  ])("%j", (content, reasoning, text) => {
    expect(read([content])).toEqual({ reasoning, text });
    expect(read([...content])).toEqual({ reasoning, text });
    expect(withoutThinkTags(content)).toEqual([
      ...(reasoning === "" ? [] : [{ type: "reasoning", text: reasoning }]),
      ...(text === "" ? [] : [{ type: "text", text }]),
    ]);
  });

  it("says the same however it is cut, and waits no longer than it must", () => {
    const word = fc.constantFrom(
      "<think>",
      "</think>",
      "<",
      "thi",
      "nk>",
      "</",
      " ",
      "\n",
      "Hm",
      "é🌍",
      "a<b",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.boolean()), { maxLength: 12 }), (words) => {
        const content = words.map(([text]) => text).join("");
        const pieces: string[] = [];
        for (const [text, cut] of words) {
          if (cut || pieces.length === 0) pieces.push(text);
          else pieces.push((pieces.pop() ?? "") + text);
        }
        const whole = read([content]);
        expect(read(pieces)).toEqual(whole);
        if (!content.trimStart().startsWith("<think>"))
          expect(whole).toEqual({ reasoning: "", text: content });
      }),
    );
  });

  it("goes through at once as soon as it is the answer", () => {
    const tags = new ThinkTags();
    expect(tags.push("Y")).toEqual([{ kind: "text", text: "Y" }]);
    expect(tags.over).toBe(true);
    expect(tags.push("<think>")).toEqual([{ kind: "text", text: "<think>" }]);
  });
});
