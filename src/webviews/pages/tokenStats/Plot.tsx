/** uPlot, loaded when the first chart is drawn: series over buckets, as bars or lines. */
import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { locale } from "../../start.ts";
import { messageOf } from "../../state/loaded.ts";
import { decimalOf, placesOf, short } from "./axis.ts";
import { DASHES, fillOf, needsPatterns, onTheme, patternOf, readColors } from "./paint.ts";
import { alone, type Series, stacked } from "./series.ts";

export type PlotKind = "bars" | "lines";

export interface PlotProps {
  kind: PlotKind;
  series: readonly Series[];
  /** Of `--chart-N`, one per series. */
  colours: readonly number[];
  /** One per bucket, for the axis. */
  ticks: readonly string[];
  /** On the axis. */
  words(value: number): string;
  /** The axis ends there; absent: where the highest value is. */
  most?: number | undefined;
  /** What it shows, in a sentence. */
  label: string;
  /** Bucket under the pointer or the keys. */
  at: Signal<number | undefined>;
}

const HEIGHT = 190;
export function Plot(props: PlotProps) {
  const { kind, series, colours, ticks, most, label, at } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [problem, setProblem] = useState<string>();
  const [theme, setTheme] = useState(0);
  useEffect(() => onTheme(() => setTheme((n) => n + 1)), []);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let ended = false;
    let observer: ResizeObserver | undefined;
    import("uplot").then(
      ({ default: UPlot }) => {
        if (ended) return;
        const chart = new UPlot(
          optionsOf(UPlot, props, element),
          dataOf(kind, series, ticks.length),
          element,
        );
        plot.current = chart;
        observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
        observer.observe(element);
      },
      (thrown) => setProblem(messageOf(thrown)),
    );
    return () => {
      ended = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [kind, series, colours, ticks, most, theme]);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(ticks.length - 1, to));
    at.value = next;
    const chart = plot.current;
    chart?.setCursor({ left: chart.valToPos(next, "x"), top: 0 }, false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at.peek();
    if (event.key === "ArrowRight") move(now === undefined ? 0 : now + 1);
    else if (event.key === "ArrowLeft") move(now === undefined ? ticks.length - 1 : now - 1);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(ticks.length - 1);
    else return;
    event.preventDefault();
  };
  const leave = () => {
    at.value = undefined;
    plot.current?.setCursor({ left: -10, top: -10 }, false);
  };
  if (problem !== undefined) return <p class="bad">{problem}</p>;
  const now = at.value;
  return (
    <div
      ref={box}
      class="plot"
      role="slider"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, ticks.length - 1)}
      aria-valuenow={now ?? 0}
      aria-valuetext={spoken(props, now)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={leave}
      onPointerLeave={leave}
      style={{ height: `${HEIGHT}px` }}
    />
  );
}

/** The values of one bucket. */
function spoken({ series, ticks, words }: PlotProps, at: number | undefined): string {
  if (at === undefined) return "";
  const values = series.flatMap(({ label, values }) => {
    const value = values[at];
    return value === undefined || value === 0 ? [] : [`${label} ${words(value)}`];
  });
  return `${ticks[at] ?? ""}: ${values.length === 0 ? "0" : values.join(", ")}`;
}

/** Stacks are drawn from behind: the highest first, each lower one over it. */
function dataOf(kind: PlotKind, series: readonly Series[], buckets: number): uPlot.AlignedData {
  const places = Array.from({ length: buckets }, (_, i) => i);
  if (kind === "lines") return [places, ...series.map(({ values }) => values.map((each) => each ?? null))];
  return [places, ...stacked(series).reverse()];
}

