// npm run screenshots [-- --page monitor --world normal,busy --theme dark --width 320,1600 --language en,zh-cn,ko --out FOLDER]
// Every page in every state, theme, width and language, as images; and one image per page with all of them.
// npm run screenshots -- --readme: the pictures of README.md, renewed.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PAGES } from "../src/control/page.ts";
import { openBrowser } from "../test/support/pages/browser.ts";
import { openWorld, settled } from "../test/support/pages/open.ts";
import { WORLDS } from "../test/support/pages/worlds.ts";
import { root } from "./lib/paths.mjs";

const SHOWN = [...PAGES, "sidebar"];
const THEMES = ["dark", "light", "high-contrast"];
const WIDTHS = ["320", "800", "1600"];

const { values } = parseArgs({
  options: {
    page: { type: "string" },
    world: { type: "string" },
    theme: { type: "string" },
    width: { type: "string" },
    /** As a browser would ask for them. */
    language: { type: "string" },
    out: { type: "string", default: join(root, "dist", "screenshots") },
    /** A page's own query, as in `?request=req_1`. */
    query: { type: "string" },
    "no-montage": { type: "boolean", default: false },
    readme: { type: "boolean", default: false },
  },
});
const chosen = (given, all) => {
  const wanted = given?.split(",") ?? all;
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of: ${all.join(", ")}`);
  return wanted;
};

/** A page that goes on loading is worth an image, too. */
async function still(page) {
  await settled(page).catch(() => console.error("… is still loading"));
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(150);
}

/** Pictures in docs/img, by name; the size is the page's, they have twice as many pixels. */
const README = {
  dashboard: { hash: "dashboard", theme: "dark", width: 1200, height: 930 },
  monitor: { hash: "monitor?request=req_000400", theme: "dark", width: 1200, height: 760 },
  accounts: { hash: "accounts", theme: "light", width: 1200, height: 500 },
  "token-stats": { hash: "token-stats?time=week", theme: "dark", width: 1200, height: 900 },
};

const browser = await openBrowser();
if (values.readme) {
  for (const [name, { theme, ...shown }] of Object.entries(README)) {
    const colorScheme = theme === "light" ? "light" : "dark";
    const { page, close } = await openWorld(browser, {
      ...shown,
      theme,
      colorScheme,
      world: "normal",
      scale: 2,
    });
    await still(page);
    await page.screenshot({ path: join(root, "docs", "img", `${name}.png`) });
    await close();
  }
  await browser.close();
  process.exit();
}
await mkdir(values.out, { recursive: true });
for (const name of chosen(values.page, SHOWN)) {
  const sidebar = name === "sidebar";
  const shots = [];
  const widths = (values.width?.split(",") ?? (sidebar ? ["240", "320"] : WIDTHS)).map(Number);
  for (const [world, theme, width, language] of every(
    chosen(values.world, WORLDS),
    chosen(values.theme, THEMES),
    widths,
    values.language?.split(",") ?? [undefined],
  )) {
    const { page, errors, close } = await openWorld(browser, {
      world,
      theme,
      width,
      height: 800,
      colorScheme: theme === "light" ? "light" : "dark",
      start: {
        ...(sidebar ? { view: "sidebar" } : {}),
        ...(language === undefined ? {} : { locale: language }),
      },
      ...(sidebar ? {} : { hash: values.query ? `${name}?${values.query}` : name }),
    });
    await still(page);
    const about = [world, theme, width, ...(language === undefined ? [] : [language])];
    const file = join(values.out, `${[name, ...about].join("-")}.png`);
    await page.screenshot({ path: file, fullPage: true });
    for (const error of errors) console.error(`${name} ${about.join(" ")}: ${error}`);
    shots.push({ file, about: about.join(" · "), width });
    await close();
  }
  if (!values["no-montage"]) await montage(name, shots);
  console.error(`${name}: ${shots.length} images in ${values.out}`);
}
await browser.close();

/** Every choice of one of each. */
function every(first, ...rest) {
  if (first === undefined) return [[]];
  return first.flatMap((each) => every(...rest).map((others) => [each, ...others]));
}

/** All of a page's images at half their size, side by side. */
async function montage(name, shots) {
  const page = await browser.newPage({ viewport: { width: 2000, height: 1000 } });
  const figures = shots.map(
    ({ file, about, width }) =>
      `<figure><figcaption>${about}</figcaption><img src="file://${file}" width="${width / 2}"></figure>`,
  );
  const sheet = join(values.out, `.${name}.html`);
  const { writeFile } = await import("node:fs/promises");
  await writeFile(
    sheet,
    `<style>body{margin:8px;background:#777;font:12px sans-serif;display:flex;flex-wrap:wrap;gap:8px;align-items:start}figure{margin:0}img{max-height:700px;object-fit:cover;object-position:top}</style>${figures.join("")}`,
  );
  await page.goto(`file://${sheet}`);
  await page.screenshot({ path: join(values.out, `${name}.png`), fullPage: true });
  await page.close();
  await rm(sheet);
}
