import { describe, expect, it } from "vitest";
import { ControlError } from "../../../../src/control/channel.ts";
import { hostParams, keptPage, pageState, splitSettings } from "../../../../src/vscode/pages/params.ts";

describe("what a page asks of its window", () => {
  it("is passed on when it makes sense", () => {
    expect(hostParams["host.copy"]({ text: "x", more: 1 })).toEqual({ text: "x" });
    expect(hostParams["host.openFile"]({ title: "Import", extensions: ["json"] })).toEqual({
      title: "Import",
      extensions: ["json"],
    });
    const wish = { id: "codex", to: "connect" };
    expect(hostParams["host.showChanges"]({ ...wish, more: 1 })).toEqual(wish);
    expect(hostParams["host.showChanges"]({ ...wish, model: "gpt-5" })).toEqual({ ...wish, model: "gpt-5" });
    expect(hostParams["host.showChanges"]({ ...wish, offers: ["gpt-5"] })).toEqual({
      ...wish,
      offers: ["gpt-5"],
    });
    expect(hostParams["host.showChanges"]({ id: "codex", to: "update" })).toEqual({
      id: "codex",
      to: "update",
    });
    expect(pageState({ page: "monitor", query: { model: "gpt-5" } })).toEqual({
      page: "monitor",
      query: { model: "gpt-5" },
    });
  });

  it.each([
    ["a copy of nothing", () => hostParams["host.copy"](undefined)],
    ["a copy of too much", () => hostParams["host.copy"]({ text: "x".repeat(1_000_001) })],
    ["a command instead of an address", () => hostParams["host.openExternal"]({ url: "command:quit" })],
    ["a file instead of an address", () => hostParams["host.openExternal"]({ url: "file:///etc/passwd" })],
    ["a name that is none", () => hostParams["host.save"]({ name: "..", text: "" })],
    ["extensions that are no texts", () => hostParams["host.openFile"]({ title: "", extensions: [1] })],
    ["changes that nobody can make", () => hostParams["host.showChanges"]({ id: "codex", to: "write" })],
    ["changes for no model", () => hostParams["host.showChanges"]({ id: "codex", to: "connect", model: 1 })],
    ["a page that does not exist", () => pageState({ page: "toString" })],
    ["a query of objects", () => pageState({ page: "monitor", query: { model: {} } })],
    ["a query that is too long", () => pageState({ page: "monitor", query: { model: "x".repeat(2001) } })],
  ])("is refused: %s", (_name, ask) => {
    expect(ask).toThrow(ControlError);
  });

  it("is found where it was, or on the dashboard", () => {
    const kept = { page: "monitor", query: { model: "gpt-5" }, asked: "null", values: { scroll: {} } };
    expect(keptPage(kept)).toEqual({ page: "monitor", query: { model: "gpt-5" } });
    for (const nonsense of [undefined, null, "x", {}, { page: "gone" }, { page: "monitor", query: 1 }]) {
      expect(keptPage(nonsense)).toEqual({ page: "dashboard" });
    }
  });

  it("saves under a name, never a path", () => {
    const { name } = hostParams["host.save"]({ name: "../../.ssh/keys:1", text: "" });
    expect(name).toBe("-..-.ssh-keys-1");
  });
});

describe("settings from a page", () => {
  it("go where they live", () => {
    expect(splitSettings({ port: 9000, "records.enabled": false, "auth.mode": "strict" })).toEqual({
      own: [
        ["port", 9000],
        ["auth.mode", "strict"],
      ],
      rest: { "records.enabled": false },
    });
  });

  it.each([
    { port: 70_000 },
    { port: "8045" },
    { allowLanAccess: "yes" },
    { "auth.mode": "none" },
    { allowedOrigins: [1] },
    { allowedHosts: Array.from({ length: 101 }, () => "h") },
    { "responses.onDisk": 1 },
  ])("are refused where VS Code could not keep them: %o", (change) => {
    expect(() => splitSettings(change)).toThrow(ControlError);
  });
});
