/** The pages in each language: nothing is left in English, nothing is too wide, and a browser's reader can choose. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { PAGES } from "../../src/control/page.ts";
import { browserPath, openBrowser, openPage, overflows } from "../support/pages/browser.ts";
import { FakePages } from "../support/pages/fake.ts";
import { type OpenWorld, openWorld, settled } from "../support/pages/open.ts";
import { openReal } from "../support/pages/real.ts";
import { withBrowser } from "../support/pages/withBrowser.ts";
import { answersOf, world } from "../support/pages/worlds.ts";

const LANGUAGES = ["zh-CN", "ko-KR"] as const;

/** Each page, and what opens on it. */
const SHOWN = [
  ...PAGES,
  "accounts?add=choose",
  "accounts?id=team-openai",
  "api-proxy?section=keys",
  "api-proxy?section=routes",
  "api-proxy?section=scheduling",
  "api-proxy?section=models",
  "monitor?request=req_000400",
  "token-stats?time=week",
  "settings?part=records",
  "settings?part=data",
];

describe.skipIf(browserPath === undefined)("the pages' language (needs a browser)", () => {
  const pages = withBrowser();
  let english: ReadonlySet<string>;

  beforeAll(async () => {
    const bundle = resolve(import.meta.dirname, "../../l10n/bundle.l10n.json");
    english = new Set(Object.keys(JSON.parse(await readFile(bundle, "utf8"))));
  });

  async function open(options: OpenWorld) {
    const opened = await openWorld(pages.browser, options);
    pages.keep(opened);
    await settled(opened.page);
    return opened;
  }

  describe.each(LANGUAGES)("%s", (locale) => {
    it.each(SHOWN)("has no English left, and nothing too wide: %s", async (hash) => {
      const { page } = await open({ hash, width: 1600, height: 800, start: { locale } });
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale);
      for (const width of [1600, 320]) {
        await page.setViewportSize({ width, height: 800 });
        await expect.poll(async () => leftIn(await textsOf(page), english)).toEqual([]);
        await expect.poll(() => overflows(page)).toBe(false);
      }
    });

    it.each(["empty", "stopped", "disconnected"] as const)("is that of every state: %s", async (name) => {
      for (const hash of ["dashboard", "accounts", "monitor", "connect"]) {
        const { page, close } = await openState(name, hash, locale);
        await expect.poll(async () => leftIn(await textsOf(page), english)).toEqual([]);
        await close();
      }
    });

    it("is that of the sidebar", async () => {
      const { page } = await open({ width: 240, start: { locale, view: "sidebar" } });
      await expect.poll(async () => leftIn(await textsOf(page), english)).toEqual([]);
      await expect.poll(() => overflows(page)).toBe(false);
    });
  });

  it("follows the browser's list, is changed in Settings, and stays so in this browser", async () => {
    const shown = world("normal");
    const fake = await FakePages.open({ answers: answersOf(shown), greet: { status: shown.status } });
    const browser = await openBrowser();
    const { page, errors } = await openPage(browser, `${fake.url}#settings?part=data`);
    const html = page.locator("html");
    expect(await page.getByRole("radio", { name: "As the browser is set" }).isChecked()).toBe(true);
    await page.getByRole("radio", { name: "한국어" }).click();
    await page.getByRole("heading", { name: "데이터 폴더" }).waitFor();
    expect(await html.getAttribute("lang")).toBe("ko");
    const again = await page.context().newPage();
    await again.goto(`${fake.url}#dashboard`);
    await again.getByText("오늘 요청", { exact: true }).waitFor();
    await again.goto(`${fake.url}#settings?part=data`);
    await again.getByRole("radio", { name: "简体中文" }).click();
    await again.getByRole("heading", { name: "数据文件夹" }).waitFor();
    expect(await again.locator("html").getAttribute("lang")).toBe("zh-CN");
    await again.getByRole("radio", { name: "按浏览器设置" }).click();
    await again.getByRole("heading", { name: "Data folder" }).waitFor();
    expect(await again.locator("html").getAttribute("lang")).toBe("en");
    expect(errors).toEqual([]);
    await browser.close();
    await fake.close();
  });

  it("is the browser's with a real gateway, too", async () => {
    const opened = await openReal(pages.browser, { locale: "ko-KR" });
    pages.keep(opened);
    const { page } = opened;
    await page.getByText("실행 중", { exact: true }).first().waitFor();
    await page.getByText("계정 1개", { exact: false }).or(page.getByText("1개 준비됨")).first().waitFor();
    await opened.go("settings?part=data");
    await page.getByText("기록된 요청과 통계").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("ko-KR");
  });

  it("writes numbers, times and dates as its readers do", async () => {
    const { page } = await open({ start: { locale: "ko-KR-u-hc-h23" } });
    await page.getByText("2시간 14분", { exact: false }).first().waitFor();
    await page.getByText("14:31:07").first().waitFor();
    const { page: chinese } = await open({ hash: "token-stats?time=week", start: { locale: "zh-CN" } });
    await chinese.getByText("0.61 秒").first().waitFor();
  });

  async function openState(name: "empty" | "stopped" | "disconnected", hash: string, locale: string) {
    if (name !== "disconnected") return await open({ world: name, hash, start: { locale } });
    const opened = await open({ hash, start: { locale } });
    opened.fake.disconnect();
    await opened.page
      .getByText(/已断开连接|연결 끊김/)
      .first()
      .waitFor();
    return opened;
  }
});

