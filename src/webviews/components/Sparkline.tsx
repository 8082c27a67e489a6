/** A line of a few dozen numbers, for its shape alone; `label` says what it shows. */
const WIDTH = 240;
const HEIGHT = 32;

export function Sparkline({ values, label, color }: { values: number[]; label: string; color: string }) {
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      style={{ color }}
    >
      <path d={sparkPath(values, WIDTH, HEIGHT)} vector-effect="non-scaling-stroke" stroke-linejoin="round" />
    </svg>
  );
}

/** From the lower left; a pixel of air above and below. Empty without values, level with one. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  if (values.length === 0) return "";
  const most = Math.max(...values, 0);
  const y = (value: number) => (most === 0 ? height - 1 : height - 1 - (value / most) * (height - 2));
  if (values.length === 1) return `M0 ${round(y(values[0] ?? 0))}H${width}`;
  const step = width / (values.length - 1);
  return values.map((value, i) => `${i === 0 ? "M" : "L"}${round(i * step)} ${round(y(value))}`).join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