function optionsOf(UPlot: typeof uPlot, props: PlotProps, element: HTMLElement): uPlot.Options {
  const { kind, series, colours, ticks, words, most, at } = props;
  const colors = readColors(element);
  const patterned = needsPatterns();
  const count = ticks.length;
  const decimal = decimalOf(locale);
  const style = getComputedStyle(element);
  const axis = { stroke: colors.text, font: `11px ${style.fontFamily}`, ticks: { show: false } };
  const bars = UPlot.paths.bars?.({ size: [0.82, 44], align: 0 });
  const order = kind === "lines" ? series.map((_, i) => i) : series.map((_, i) => series.length - 1 - i);
  const highest = Math.max(
    0,
    ...(kind === "lines"
      ? series.flatMap(({ values }) => values.map((each) => each ?? 0))
      : (stacked(series).at(-1) ?? [])),
  );
  const top = most ?? (highest === 0 ? 1 : highest * 1.08);
  const widest = Math.max(...[0.25, 0.5, 1].map((share) => words(top * share).length));
  return {
    width: element.clientWidth,
    height: HEIGHT,
    // A line may end under its name, half of which is then beside it.
    padding: [8, kind === "bars" ? 4 : 22, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { show: kind === "lines" },
      focus: { prox: -1 },
    },
    scales: {
      x: { time: false, range: () => (kind === "bars" ? [-0.5, count - 0.5] : [0, Math.max(1, count - 1)]) },
      y: { range: () => [0, top] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 6,
        grid: { show: false },
        splits: (u) => placesOf(count, u.bbox.width / devicePixelRatio),
        values: (_, splits) => splits.map((i) => ticks[i] ?? ""),
      },
      {
        ...axis,
        size: Math.ceil(widest * 6.4) + 12,
        gap: 6,
        grid: { stroke: colors.line, width: 1 },
        space: 44,
        values: (_, splits) => splits.map((value) => (value === 0 ? "0" : short(words(value), decimal))),
      },
    ],
    series: [
      {},
      ...order.map((i): uPlot.Series => {
        const slot = colours[i] ?? i;
        const color = colors.series[slot] ?? colors.text;
        if (kind === "lines") {
          return {
            stroke: color,
            width: 1.75,
            dash: (patterned ? DASHES[slot] : undefined) ?? [],
            // A line needs two points: one alone is a dot.
            points: { show: true, size: 5, filter: () => alone(series[i]?.values ?? []) },
            spanGaps: false,
          };
        }
        return {
          stroke: colors.background,
          width: 1,
          fill: (u) => fillOf(u.ctx, patternOf(slot), color, colors.background, devicePixelRatio),
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        };
      }),
    ],
    hooks: {
      setCursor: [
        (u) => {
          const { idx, left } = u.cursor;
          // Also called when it is moved away.
          if (left !== undefined && left < 0) return;
          at.value = idx ?? undefined;
        },
      ],
    },
  };
}

/** How a series looks, beside its name. */
export function Swatch({ index, line }: { index: number; line: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onTheme(() => setTheme((n) => n + 1)), []);
  useEffect(() => {
    const element = canvas.current;
    const drawing = element?.getContext("2d");
    if (element === null || drawing === null || drawing === undefined) return;
    const scale = devicePixelRatio;
    element.width = 16 * scale;
    element.height = 10 * scale;
    const colors = readColors(element.parentElement ?? document.body);
    const color = colors.series[index] ?? colors.text;
    drawing.scale(scale, scale);
    if (line) {
      drawing.strokeStyle = color;
      drawing.lineWidth = 2;
      drawing.setLineDash(needsPatterns() ? [...(DASHES[index] ?? [])] : []);
      drawing.moveTo(0, 5);
      drawing.lineTo(16, 5);
      drawing.stroke();
    } else {
      drawing.setTransform(1, 0, 0, 1, 0, 0);
      drawing.fillStyle = fillOf(drawing, patternOf(index), color, colors.background, scale);
      drawing.fillRect(0, 0, element.width, element.height);
    }
  }, [index, line, theme]);
  return (
    <span class={line ? "swatch line" : "swatch"} aria-hidden="true">
      <canvas ref={canvas} />
    </span>
  );
}
