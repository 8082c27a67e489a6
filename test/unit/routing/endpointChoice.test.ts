import { describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../../src/control/protocol.ts";
import { CONTENT, type Feature, type Features } from "../../../src/gateway/protocols/features.ts";
import { WIRES } from "../../../src/gateway/protocols/wires.ts";
import { chooseEndpoint, type EndpointLosses } from "../../../src/gateway/routing/endpointChoice.ts";
import { TRANSLATION_ORDER } from "../../../src/gateway/routing/route.ts";
import fc from "../../support/property.ts";

const choose = (
  provider: string,
  model: string,
  protocols: readonly Protocol[],
  features: readonly Feature[],
  kept?: Protocol,
) => {
  const brought: Features = new Set<Feature>(["answer", ...features]);
  const endpoints = TRANSLATION_ORDER.filter((each) => protocols.includes(each)).map((protocol) => ({
    protocol,
    lost: WIRES[protocol].losses(brought, { provider, model }),
  }));
  return chooseEndpoint(endpoints, kept);
};
const OPENAI = ["openai-chat", "openai-responses"] as const;
const GEMINI = ["gemini", "openai-chat"] as const;

describe("the endpoint that loses least", () => {
  it.each<[string, string, readonly Protocol[], readonly Feature[], Protocol]>([
    ["openai", "gpt-4.1", OPENAI, [], "openai-responses"],
    ["openai", "gpt-4.1", OPENAI, ["stop"], "openai-chat"],
    ["openai", "gpt-4.1", OPENAI, ["stop", "tools"], "openai-chat"],
    ["openai", "gpt-4.1", OPENAI, ["seed", "penalties"], "openai-chat"],
    ["openai", "gpt-4.1", OPENAI, ["web-search", "stop"], "openai-responses"],
    ["openai", "gpt-4.1", OPENAI, ["pdf", "image"], "openai-responses"],
    ["openai", "gpt-audio-mini", OPENAI, ["audio"], "openai-chat"],
    ["openai", "gpt-5.5", OPENAI, ["stop"], "openai-responses"],
    ["openai", "gpt-5.5", OPENAI, ["tools", "effort"], "openai-responses"],
    ["openai", "gpt-6-astra", OPENAI, ["tools", "several-answers"], "openai-responses"],
    ["openai", "gpt-5.5-pro", OPENAI, ["several-answers", "seed"], "openai-responses"],
    ["gemini", "gemini-3.8-flash", GEMINI, [], "gemini"],
    ["gemini", "gemini-3.8-flash", GEMINI, ["pdf"], "gemini"],
    ["gemini", "gemini-3.8-flash", GEMINI, ["top-k"], "gemini"],
    ["gemini", "gemini-3.8-flash", GEMINI, ["video", "tools"], "gemini"],
    ["deepseek", "deepseek-flash", ["anthropic", "openai-chat"], [], "anthropic"],
    ["deepseek", "deepseek-flash", ["anthropic", "openai-chat"], ["logprobs"], "openai-chat"],
    ["zai", "glm-5.2", ["anthropic", "openai-chat"], ["stop"], "anthropic"],
  ])("of %s's %s among %j for %j is %s", (provider, model, protocols, features, expected) => {
    expect(choose(provider, model, protocols, features)).toBe(expected);
  });

  it.each<[readonly Feature[], Protocol, Protocol]>([
    [["stop"], "openai-responses", "openai-responses"],
    [["stop", "seed", "penalties"], "openai-responses", "openai-responses"],
    [["web-search"], "openai-chat", "openai-responses"],
    [[], "openai-chat", "openai-chat"],
    [["tools", "effort"], "openai-chat", "openai-chat"],
  ])("for %j in a conversation at %s is %s", (features, kept, expected) => {
    expect(choose("openai", "gpt-4.1", OPENAI, features, kept)).toBe(expected);
  });

  it("is one of those that there are, loses no more content than any, and keeps conversations but for content", () => {
    const feature = fc.constantFrom<Feature>(
      "answer",
      "pdf",
      "tools",
      "audio",
      "stop",
      "seed",
      "top-k",
      "logprobs",
    );
    const endpoints: fc.Arbitrary<EndpointLosses[]> = fc
      .subarray([...PROTOCOLS], { minLength: 1 })
      .chain((protocols) =>
        fc.tuple(...protocols.map((protocol) => fc.uniqueArray(feature).map((lost) => ({ protocol, lost })))),
      );
    const content = ({ lost }: EndpointLosses) => lost.filter((each) => CONTENT.has(each)).length;
    fc.assert(
      fc.property(endpoints, fc.option(fc.constantFrom(...PROTOCOLS), { nil: undefined }), (list, kept) => {
        const chosen = list.find(({ protocol }) => protocol === chooseEndpoint(list, kept));
        if (chosen === undefined) throw new Error("none was chosen");
        const least = Math.min(...list.map(content));
        expect(content(chosen)).toBe(least);
        const own = list.find(({ protocol }) => protocol === kept);
        if (own !== undefined && content(own) === least) expect(chosen).toBe(own);
      }),
    );
    expect(chooseEndpoint([])).toBeUndefined();
  });
});
