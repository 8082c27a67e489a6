/** A bar for each of a few dozen numbers, for their shape alone; `label` says what it shows. */
const WIDTH = 240;
const HEIGHT = 32;

export function Sparkline(props: {
  /** `undefined`: nothing to tell; it stays empty, with no slope through it. */
  values: readonly (number | undefined)[];
  label: string;
  color: string;
}) {
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={props.label}
      style={{ color: props.color }}
    >
      <path d={sparkBars(props.values, WIDTH, HEIGHT)} />
    </svg>
  );
}

/** Widest a bar gets, as few as there may be. */
const WIDEST = 12;

/** Each from the bottom up, a pixel high at least where there is anything; nothing where there is nothing. */
export function sparkBars(values: readonly (number | undefined)[], width: number, height: number): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const step = Math.min(width / Math.max(1, values.length), WIDEST * 1.4);
  return values
    .map((value, i) => {
      if (value === undefined || value <= 0) return "";
      const tall = round(Math.max(1, (value / most) * height));
      return `M${round(i * step)} ${round(height - tall)}h${round(step * 0.7)}v${tall}h-${round(step * 0.7)}z`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
