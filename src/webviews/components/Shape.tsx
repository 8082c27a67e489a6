/** What an empty place will look like: faint, and nothing that is read out. */

export type ShapeKind = "lines" | "accounts" | "bars";

/** Percent of the width, of a line's parts. */
const LINES = [
  [8, 24, 14, 10],
  [8, 31, 11, 10],
  [8, 19, 17, 10],
  [8, 27, 12, 10],
] as const;
/** Percent of the height. */
const BARS = [18, 26, 22, 41, 35, 62, 54, 78, 66, 88, 71, 58, 74, 46, 38, 29];

export function Shape({ kind }: { kind: ShapeKind }) {
  return (
    <div class={`shape of-${kind}`} aria-hidden="true">
      {kind === "bars"
        ? BARS.map((height, i) => <i key={i} style={{ height: `${height}%` }} />)
        : LINES.map((widths, i) => (
            <div key={i}>
              {kind === "accounts" && <i class="round" />}
              {widths.map((width, at) => (
                <i
                  key={at}
                  class={kind === "accounts" && at === 2 ? "thin" : undefined}
                  style={{ flexBasis: `${width}%` }}
                />
              ))}
            </div>
          ))}
    </div>
  );
}
