/**
 * Colours and patterns of series, for canvases. Flat colours, and names beside them; in high contrast and forced
 * colours a pattern as well, which there may be all there is.
 */

/** Of the theme, as canvases want them. */
export interface Colors {
  text: string;
  line: string;
  background: string;
  series: string[];
}

const PATTERNS = ["solid", "slant", "dots", "back", "solid", "slant", "dots", "back"] as const;
export type Pattern = (typeof PATTERNS)[number];
/** Of lines; none is solid. Pixels. */
export const DASHES: readonly number[][] = [
  [],
  [6, 3],
  [2, 3],
  [10, 3, 2, 3],
  [],
  [6, 3],
  [2, 3],
  [10, 3, 2, 3],
];

const SIZE = 8;

/** Does the theme ask for more than colours? */
export function needsPatterns(): boolean {
  const { classList } = document.body;
  const high = ["vscode-high-contrast", "vscode-high-contrast-light"];
  return high.some((name) => classList.contains(name)) || matchMedia("(forced-colors: active)").matches;
}

export function patternOf(slot: number): Pattern {
  return needsPatterns() ? (PATTERNS[slot] ?? "solid") : "solid";
}

/** @param element within the page, whose theme counts */
export function readColors(element: Element): Colors {
  const probe = document.createElement("i");
  probe.hidden = true;
  // Else each of them would be the colour of text.
  probe.style.setProperty("forced-color-adjust", "none");
  element.append(probe);
  const read = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const colors = {
    text: read("var(--chart-text)"),
    line: read("var(--chart-line)"),
    background: read("var(--bg)"),
    series: PATTERNS.map((_, i) => read(`var(--chart-${i})`)),
  };
  probe.remove();
  return colors;
}

/** Opaque, so that what lies below does not show. */
export function fillOf(
  context: CanvasRenderingContext2D,
  pattern: Pattern,
  color: string,
  background: string,
  scale: number,
): string | CanvasPattern {
  if (pattern === "solid") return color;
  const tile = document.createElement("canvas");
  tile.width = SIZE * scale;
  tile.height = SIZE * scale;
  const drawing = tile.getContext("2d");
  if (drawing === null) return color;
  drawing.scale(scale, scale);
  drawPattern(drawing, pattern, color, background);
  return context.createPattern(tile, "repeat") ?? color;
}

function drawPattern(
  drawing: CanvasRenderingContext2D,
  pattern: Pattern,
  color: string,
  background: string,
): void {
  drawing.fillStyle = color;
  drawing.fillRect(0, 0, SIZE, SIZE);
  drawing.globalAlpha = 0.55;
  drawing.strokeStyle = background;
  drawing.fillStyle = background;
  drawing.lineWidth = 1.6;
  drawing.beginPath();
  if (pattern === "dots") {
    for (const [x, y] of [
      [2, 2],
      [6, 6],
    ] as const) {
      drawing.moveTo(x + 1.3, y);
      drawing.arc(x, y, 1.3, 0, Math.PI * 2);
    }
    drawing.fill();
    return;
  }
  const up = pattern === "slant";
  for (const shift of [-SIZE, 0, SIZE]) {
    drawing.moveTo(shift - 1, up ? SIZE + 1 : -1);
    drawing.lineTo(shift + SIZE + 1, up ? -1 : SIZE + 1);
  }
  drawing.stroke();
}

/** Grows when the theme changes, or the colours that the system forces. @returns ends it */
export function onTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  const options = { attributes: true, attributeFilter: ["class", "style"] };
  observer.observe(document.documentElement, options);
  observer.observe(document.body, options);
  const media = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((each) => matchMedia(each));
  for (const each of media) each.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    for (const each of media) each.removeEventListener("change", listener);
  };
}
