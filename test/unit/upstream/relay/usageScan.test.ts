import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../../src/control/protocol.ts";
import type { Framing } from "../../../../src/gateway/protocols/codec.ts";
import { usageIn } from "../../../../src/gateway/protocols/wire.ts";
import { WIRES } from "../../../../src/gateway/protocols/wires.ts";
import { UsageScan } from "../../../../src/gateway/upstream/relay/usageScan.ts";
import fc from "../../../support/property.ts";
import { DIALECTS, USAGE_KEY } from "../../../support/usage/dialects.ts";

/** The usage found in bytes that come in pieces, cut at the given places. */
function scan(
  protocol: Protocol,
  text: string | Buffer,
  cuts: readonly number[] = [],
  framing: Framing | undefined = String(text).startsWith("data:") ? "sse" : undefined,
) {
  const found = new UsageScan(WIRES[protocol].usage, framing);
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
          numbers: [
            [1, -2.5, "]"],
            [-3, { a: 4 }],
            [5, 6, [7]],
            [8, 9e-7],
          ],
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
    expect(scan("anthropic", events.map((data) => `data: ${data}\n\n`).join(""))).toEqual({
      input: { total: 10, uncached: 3, cacheRead: 7, cacheWrite: 0 },
      output: { total: 9, reasoning: 4 },
    });
  });

  it("is read from an event of several data lines", () => {
    expect(
      scan("openai-chat", 'data: {"usage":{\ndata:  "prompt_tokens":4,\r\ndata: "completion_tokens":2}}\n\n'),
    ).toMatchObject({ input: { total: 4 }, output: { total: 2 } });
  });

  it.each<[Protocol, string, object]>([
    [
      "gemini",
      "arguments of a tool",
      { candidates: [{ content: { parts: [{ functionCall: { name: "f", args: "HERE" } }] } }] },
    ],
    ["anthropic", "input of a tool", { content: [{ type: "tool_use", input: "HERE" }] }],
    [
      "anthropic",
      "input of a tool, in a stream",
      { type: "content_block_start", content_block: { input: "HERE" } },
    ],
    ["openai-responses", "a tool that is echoed", { tools: [{ parameters: { properties: "HERE" } }] }],
    ["openai-responses", "an item of a stream", { type: "x", item: { arguments: "HERE" } }],
    ["openai-chat", "arguments that are an object", { choices: [{ message: { arguments: "HERE" } }] }],
    ["openai-chat", "a delta", { choices: [{ delta: "HERE" }] }],
    ["gemini", "grounding", { candidates: [{ groundingMetadata: "HERE" }] }],
  ])("is %s's own, and not what stands in its content: %s", (protocol, _name, around) => {
    const key = USAGE_KEY[protocol];
    const [dialect] = DIALECTS.filter((each) => each.protocol === protocol);
    const { counts, usage } = dialect ?? {};
    const wrong = {
      [key]: {
        prompt_tokens: 9,
        input_tokens: 9,
        output_tokens: 9,
        promptTokenCount: 9,
        completion_tokens: 9,
      },
      usage_metadata: { promptTokenCount: 9 },
      response: { usage: { input_tokens: 9 } },
      message: { usage: { input_tokens: 9 } },
    };
    const hollow = JSON.stringify(around).replace('"HERE"', JSON.stringify(wrong));
    const told = JSON.stringify({ ...JSON.parse(hollow), [key]: counts });
    const before = JSON.stringify({ [key]: counts, ...JSON.parse(hollow) });
    fc.assert(
      fc.property(cuts, fc.boolean(), (cuts, crlf) => {
        const events = (texts: readonly string[]) => {
          const stream = texts.map((text) => `event: usage\ndata: ${text}\n\n`).join("");
          return crlf ? stream.replaceAll("\n", "\r\n") : stream;
        };
        for (const text of [told, before]) expect(scan(protocol, text, cuts)).toEqual(usage);
        expect(scan(protocol, hollow, cuts)).toBeUndefined();
        expect(scan(protocol, `[${hollow},\n${told},${hollow}]`, cuts, "json-array")).toEqual(usage);
        expect(scan(protocol, events([hollow, hollow]), cuts, "sse")).toBeUndefined();
        expect(scan(protocol, events([hollow, told, hollow]), cuts, "sse")).toEqual(usage);
      }),
      { numRuns: 40 },
    );
  });

  it("is found behind lines that are no JSON", () => {
    const odd =
      ': a "comment {\n\ndata: it\'s "odd {[\n\nevent: "{\r\rid: [\rdata: {"usage":{"input_tokens":4}}\n\n';
    fc.assert(
      fc.property(cuts, (cuts) => {
        expect(scan("openai-responses", odd, cuts, "sse")?.input.total).toBe(4);
      }),
    );
    expect(
      scan("openai-chat", Buffer.from([0xff, 0xfb, ...Buffer.from('{"usage":{"prompt_tokens":4}}')])),
    ).toBe(undefined);
  });

  it("says nothing where the reply says nothing or is torn", () => {
    expect(scan("openai-chat", "data: [DONE]")).toBeUndefined();
    expect(scan("openai-chat", '"usage":{"prompt_tokens":1')).toBeUndefined();
    expect(scan("openai-chat", '{"usage":"none","x":"usage"}')).toBeUndefined();
    expect(scan("openai-responses", '"usage":{"input_tokens":"many"}')).toBeUndefined();
  });

  it("holds no more than a bounded part, and finds what follows an endless object", () => {
    const found = new UsageScan(WIRES["openai-chat"].usage, undefined);
    found.push(Buffer.from('{"usage":{"a":"'));
    for (let piece = 0; piece < 1000; piece++) found.push(Buffer.alloc(1024, 0x61));
    found.push(Buffer.from('"}} {"usage":{"prompt_tokens":4,"completion_tokens":2}}'));
    expect(found.usage?.input.total).toBe(4);
    const nested = new UsageScan(WIRES["openai-chat"].usage, undefined);
    nested.push(Buffer.from('{"usage":'));
    for (let piece = 0; piece < 1000; piece++) nested.push(Buffer.alloc(1024, "["));
    nested.push(Buffer.from(`{"usage":{"prompt_tokens":4}}${"]".repeat(1024 * 1000)},"b":`));
    expect(nested.usage).toBeUndefined();
    nested.push(Buffer.from('0,"usage":{"prompt_tokens":4}}'));
    expect(nested.usage?.input.total).toBe(4);
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
