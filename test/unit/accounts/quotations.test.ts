import { describe, expect, it } from "vitest";
import { withoutQuotations } from "../../../src/gateway/accounts/quotations.ts";
import fc from "../../support/property.ts";

const MARKS = ['""', "''", "``", "“”", "„“", "‘’", "«»", "‹›", "「」", "『』"];

describe("withoutQuotations", () => {
  it.each([
    ["the rest stays", "no quotes here", "no quotes here"],
    ["double", 'stop: "invalid api key" is too long', 'stop: "" is too long'],
    ["back quotes", "The model `gpt-9` does not exist", "The model `` does not exist"],
    ["single", "Unsupported value: 'has been suspended'.", "Unsupported value: ''."],
    ["curly", "bad “too many requests” here", "bad “” here"],
    [
      "an apostrophe is no quotation",
      "You didn't provide an API key, customers' or ours",
      "You didn't provide an API key, customers' or ours",
    ],
    ["an apostrophe within one", "got 'it doesn't matter' there", "got '' there"],
    ["an escaped mark within one", String.raw`got "he said \"invalid api key\" twice" there`, 'got "" there'],
    ["one that nobody closes", 'unexpected "credit balance is too low …', 'unexpected "'],
    ["another mark within one", 'got "it\'s `odd`" there', 'got "" there'],
    ["JSON", '{"a": "insufficient balance", "b": [1]}', '{"": "", "": [1]}'],
  ])("%s", (_name, text, expected) => {
    expect(withoutQuotations(text)).toBe(expected);
  });

  it("leaves nothing of what stands between marks", () => {
    fc.assert(
      fc.property(fc.constantFrom(...MARKS), fc.stringMatching(/^[a-z ]{1,40}$/), (marks, words) => {
        const [open = "", close = ""] = marks;
        expect(withoutQuotations(`Bad value: ${open}${words}${close}.`)).toBe(`Bad value: ${open}${close}.`);
      }),
    );
  });

  it("never makes a text longer, and takes linear time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
        expect(withoutQuotations(text).length).toBeLessThanOrEqual(text.length);
      }),
    );
    // Of the processor, not of the clock: the machine may be busy.
    const began = process.cpuUsage();
    for (const mark of ["'", '"', "'a", "“", "\\"]) withoutQuotations(mark.repeat(200_000));
    const { user, system } = process.cpuUsage(began);
    expect(user + system).toBeLessThan(5_000_000);
  });
});
