/** The words of recorded replies, of every protocol. */
import { describe, expect, it } from "vitest";
import { answerText } from "../../src/webviews/pages/monitor/answerText.ts";
import fc from "../support/property.ts";
import { REPLIES, STREAMS } from "../support/replies.ts";

describe("the words of a recorded reply", () => {
  it.each(Object.keys(REPLIES) as (keyof typeof REPLIES)[])(
    "of %s, whole and streamed, are the same",
    (protocol) => {
      expect(answerText(JSON.stringify(REPLIES[protocol]))).toBe("Hello wörld");
      const text = STREAMS[protocol].join("");
      expect(answerText(text)).toBe("Hello wörld");
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
    const output = [
      {
        type: "reasoning",
        summary: [{ type: "summary_text", text: "in short" }],
        content: [{ type: "reasoning_text", text: "hm" }],
      },
      { type: "message", content: [{ type: "output_text", text: "yes" }] },
    ];
    expect(answerText(JSON.stringify({ output }))).toBe("yes");
    const streamed = [
      { type: "response.reasoning_text.delta", delta: "hm" },
      { type: "response.output_text.delta", delta: "yes" },
      { type: "response.completed", response: { output } },
    ];
    expect(answerText(streamed.map((event) => `data: ${JSON.stringify(event)}`).join("\n\n"))).toBe("yes");
  });

  it("never fail", () => {
    fc.assert(fc.property(fc.json(), (json) => void answerText(json)));
    fc.assert(fc.property(fc.string(), (text) => void answerText(`data: ${text}`)));
  });
});
