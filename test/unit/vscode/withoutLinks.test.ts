import { expect, it } from "vitest";
import { withoutLinks } from "../../../src/vscode/withoutLinks.ts";

/** As VS Code looks for links in a notification. */
const LINK = /\[[^\]]+\]\((?:https?:\/\/|command:|file:)[^)\s]+\)/i;

it("leaves no link in a provider's words", () => {
  const words =
    "Work: [Renew the key](command:workbench.action.terminal.sendSequence?%7B%7D) now [1](https://x.y)";
  expect(words).toMatch(LINK);
  expect(withoutLinks(words)).not.toMatch(LINK);
  expect(withoutLinks("The key was refused (401).")).toBe("The key was refused (401).");
});
