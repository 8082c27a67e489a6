import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../../src/control/protocol.ts";
import { usageIn } from "../../../../src/gateway/protocols/wire.ts";
import { WIRES } from "../../../../src/gateway/protocols/wires.ts";
import { UsageScan } from "../../../../src/gateway/upstream/relay/usageScan.ts";
import fc from "../../../support/property.ts";
import { DIALECTS, USAGE_KEY } from "../../../support/usage/dialects.ts";

/** The usage found in bytes that come in pieces, cut at the given places. */
function scan(protocol: (typeof PROTOCOLS)[number], text: string | Buffer, cuts: readonly number[] = []) {
  const found = new UsageScan(WIRES[protocol].usage);
  const bytes = Buffer.from(text);
  let at = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    found.push(bytes.subarray(at, cut));
    at = cut;
  }
  return found.usage;
}

const cuts = fc.array(fc.nat(100_000), { maxLength: 20 });

describe("the usage of a reply", () => {
  it.each(DIALECTS)("$protocol, $name", ({ protocol, counts, usage }) => {
    expect(usageIn(WIRES[protocol].usage, counts)).toEqual(usage);
    fc.assert(
      fc.property(cuts, fc.nat(60_000), fc.nat(60_000), fc.boolean(), (cuts, before, behind, pretty) => {
        const body = {
          text: `a quoted "${USAGE_KEY[protocol]}": {"prompt_tokens": 1} €${"x".repeat(before)}`,
          [USAGE_KEY[protocol]]: counts,
          content: [`${"y".repeat(behind)} \\"usage\\": {`],
        };
        expect(scan(protocol, JSON.stringify(body, undefined, pretty ? 2 : 0), cuts)).toEqual(usage);
      }),
      { numRuns: 30 },
    );
  });

  it("is what the last object says, where each restates it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }), cuts, (outputs, cuts) => {
        const events = outputs.map(
          (output) => `data: {"usage":{"prompt_tokens":5,"completion_tokens":${output}}}\n\n`,
        );
        const found = scan("openai-chat", [...events, 'data: {"usage":null}\n\n'].join(""), cuts);
        expect(found?.output.total).toBe(outputs.at(-1));
      }),
    );
  });

  it("is not taken from objects that count nothing", () => {
    const sse = [
      '{"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":3}}',
      ...Array.from({ length: 40 }, () => '{"usageMetadata":{"trafficType":"ON_DEMAND"}}'),
    ].map((data) => `data: ${data}\n\n`);
    expect(scan("gemini", sse.join(""))?.output.total).toBe(3);
    const tool =
      '{"tools":[{"parameters":{"properties":{"usage":{"type":"object","properties":{"a":{"type":"string"}}}}}}]}';
    expect(scan("openai-responses", tool)).toBeUndefined();
  });

  it("adds up over the events of a stream of Anthropic's", () => {
    const events = [
      '{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":7,"output_tokens":1}}}',
      '{"type":"message_delta","usage":{"input_tokens":0,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}',
    ];
    expect(scan("anthropic", events.join("\n\n"))).toEqual({
      input: { total: 10, uncached: 3, cacheRead: 7, cacheWrite: 0 },
      output: { total: 9, reasoning: 4 },
    });
  });

  it("is read from an event of several data lines", () => {
    expect(
      scan("openai-chat", 'data: {"usage":{\ndata:  "prompt_tokens":4,\r\ndata: "completion_tokens":2}}\n\n'),
    ).toMatchObject({ input: { total: 4 }, output: { total: 2 } });
  });

  it("says nothing where the reply says nothing or is torn", () => {
    expect(scan("openai-chat", "data: [DONE]")).toBeUndefined();
    expect(scan("openai-chat", '"usage":{"prompt_tokens":1')).toBeUndefined();
    expect(scan("openai-chat", '{"usage":"none","x":"usage"}')).toBeUndefined();
    expect(scan("openai-responses", '"usage":{"input_tokens":"many"}')).toBeUndefined();
  });

  it("holds no more than a bounded part, and finds what follows an endless object", () => {
    const found = new UsageScan(WIRES["openai-chat"].usage);
    found.push(Buffer.from('{"usage":{"a":"'));
    for (let piece = 0; piece < 1000; piece++) found.push(Buffer.alloc(1024, 0x61));
    found.push(Buffer.from('"}} {"usage":{"prompt_tokens":4,"completion_tokens":2}}'));
    expect(found.usage?.input.total).toBe(4);
    const spaces = new UsageScan(WIRES["openai-chat"].usage);
    spaces.push(Buffer.from('{"usage"'));
    for (let piece = 0; piece < 1000; piece++) spaces.push(Buffer.alloc(1024, 0x20));
    spaces.push(Buffer.from(' :{"prompt_tokens":4}'));
    expect(spaces.usage).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), cuts, (head, tail, cuts) => {
        for (const protocol of PROTOCOLS) {
          scan(protocol, `${head}"${USAGE_KEY[protocol]}":{${tail}`, cuts);
          scan(
            protocol,
            JSON.stringify({ [USAGE_KEY[protocol]]: { [head]: tail, input_tokens: head } }),
            cuts,
          );
        }
      }),
    );
  });
});

describe("counts that are no numbers", () => {
  it("are passed over, whatever they are", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const protocol of PROTOCOLS) usageIn(WIRES[protocol].usage, value, { usage: value });
      }),
    );
  });
});
