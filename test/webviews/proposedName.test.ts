/** What an account may be called before the person says so. */
import { describe, expect, it } from "vitest";
import { proposedName } from "../../src/webviews/pages/accounts/add/proposedName.ts";

describe("a proposed name", () => {
  const custom = { id: "custom", label: "Custom" };
  const of = (address: string, ...taken: string[]) =>
    proposedName({ provider: custom, server: undefined, address, taken });

  it.each([
    ["", ""],
    ["http://", ""],
    ["http://127.0.0.1:20411/v1", "Server on this computer"],
    ["localhost:8000", "Server on this computer"],
    ["http://[::1]:8000", "Server on this computer"],
    ["http://192.168.1.7:8000/v1", "Server at 192.168.1.7"],
    ["https://api.example.com/v1", "example.com"],
    ["https://llm.example.com", "llm.example.com"],
    ["not an address", ""],
  ])("of a server at %j is %j", (address, name) => {
    expect(of(address)).toBe(name);
  });

  it("is the provider's, or the server's that was found, and never one that is taken", () => {
    const provider = { id: "openai", label: "OpenAI" };
    const facts = { provider, server: undefined, address: "" };
    expect(proposedName({ ...facts, taken: [] })).toBe("OpenAI");
    expect(proposedName({ ...facts, taken: ["OpenAI", "OpenAI 2"] })).toBe("OpenAI 3");
    expect(proposedName({ ...facts, server: { label: "Ollama" }, taken: [] })).toBe("Ollama");
    expect(of("http://127.0.0.1:1", "Server on this computer")).toBe("Server on this computer 2");
  });
});
