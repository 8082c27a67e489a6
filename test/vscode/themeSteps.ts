/** The pages in every theme that VS Code brings along: read well, and ready is not soon is not broken. */
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { findCompanion } from "./companion.ts";
import { untilIs } from "./patience.ts";
import type { Stage, Step } from "./stage.ts";
import { panelOf, showsPage, sidebarOf } from "./webviews.ts";

const CLASSES: Readonly<Record<string, string>> = {
  vs: "vscode-light",
  "vs-dark": "vscode-dark",
  "hc-black": "vscode-high-contrast",
  "hc-light": "vscode-high-contrast-light",
};
/** Between what people read and what is behind it. */
const CONTRAST = 4.5;
/** Between two shapes, in red, green and blue of 0 to 255: what is less looks the same. */
const APART = 40;

type Colour = readonly [red: number, green: number, blue: number];

export function themeSteps(stage: Stage): Step[] {
  const { companions } = stage;
  return [
    stage.step("is told apart and read in each of VS Code's own themes", async (first) => {
      const companion = await findCompanion(companions, first);
      const themes = await companion.themes();
      assert.deepEqual(new Set(themes.map(({ kind }) => kind)), new Set(Object.keys(CLASSES)));
      await companion.run("portico.sidebar.focus");
      await companion.run("portico.openDashboard");
      await showsPage(first, "Dashboard");
      for (const { id, kind } of themes) {
        await companion.set("workbench.colorTheme", id);
        for (const frame of [await panelOf(first), await sidebarOf(first)]) {
          await untilIs(() => frame.locator("body").getAttribute("data-vscode-theme-id"), id);
          await frame.locator(`body.${CLASSES[kind]}`).waitFor();
        }
        const body = (await panelOf(first)).locator("body");
        const colours = new Map<string, Colour>();
        for (const name of ["bg", "ok", "warn", "bad", "ok-text", "warn-text", "bad-text"]) {
          colours.set(name, await colourOf(body, `var(--${name})`));
        }
        const of = (name: string): Colour => colours.get(name) ?? [0, 0, 0];
        for (const name of ["ok-text", "warn-text", "bad-text"]) {
          const found = contrast(of(name), of("bg"));
          assert.ok(found >= CONTRAST, `${id}: --${name} has a contrast of ${found.toFixed(2)}`);
        }
        for (const [a, b] of [
          ["ok", "warn"],
          ["warn", "bad"],
          ["ok", "bad"],
        ] as const) {
          const found = Math.hypot(...of(a).map((value, index) => value - (of(b)[index] ?? 0)));
          assert.ok(found >= APART, `${id}: --${a} (${of(a)}) and --${b} (${of(b)}) look the same`);
        }
        await first.screenshot(`90-theme-${id.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`);
      }
      await companion.set("workbench.colorTheme", undefined);
      return `${themes.length} themes`;
    }),
  ];
}

/** What the browser makes of it, through whatever colour space. */
async function colourOf(body: Locator, value: string): Promise<Colour> {
  const found = await body.evaluate(({ ownerDocument: document }, colour) => {
    const probe = document.createElement("i");
    probe.style.color = colour;
    document.body.append(probe);
    const context = document.createElement("canvas").getContext("2d");
    if (context === null) throw new Error("no canvas");
    context.fillStyle = document.defaultView?.getComputedStyle(probe).color ?? "";
    context.fillRect(0, 0, 1, 1);
    probe.remove();
    return [...context.getImageData(0, 0, 1, 1).data];
  }, value);
  const [red = 0, green = 0, blue = 0] = found;
  return [red, green, blue];
}

/** As the Web Content Accessibility Guidelines count it: 1 to 21. */
function contrast(a: Colour, b: Colour): number {
  const [light = 1, dark = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
