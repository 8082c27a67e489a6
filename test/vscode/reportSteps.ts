/** Report Issue…: the report as a document, and in the editor's issue reporter where the package says where issues go. */
import assert from "node:assert/strict";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { findCompanion } from "./companion.ts";
import { until, untilMatch } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";

const COMMAND = "Portico: Report Issue";
/** Milliseconds in which the issue reporter opens, once the command has run. */
const OPENS_MS = 20_000;

/** Of an account, which nobody else should read. */
const ID = "grandma-private";
const PERSON = "ada.lovelace@example.com";
const KEY = "sk-grandma-0123456789abcdef";
const HOST = "llm.grandma-net.example";

export function reportSteps(stage: Stage): Step[] {
  /** What a maintainer needs, and nothing of a person. */
  function judge(text: string): void {
    for (const fact of [
      /^Redacted: no key/m,
      /version \d+\.\d+\.\d+/,
      /account-\d+: custom, key/,
      /^# Log$/m,
    ])
      assert.match(text, fact);
    const secrets = [ID, "grandma", "lovelace", KEY, HOST, stage.scratch, hostname(), homedir()];
    for (const secret of secrets.filter((each) => each.length > 2)) {
      assert.ok(!text.includes(secret), `the report has ${secret}`);
    }
  }

  /** As a package that was published has it. */
  async function sayWhereIssuesGo(): Promise<void> {
    const extensions = join(stage.scratch, "extensions");
    const folder = (await readdir(extensions)).find((name) => name.startsWith("portico-gateway.portico-"));
    assert.ok(folder, "Portico is not installed");
    const file = join(extensions, folder, "package.json");
    const manifest: object = JSON.parse(await readFile(file, "utf8"));
    const bugs = { url: "https://github.com/portico-gateway/portico/issues" };
    await writeFile(file, JSON.stringify({ ...manifest, bugs }));
    // VS Code keeps what it has read until this is newer.
    await utimes(join(extensions, "extensions.json"), new Date(), new Date());
  }

  return [
    stage.step("opens a redacted report as a document where nobody says where issues go", async (first) => {
      await stage.control((client) =>
        client.call("accounts.add", {
          provider: "custom",
          id: ID,
          label: PERSON,
          endpoints: { "openai-chat": `https://${HOST}/v1` },
          apiKey: KEY,
        }),
      );
      const { run } = await findCompanion(stage.companions, first);
      await first.runCommand(COMMAND);
      await first.told("Here is the report: read it, and paste it where you report.");
      await first.screenshot("93-report-document");
      await first.page.locator(".editor-instance .view-line").first().click();
      const copied = async () => {
        await first.page.keyboard.press("Control+A");
        await first.page.keyboard.press("Control+C");
        return first.readClipboard();
      };
      await untilMatch(copied, /What I did:/);
      judge(await first.readClipboard());
      await run("workbench.action.revertAndCloseActiveEditor");
      await first.clearNotifications();
      return undefined;
    }),

    stage.step("shows it in the editor's issue reporter, before anything is sent", async (first) => {
      await sayWhereIssuesGo();
      await first.reload();
      // A window that is still being set up may close the palette behind the click: the command has not run then.
      const opened = async () => {
        const page = first.page.context().waitForEvent("page", { timeout: OPENS_MS });
        const reporter = page.catch(() => undefined);
        await first.runCommand(COMMAND);
        return reporter;
      };
      const reporter = await until(opened, () => "the issue reporter does not open");
      const description = reporter.locator("textarea#description");
      await untilMatch(() => description.inputValue(), /What I did:/);
      const data = reporter.locator("#extension-data");
      await reporter.locator("#extension-id").getByText("show", { exact: true }).click();
      await data.waitFor();
      await data.scrollIntoViewIfNeeded();
      await reporter.screenshot({ path: join(stage.screenshots, "93-issue-reporter.png") });
      judge((await data.allInnerTexts()).join(""));
      await reporter.close();
      await stage.control((client) => client.call("accounts.remove", { id: ID }));
      return undefined;
    }),
  ];
}
