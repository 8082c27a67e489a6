import { describe, expect, it } from "vitest";
import { ownValue } from "../../../../src/vscode/host/ownValue.ts";

describe("a setting that an open folder must not say", () => {
  it.each([
    ["is as it is where no folder says it", "policy", { defaultValue: "", globalValue: "mine" }, "policy"],
    [
      "is the person's, whatever the workspace says",
      "evil",
      { globalValue: "mine", workspaceValue: "evil" },
      "mine",
    ],
    [
      "is the default where the person says nothing",
      "evil",
      { defaultValue: "", workspaceFolderValue: "evil" },
      "",
    ],
    ["is nothing where nobody else says it", "evil", { workspaceValue: "evil" }, undefined],
    ["is as it is where VS Code tells nothing of it", "x", undefined, "x"],
  ])("%s", (_what, effective, inspected, expected) => {
    expect(ownValue(effective, inspected)).toBe(expected);
  });

  it("stays on where a folder turns it off", () => {
    expect(ownValue(false, { defaultValue: true, workspaceValue: false })).toBe(true);
    expect(ownValue(true, { defaultValue: true, globalValue: false, workspaceValue: true })).toBe(false);
  });
});
