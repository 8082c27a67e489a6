import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../../src/control/protocol.ts";
import { WIRES } from "../../../../src/gateway/protocols/wires.ts";
import { usageAt } from "../../../../src/gateway/upstream/relay/usageAt.ts";
import { UsageScan } from "../../../../src/gateway/upstream/relay/usageScan.ts";
import fc from "../../../support/property.ts";

/** What one of the protocols counts under, and what nobody does. */
const name = fc.constantFrom(
  ...["usage", "choices", "x_groq", "message", "response", "usageMetadata", "usage_metadata", "text"],
);
const counts = fc.record(
  Object.fromEntries(
    [
      ...["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"],
      ...["promptTokenCount", "candidatesTokenCount", "totalTokenCount"],
    ].map((key) => [key, fc.nat(9999)]),
  ),
  { requiredKeys: [] },
);
const { reply } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    counts,
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  ),
  reply: fc.dictionary(name, tie("value"), { maxKeys: 4 }),
}));

describe("the usage of a whole reply", () => {
  it.each(PROTOCOLS)("is what is found in its bytes: %s", (protocol) => {
    const format = WIRES[protocol].usage;
    fc.assert(
      fc.property(reply, (value) => {
        const scan = new UsageScan(format, undefined);
        scan.push(Buffer.from(JSON.stringify(value)));
        expect(usageAt(format, value)).toEqual(scan.usage);
      }),
    );
  });

  it("is found beside each choice", () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
    const found = usageAt(WIRES["openai-chat"].usage, { choices: [{ usage }] });
    expect(found?.input.total).toBe(7);
    expect(found?.output.total).toBe(3);
  });
});
