/** A chart, its legend with the numbers of the bucket that is pointed at, and all numbers as a table. */
import { useSignal } from "@preact/signals";
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Button } from "../../components/Button.tsx";
import { Section } from "../../components/Section.tsx";
import { remembered } from "../../state/memory.ts";
import { assign, isColours } from "./colours.ts";
import { type NumberColumn, NumbersTable } from "./NumbersTable.tsx";
import { Plot, type PlotKind, Swatch } from "./Plot.tsx";
import type { Series } from "./series.ts";

const kept = remembered<Record<string, number>>("colours", {}, isColours);

/** @param of absent: the keys are fixed, and so is their order */
function coloursOf(keys: readonly string[], of: string | undefined): number[] {
  if (of === undefined) return keys.map((_, i) => i);
  const { slots, known } = assign(keys, of, kept.peek());
  kept.value = known;
  return slots;
}

export interface Buckets {
  /** Beginnings, milliseconds since 1970. */
  starts: readonly number[];
  /** Short, for the axis. */
  ticks: readonly string[];
  /** In full. */
  names: readonly string[];
}

export function ChartFigure(props: {
  title: string;
  aside?: ComponentChildren;
  end?: ComponentChildren;
  kind: PlotKind;
  /** What the series' keys are names of, where each keeps its colour from chart to chart. */
  of?: string;
  series: readonly Series[];
  buckets: Buckets;
  /** On the axis and in the legend. */
  words(value: number): string;
  /** In the table. */
  exact(value: number): string;
  most?: number;
  /** Of a series over the whole time; absent: the sum. */
  wholeOf?(series: Series): number | undefined;
  /** What stands there when there is nothing to draw. */
  empty: string;
  onBucket?(start: number): void;
}) {
  const { title, kind, series, buckets, words } = props;
  const at = useSignal<number | undefined>(undefined);
  const [table, setTable] = useState(false);
  const colours = useMemo(
    () =>
      coloursOf(
        series.map(({ key }) => key),
        props.of,
      ),
    [series, props.of],
  );
  const now = at.value;
  if (series.length === 0) {
    return (
      <Section title={title} aside={props.aside} end={props.end}>
        <p class="muted nothing">{props.empty}</p>
      </Section>
    );
  }
  const whole = props.wholeOf ?? sumOf;
  return (
    <Section
      title={title}
      aside={props.aside}
      end={
        <>
          {props.end}
          <Button
            kind="link"
            label={table ? t("{0} as a chart", title) : t("{0} as a table", title)}
            onClick={() => setTable(!table)}
          >
            {table ? t("Chart") : t("Table")}
          </Button>
        </>
      }
    >
      {table ? (
        <BucketTable {...props} />
      ) : (
        <figure class="chart">
          <Plot
            kind={kind}
            series={series}
            colours={colours}
            ticks={buckets.ticks}
            words={words}
            most={props.most}
            label={t("{0}; arrow keys read it", title)}
            at={at}
          />
          <figcaption>
            <span class="when muted num">{now === undefined ? t("in all") : (buckets.names[now] ?? "")}</span>
            <ul class="legend">
              {series.map((each, i) => {
                const value = now === undefined ? whole(each) : each.values[now];
                return (
                  <li key={each.key}>
                    <Swatch index={colours[i] ?? i} line={kind === "lines"} />
                    <span class="cut" title={each.label}>
                      {each.label}
                    </span>
                    <span class="num value">{value === undefined ? "—" : words(value)}</span>
                  </li>
                );
              })}
            </ul>
          </figcaption>
        </figure>
      )}
    </Section>
  );
}

function BucketTable(props: Parameters<typeof ChartFigure>[0]) {
  const { title, series, buckets, exact, onBucket } = props;
  const columns: NumberColumn<number>[] = series.map(({ key, label, values }) => ({
    id: key,
    head: label,
    value: (i) => values[i],
    words: exact,
  }));
  return (
    <NumbersTable
      label={title}
      rows={buckets.starts.map((_, i) => i)}
      keyOf={(i) => String(buckets.starts[i])}
      first={{
        head: t("Time"),
        value: (i) => buckets.starts[i] ?? 0,
        cell: (i) => {
          const start = buckets.starts[i];
          const name = buckets.names[i] ?? "";
          if (start === undefined || onBucket === undefined) return name;
          return (
            <Button kind="link" label={t("{0}: show its requests", name)} onClick={() => onBucket(start)}>
              {name}
            </Button>
          );
        },
      }}
      columns={columns}
      tall
    />
  );
}

function sumOf({ values }: Series): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
