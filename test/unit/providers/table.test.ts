import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { providerView } from "../../../src/gateway/leader/accountStore.ts";
import { PROVIDER_IDS, type ProviderId } from "../../../src/gateway/providers/ids.ts";
import type { Provider, ProviderEndpoint } from "../../../src/gateway/providers/provider.ts";
import { isProviderId, PROVIDERS } from "../../../src/gateway/providers/providers.ts";
import { accountSchema } from "../../../src/gateway/settings/settings.ts";

const all: Provider[] = PROVIDER_IDS.map((id) => PROVIDERS[id]);
const endpointsOf = (provider: Provider): [string, ProviderEndpoint][] => Object.entries(provider.endpoints);

describe("every provider", () => {
  it("is one that settings can name, and nothing else is", () => {
    for (const id of PROVIDER_IDS)
      expect(accountSchema.safeParse({ id: "a", provider: id }).success).toBe(true);
    expect(accountSchema.safeParse({ id: "a", provider: "nobody" }).success).toBe(false);
    expect(isProviderId("toString")).toBe(false);
  });

  it("has all that are promised", () => {
    const promised: ProviderId[] = [
      "openai",
      "anthropic",
      "gemini",
      "openrouter",
      "deepseek",
      "groq",
      "mistral",
      "xai",
      "zai",
      "moonshot",
      "azure-openai",
      "vertex",
      "ollama",
      "lmstudio",
      "vllm",
      "custom",
      "sandbox",
    ];
    expect(PROVIDER_IDS).toEqual(promised);
  });

  it.each(all.map((provider) => [provider.id, provider] as const))("%s is consistent", (id, provider) => {
    expect(provider.id).toBe(id);
    expect(provider.label).not.toBe("");
    expect(endpointsOf(provider).length).toBeGreaterThan(0);
    for (const [protocol, { base, example, keyHeader, headers }] of endpointsOf(provider)) {
      expect(PROTOCOLS).toContain(protocol);
      expect(base === undefined).toBe(example !== undefined);
      const shown = base ?? example ?? "";
      expect(shown).not.toMatch(/\/$/);
      if (id !== "sandbox") expect(new URL(shown).protocol).toMatch(/^https?:$/);
      // A base beyond this computer is encrypted.
      if (shown.startsWith("http://")) expect(new URL(shown).hostname).toBe("127.0.0.1");
      expect(keyHeader).toBeTruthy();
      expect(headers?.["anthropic-version"]).toBe(protocol === "anthropic" ? "2023-06-01" : undefined);
    }
    if (provider.modelList !== undefined) expect(provider.endpoints).toHaveProperty([provider.modelList]);
    if (provider.keyCheck !== undefined)
      expect(provider.endpoints).toHaveProperty([provider.keyCheck.protocol]);
    if (provider.keyRequired) {
      expect(provider.keyPage).toMatch(/^https:/);
      expect(provider.modelList ?? provider.keyCheck).toBeDefined();
    }
    for (const extra of provider.extras) expect(extra).not.toMatch(/^\/|\/$|chat|responses/);
  });
});

describe("what differs from the protocol", () => {
  it("Vertex has its models elsewhere", () => {
    const path = PROVIDERS.vertex.path;
    expect(path?.("/v1beta/models/gemini-2.5-pro:generateContent")).toBe(
      "/publishers/google/models/gemini-2.5-pro:generateContent",
    );
    expect(path?.("/v1/models/x:streamGenerateContent?alt=sse")).toBe(
      "/publishers/google/models/x:streamGenerateContent?alt=sse",
    );
    expect(path?.("/chat/completions")).toBe("/chat/completions");
  });

  it("some take a Bearer key for Anthropic's messages", () => {
    const bearer = all.filter((provider) => provider.endpoints.anthropic?.keyHeader === "authorization");
    expect(bearer.map((provider) => provider.id)).toEqual([
      "openrouter",
      "zai",
      "moonshot",
      "ollama",
      "vllm",
    ]);
  });
});

it("a view of each says where an address is needed", () => {
  const views = PROVIDER_IDS.filter((id) => id !== "sandbox").map((id) => providerView(PROVIDERS[id]));
  expect(views.filter((view) => view.needsBaseUrl).map((view) => view.id)).toEqual([
    "azure-openai",
    "vertex",
    "custom",
  ]);
  expect(views.find((view) => view.id === "openrouter")).toEqual({
    id: "openrouter",
    label: "OpenRouter",
    protocols: ["openai-chat", "openai-responses", "anthropic"],
    needsBaseUrl: false,
    keyRequired: true,
    keyPage: "https://openrouter.ai/settings/keys",
  });
});
