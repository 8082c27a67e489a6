import { describe, expect, it } from "vitest";
import { PROTOCOLS } from "../../../src/control/protocol.ts";
import { buildAccounts } from "../../../src/gateway/accounts/accounts.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";

const build = (accounts: SettingsInput["accounts"], secrets: Record<string, string> = {}) =>
  buildAccounts(settingsSchema.parse({ accounts }).accounts, { secretFor: async (id) => secrets[id] });

const bases = (accounts: SettingsInput["accounts"]) =>
  Object.fromEntries(
    [...(build(accounts).accounts[0]?.endpoints ?? [])].map(([protocol, { base }]) => [protocol, base]),
  );

describe("buildAccounts", () => {
  it("takes the provider's endpoints", () => {
    expect(bases([{ id: "a", provider: "deepseek" }])).toEqual({
      "openai-chat": "https://api.deepseek.com",
      anthropic: "https://api.deepseek.com/anthropic",
    });
  });

  it("speaks what `endpoints` names, and nothing else", () => {
    expect(
      bases([{ id: "a", provider: "openai", endpoints: { "openai-chat": "https://eu.example.com/v1" } }]),
    ).toEqual({
      "openai-chat": "https://eu.example.com/v1",
    });
  });

  it("trims slashes and a version that the protocol's own paths have", () => {
    const endpoints = {
      "openai-chat": "http://127.0.0.1:9911/v1///",
      anthropic: "http://127.0.0.1:9911/v1/",
      gemini: "http://127.0.0.1:9911/v1beta",
    };
    expect(bases([{ id: "a", provider: "custom", endpoints }])).toEqual({
      "openai-chat": "http://127.0.0.1:9911/v1",
      anthropic: "http://127.0.0.1:9911",
      gemini: "http://127.0.0.1:9911",
    });
  });

  it("keeps the version in a base of Vertex, whose paths have none", () => {
    expect(
      bases([
        { id: "v", provider: "vertex", endpoints: { gemini: "https://aiplatform.googleapis.com/v1/" } },
      ]),
    ).toEqual({
      gemini: "https://aiplatform.googleapis.com/v1",
    });
  });

  it("knows where each protocol has its key, also one that the provider lacks", () => {
    const [account] = build([
      {
        id: "a",
        provider: "openai",
        endpoints: { anthropic: "https://x.example.com", "openai-chat": "https://x.example.com/v1" },
      },
    ]).accounts;
    expect(account?.endpoints.get("anthropic")).toMatchObject({
      keyHeader: "x-api-key",
      headers: { "anthropic-version": "2023-06-01" },
    });
    expect(account?.endpoints.get("openai-chat")?.keyHeader).toBe("authorization");
    const [azure] = build([
      {
        id: "z",
        provider: "azure-openai",
        endpoints: { "openai-chat": "https://r.openai.azure.com/openai/v1" },
      },
    ]).accounts;
    expect(azure?.endpoints.get("openai-chat")?.keyHeader).toBe("api-key");
  });

  it.each(["azure-openai", "vertex", "custom"] as const)(
    "says what is missing for %s, and keeps it",
    (provider) => {
      const { accounts, problems } = build([{ id: "a", provider }]);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ severity: "error", account: "a" });
      expect(problems[0]?.message).toMatch(
        /Account "a" \(.+\) has no address\. Name one in "endpoints", e\.g\. \{"[a-z-]+": "https:\/\/.+"\}/,
      );
      expect(accounts[0]).toMatchObject({ id: "a" });
    },
  );

  it("reads the key from the settings, else from the secrets, when it is asked for", async () => {
    const secrets: Record<string, string> = { b: "from-store" };
    const { accounts } = build(
      [
        { id: "a", provider: "openai", credentials: { apiKey: "from-settings" } },
        { id: "b", provider: "openai" },
        { id: "c", provider: "openai" },
      ],
      secrets,
    );
    expect(await accounts[0]?.key()).toBe("from-settings");
    expect(await accounts[1]?.key()).toBe("from-store");
    expect(await accounts[2]?.key()).toBeUndefined();
    secrets.b = "rotated";
    expect(await accounts[1]?.key()).toBe("rotated");
  });

  it("carries the rest over, disabled ones included", () => {
    const [account] = build([
      { id: "a", provider: "groq", label: "Mine", priority: 3, enabled: false, models: ["x*"], proxy: "" },
    ]).accounts;
    expect(account).toMatchObject({ label: "Mine", priority: 3, enabled: false, models: ["x*"], proxy: "" });
    expect(build([{ id: "a", provider: "groq" }]).accounts[0]?.label).toBe("a");
  });
});

describe("the sandbox", () => {
  it("is there alone when nothing else is", () => {
    const { accounts, sandboxOnly, problems } = build([]);
    expect(accounts.map((account) => account.id)).toEqual(["sandbox"]);
    expect([...(accounts[0]?.endpoints.keys() ?? [])]).toEqual([...PROTOCOLS]);
    expect(sandboxOnly).toBe(true);
    expect(problems).toEqual([]);
  });

  it("is the only one while all others are disabled", () => {
    expect(build([{ id: "a", provider: "openai", enabled: false }]).sandboxOnly).toBe(true);
  });

  it("stays reachable beside others", () => {
    const { accounts, sandboxOnly } = build([{ id: "a", provider: "openai" }]);
    expect(accounts.map((account) => account.id)).toEqual(["a", "sandbox"]);
    expect(sandboxOnly).toBe(false);
  });

  it("gives way to an account that took its name, and says so", () => {
    const { accounts, problems } = build([{ id: "sandbox", provider: "openai" }]);
    expect(accounts.map((account) => account.provider.id)).toEqual(["openai"]);
    expect(problems).toMatchObject([{ severity: "warning", account: "sandbox" }]);
  });
});
