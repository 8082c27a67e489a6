/** VS Code in another language: from the walkthrough to the first request, and no word of Portico's in English. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { LANGUAGES } from "../../src/control/languages.ts";
import { findCompanion } from "./companion.ts";
import { ask } from "./http.ts";
import { untilMatch } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";
import { isSeen, panelOf, showsPage } from "./webviews.ts";
import type { Workbench } from "./workbench.ts";

const texts = z.record(z.string(), z.string());

async function read(file: string): Promise<(key: string) => string> {
  const found = texts.parse(JSON.parse(await readFile(new URL(`../../${file}`, import.meta.url), "utf8")));
  return (key) => {
    const text = found[key];
    assert.ok(text !== undefined, `${file} has no ${key}`);
    return text;
  };
}

/** Of a step's description, the word on its button. */
const button = (description: string): string => /\[([^\]]+)\]\(command:/.exec(description)?.[1] ?? "";

export function languageSteps(stage: Stage): Step[] {
  const { companions } = stage;
  /** Steps before may have closed the first. */
  const open = (): Workbench => {
    const found = stage.windows.find(({ page }) => !page.isClosed());
    assert.ok(found, "no window is open");
    return found;
  };
  const others = Object.entries(LANGUAGES).filter(([language]) => language !== "en");
  return [
    ...others.map(([language, { name }]) => ({
      name: `is set up and used in ${name}`,
      async run() {
        const first = open();
        if (!(await stage.speak(language))) return "not in this editor: it needs a language pack";
        const named = await read(`package.nls.${language}.json`);
        const t = await read(`l10n/bundle.l10n.${language}.json`);
        await first.refresh();
        await first.ready();
        const companion = await findCompanion(companions, first);
        await companion.run("portico.stopProxy");
        const label = async () => (await first.statusBar.getAttribute("aria-label")) ?? "";
        await untilMatch(label, new RegExp(`: ${t("Stopped")}`));

        await companion.run("workbench.action.openWalkthrough", "portico-gateway.portico#start");
        const guide = first.page.locator(".gettingStartedContainer");
        await guide.getByText(named("walkthrough")).first().waitFor();
        for (const key of [
          "walkthrough.start",
          "walkthrough.account",
          "walkthrough.connect",
          "walkthrough.see",
        ]) {
          await guide
            .locator(".getting-started-step")
            .filter({ hasText: named(key) })
            .first()
            .waitFor();
        }
        const start = guide.locator(".getting-started-step").filter({ hasText: named("walkthrough.start") });
        await start.first().click();
        await first.screenshot(`95-walkthrough-${language}`);
        await start
          .first()
          .getByRole("button", { name: button(named("walkthrough.start.description")) })
          .click();
        await first.statusIs(new RegExp(`Portico ${stage.port}`));
        assert.match(await ask(stage.base, "sandbox/echo"), /hi/);

        await first.statusBar.click();
        await first.row(t("Stop Proxy")).first().waitFor();
        await first.screenshot(`95-menu-${language}`);
        await first.page.keyboard.press("Escape");
        await companion.run("portico.openMonitor");
        await showsPage(first, t("Monitor"));
        const frame = await panelOf(first);
        await untilMatch(
          async () => (await frame.locator("html").getAttribute("lang")) ?? "",
          tagOf(language),
        );
        await isSeen(frame.getByText("sandbox/echo").first());
        await first.screenshot(`95-monitor-${language}`);
        await first.clearNotifications();
        return undefined;
      },
    })),

    {
      name: "is in English again where VS Code is",
      async run() {
        const first = open();
        await stage.speak(undefined);
        await first.refresh();
        await first.ready();
        const label = async () => (await first.statusBar.getAttribute("aria-label")) ?? "";
        await untilMatch(label, /: (Running|Stopped)/);
        return undefined;
      },
    },
  ];
}

const tagOf = (language: string): RegExp => new RegExp(`^${language}$`, "i");
