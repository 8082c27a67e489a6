/**
 * VS Code in each language: from the walkthrough to the first request and to a connected client, and in the others no word
 * of Portico's in English.
 */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import * as z from "zod";
import { LANGUAGES } from "../../src/control/languages.ts";
import { findCompanion } from "./companion.ts";
import { ask } from "./http.ts";
import { untilIs, untilMatch } from "./patience.ts";
import { claudeFolder } from "./servers.ts";
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

/** What a person has in Claude Code's settings. */
const OWN = '{\n  "model": "opus"\n}\n';
/** What connecting Claude Code may take, once the page is open. */
const CLICKS = 2;

/** Of a step's description, the word on its button. */
const button = (description: string): string => /\[([^\]]+)\]\(command:/.exec(description)?.[1] ?? "";

export function languageSteps(stage: Stage): Step[] {
  const { companions } = stage;
  /** Steps before may have closed the first. */
  // English comes last, for the steps behind these.
  const all = Object.entries(LANGUAGES).sort(([a], [b]) => Number(a === "en") - Number(b === "en"));
  return [
    ...all.map(([language, { name }]) => ({
      name: `is set up and used in ${name}, and connects a client in ${CLICKS} clicks`,
      async run() {
        const first = stage.first;
        const english = language === "en";
        if (!(await stage.speak(english ? undefined : language)) && !english)
          return "not in this editor: it needs a language pack";
        const named = await read(english ? "package.nls.json" : `package.nls.${language}.json`);
        const t = await read(english ? "l10n/bundle.l10n.json" : `l10n/bundle.l10n.${language}.json`);
        await first.refresh();
        await first.ready();
        const companion = await findCompanion(companions, first);
        await companion.run("portico.stopProxy");
        const label = async () => (await first.statusBar.getAttribute("aria-label")) ?? "";
        await untilMatch(label, new RegExp(`: ${t("Stopped")}`));

        await companion.run("workbench.action.openWalkthrough", "portico-gateway.portico#start");
        const guide = first.page.locator(".gettingStartedContainer");
        await guide.getByText(named("walkthrough")).first().waitFor();
        const part = (key: string) =>
          guide
            .locator(".getting-started-step")
            .filter({ hasText: named(key) })
            .first();
        for (const key of ["start", "account", "connect", "see"]) await part(`walkthrough.${key}`).waitFor();
        await part("walkthrough.start").click();
        await first.screenshot(`95-walkthrough-${language}`);
        await part("walkthrough.start")
          .getByRole("button", { name: button(named("walkthrough.start.description")) })
          .click();
        await first.statusIs(new RegExp(`Portico ${stage.port}`));
        assert.match(await ask(stage.base, "sandbox/echo"), /hi/);

        await part("walkthrough.connect").click();
        await part("walkthrough.connect")
          .getByRole("button", { name: button(named("walkthrough.connect.description")) })
          .click();
        await connectClaude(first, language, t);

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
  ];

  /** On the page that the walkthrough has opened; every click is counted. */
  async function connectClaude(
    window: Workbench,
    language: string,
    t: (key: string) => string,
  ): Promise<void> {
    const file = join(claudeFolder(stage.scratch), "settings.json");
    const settings = () => readFile(file, "utf8");
    await mkdir(claudeFolder(stage.scratch), { recursive: true });
    await writeFile(file, OWN);
    await showsPage(window, t("Connect"));
    const panel = await panelOf(window);
    const title = (action: string) => t(`${action} {0}`).replace("{0}", "Claude Code");
    const tool = panel.getByRole("region", { name: title("Connect") });
    let clicks = 0;
    const click = async (element: Locator) => {
      await element.click();
      clicks += 1;
    };
    const press = async (action: "Connect" | "Disconnect") => {
      await click(tool.getByRole("button", { name: t(`${action}…`), exact: true }));
      const dialog = panel.getByRole("dialog", { name: title(action) });
      await window.screenshot(`95-${action.toLowerCase()}-${language}`);
      await click(dialog.getByRole("button", { name: t(action), exact: true }));
    };
    await press("Connect");
    await untilMatch(settings, new RegExp(`"ANTHROPIC_BASE_URL": "${stage.base}"`));
    assert.equal(clicks, CLICKS);
    await tool.getByText(t("Connected"), { exact: true }).waitFor();
    await press("Disconnect");
    await untilIs(settings, OWN);
  }
}

const tagOf = (language: string): RegExp => new RegExp(`^${language}$`, "i");
