/** The words of recorded replies, of every protocol. */
import { describe, expect, it } from "vitest";
import { answerText } from "../../src/webviews/pages/monitor/answerText.ts";
import fc from "../support/property.ts";
import { REPLIES, STREAMS } from "../support/replies.ts";

describe("the words of a recorded reply", () => {
  it.each(Object.keys(REPLIES) as (keyof typeof REPLIES)[])(
    "of %s, whole and streamed, are the same kind of text",
    (protocol) => {
      const whole = answerText(JSON.stringify(REPLIES[protocol]));
      expect(whole).toMatch(/\w/);
      const text = STREAMS[protocol].join("");
      expect(answerText(text)).toMatch(/\w/);
      // Cut in the middle, as the cap of recording may.
      expect(() => answerText(text.slice(0, text.length / 2))).not.toThrow();
    },
  );

  it("are none where there are none", () => {
    for (const text of [
      "",
      "{}",
      "not json",
      "[1,2]",
      "data: [DONE]\n\n",
      '{"choices":[{"message":{"content":null}}]}',
    ])
      expect(answerText(text)).toBeUndefined();
  });

  it("leave out what the model thought", () => {
    const content = [
      { type: "thinking", text: "hm" },
      { type: "text", text: "yes" },
    ];
    expect(answerText(JSON.stringify({ content }))).toBe("yes");
  });

  it("never fail", () => {
    fc.assert(fc.property(fc.json(), (json) => void answerText(json)));
    fc.assert(fc.property(fc.string(), (text) => void answerText(`data: ${text}`)));
  });
});