/** What a person reads or hears of a page, without code. */
function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts: string[] = [];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const parent = nodes.currentNode.parentElement;
      if (parent?.closest("script, style, code, pre") === null) texts.push(nodes.currentNode.nodeValue ?? "");
    }
    for (const name of ["title", "aria-label", "placeholder", "alt"])
      for (const each of document.querySelectorAll(`[${name}]`)) texts.push(each.getAttribute(name) ?? "");
    return texts.filter((text) => text.trim() !== "");
  });
}

/** Of products, protocols and units, which are the same everywhere. */
const NAMES =
  /(?<![\w])(Portico|API|URL|VS Code|Claude Code|Gemini CLI|OpenCode|Codex|Cline|Continue|Copilot CLI|Roo Code|Crush|Droid|aider|Zed|Goose|OpenAI|Anthropic|OpenRouter|Google|Vertex AI|Gemini|DeepSeek|Mistral|Groq|xAI|Z\.ai|Moonshot|Kimi|Azure|Ollama|LM Studio|vLLM|Sandbox|LAN|PDF|CSV|JSON|ID|USD|MB|kB|ms|token|tokens|Token|curl|Shell|AI|(?:\.env)|Python|TypeScript|PowerShell|bash|zsh|PAC|SOCKS|OpenTelemetry|English)\b|\b(HTTPS?|ALL|NO)_PROXY\b|x-portico-\w+|(model|client|took|cost):|(portico\.)?telemetry\.endpoint|Responses API|https?:\S+|~?\/[\w./-]+/g;
/** As the scripted world has them: accounts, what providers and the gateway said. */
const SAID =
  /\b(Work|Personal|Team|Old key|chat completions|chat|responses|messages)\b|Rate limit reached for gpt-5(, back in 12 s)?|The provider refused the key: “Authentication Fails”\.|The provider did not answer: connection reset\.|All accounts for gpt-5 are waiting; the first is back in 12 s\.|The reasoning summary could not be passed on\./g;
/** How a header is written. */
const HEADERS = /\bname: value\b|authorization: Bearer/g;
/** Models, files and levels of thinking. */
const IDS = /\b[a-z]+[\w./-]*(?:[-/:]|\d)[\w.:*/-]*|\b(low|medium|high|minimal|max|xhigh)\b/g;

/** What is in English: a whole text of ours, or words that are no names. */
function leftIn(texts: readonly string[], english: ReadonlySet<string>): string[] {
  const left = texts.filter((text) => {
    const words = text.replace(SAID, "").replace(HEADERS, "").replace(IDS, "").replace(NAMES, "");
    return /[A-Za-z]{2,}/.test(words) || (english.has(text.trim()) && /[a-z]{3,} [a-z]{2,}/i.test(text));
  });
  return [...new Set(left)].filter(
    (text) => text !== "OpenAI chat completions" && !/^(OpenAI|Anthropic) \w+$/.test(text),
  );
}
