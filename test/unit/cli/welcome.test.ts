import { describe, expect, it } from "vitest";
import { parseCommand } from "../../../src/cli/arguments.ts";
import { offer, welcome } from "../../../src/cli/welcome.ts";
import { type SettingsInput, settingsSchema } from "../../../src/gateway/settings/settings.ts";

function text(input: SettingsInput, platform: NodeJS.Platform = "linux", config?: string): string {
  const settings = settingsSchema.parse(input);
  return welcome({
    version: "1.0.0",
    baseUrl: "http://127.0.0.1:1",
    settings,
    dashboard: undefined,
    sandboxOnly: !settings.accounts.some(({ enabled }) => enabled),
    config,
    key: "THE-KEY",
    generated: settings.auth.apiKey === undefined,
    platform,
    program: "portico",
  }).join("\n");
}

describe("welcome", () => {
  it("names the base URL of each protocol", () => {
    expect(text({})).toMatch(/OpenAI.*http:\/\/127\.0\.0\.1:1\/v1\n.*Anthropic +http:\/\/127\.0\.0\.1:1\n/);
  });

  it("shows the key only where someone needs it", () => {
    expect(text({})).not.toContain("THE-KEY");
    expect(text({ auth: { mode: "strict" } })).toContain("Clients must show the key: THE-KEY");
    expect(text({ allowLanAccess: true })).toContain("They must show the key: THE-KEY");
  });

  it("says how to give a key where one is needed and none is set", () => {
    const how = /portico key show.*"auth": \{ "apiKey": "\$\{file:\/PATH\}" \}/;
    expect(text({ allowLanAccess: true })).toMatch(how);
    expect(text({ auth: { mode: "strict" } })).toMatch(how);
    expect(text({})).not.toMatch(how);
    expect(text({ allowLanAccess: true, auth: { apiKey: "sk-portico-0123456789abcdef" } })).not.toMatch(how);
  });

  it("names the config file that is used", () => {
    expect(text({}, "linux", "/etc/p.jsonc")).toContain("Settings and accounts come from /etc/p.jsonc");
    expect(text({})).not.toContain("come from");
  });

  it("offers the sandbox while there is no account", () => {
    expect(text({})).toContain("sandbox");
    expect(text({}, "linux", "p.jsonc")).toContain("portico accounts add PROVIDER, or in p.jsonc");
    expect(text({ accounts: [{ id: "a", provider: "openai" }] })).not.toContain("sandbox");
    expect(text({ accounts: [{ id: "a", provider: "openai", enabled: false }] })).toContain("sandbox");
  });

  it("gives a curl line whose body is JSON, quoted for the platform", () => {
    const body = /-d '(.*)'$/m.exec(text({}))?.[1] ?? "";
    expect(JSON.parse(body)).toMatchObject({ model: "sandbox/echo" });
    const windows = /curl\.exe .* -d "(.*)"$/m.exec(text({}, "win32"))?.[1] ?? "";
    expect(JSON.parse(windows.replaceAll('\\"', '"'))).toMatchObject({ model: "sandbox/echo" });
    expect(text({ auth: { mode: "strict" } })).toContain(
      'curl -N http://127.0.0.1:1/v1/chat/completions -H "Auth',
    );
  });
});

describe("offer", () => {
  it("gives the command that takes it", () => {
    const lines = offer(
      {
        provider: "ollama",
        label: "Ollama",
        baseUrl: "http://127.0.0.1:11434",
        models: ["a"],
      },
      "npx portico",
    );
    expect(lines[1]).toContain("npx portico accounts add ollama");
    expect(lines[0]).toContain("Ollama answers at http://127.0.0.1:11434 (1 model)");
    expect(parseCommand((lines[1] ?? "").trim().split(" ").slice(2))).toMatchObject({ provider: "ollama" });
  });
});
