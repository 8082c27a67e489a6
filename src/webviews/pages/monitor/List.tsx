// biome-ignore-all lint/a11y/useSemanticElements: a table's rows cannot be placed by pixels
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which row is meant
/**
 * The list itself: a grid of which only what can be seen is drawn. The grid has the focus and says which
 * row is meant, because a row that was scrolled away is not there to have it.
 */
import { useSignal } from "@preact/signals";
import { t } from "@vscode/l10n";
import { memo } from "preact/compat";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RequestRow } from "../../../control/requests.ts";
import { endedAt } from "../../../control/requestTimes.ts";
import { rowTarget } from "../../components/rows.ts";
import { StatusWord } from "../../components/StatusWord.tsx";
import { TwoLines } from "../../components/Table.tsx";
import { useVirtual } from "../../components/virtual.ts";
import { askedLabel, format } from "../../labels.ts";
import { servedBy } from "../../requestLabels.ts";
import { matches } from "../../state/media.ts";
import { allColumns, chosenColumns, fitting, type ListColumn, template, timeLabel } from "./columns.tsx";
import type { Feed } from "./feed.ts";

/** Pixels. */
const ROW = 29;
const TWO_LINES = 47;
/** Of the list: below this, rows have two lines. */
const NARROW = 480;
/** Rows from one drawing to the next that only a leap can be. */
const LEAP = 100;
/** Milliseconds after a leap in which there was no other. */
const REST_MS = 50;
const SLOTS = 64;
const MARK = "portico:rows";
/** From here on the list counts as scrolled away from its beginning. */
const AWAY = 4;

/** Rows that come at once. */
const MOST_ARRIVING = 8;
const ARRIVAL_MS = 180;
const ARRIVAL = [
  { opacity: 0, transform: "translateY(-8px)" },
  { opacity: 1, transform: "none" },
];
const calm = matches("(prefers-reduced-motion: reduce)");

export interface ListProps {
  feed: Feed;
  selected: string | undefined;
  onOpen(row: RequestRow): void;
  /** Arrows moved to it while details are open. */
  onMove(row: RequestRow): void;
  /** The list was scrolled away from its beginning, or back to it. */
  onAway(away: boolean): void;
  /** Grows each time that the list is to go to its beginning. */
  toTop: number;
}

export function RequestList(props: ListProps) {
  const { feed, selected } = props;
  const version = feed.version.value;
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(800);
  const narrow = width < NARROW;
  const shown = useVirtual(scroller, feed.count, narrow ? TWO_LINES : ROW);
  const active = useActive(feed, selected);
  const away = useSignal(false);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  const leapt = useRef(0);
  useEffect(() => {
    const far = Math.abs(shown.first - leapt.current) > LEAP;
    leapt.current = shown.first;
    if (!far) return feed.show(shown.first, shown.last);
    // Whoever drags the bar reads nothing on the way.
    const timer = setTimeout(() => feed.show(shown.first, shown.last), REST_MS);
    return () => clearTimeout(timer);
  }, [feed, version, shown.first, shown.last]);
  useLayoutEffect(() => {
    // The mark by which it is measured how soon the list is there.
    if (feed.count > 0 && performance.getEntriesByName(MARK).length === 0) performance.mark(MARK);
  }, [feed, version]);
  useLayoutEffect(() => {
    const list = scroller.current;
    if (list !== null && shown.first === 0) arrive(list, feed.added);
  }, [feed, version]);
  useLayoutEffect(() => {
    if (props.toTop > 0) scroller.current?.scrollTo({ top: 0 });
  }, [props.toTop]);

  const chosen = chosenColumns.value;
  const columns = useMemo(
    () =>
      fitting(
        allColumns().filter(({ id, dispensable }) => chosen.includes(id) || dispensable === 0),
        width - 4,
      ),
    [chosen, width],
  );
  const layout = template(columns);
  // As many elements as are drawn at most, used again and again: new ones are what takes time.
  const slots = Math.ceil((shown.last - shown.first + 1) / SLOTS) * SLOTS;
  const rows = Array.from({ length: shown.last - shown.first }, (_, i) => feed.rowAt(shown.first + i));
  const activeRow = feed.rowAt(active.index);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = keyTarget(event.key, active.index, feed.count, shown.perPage);
    if (to !== undefined) {
      active.set(to);
      shown.scrollTo(to);
      const row = feed.rowAt(to);
      if (row !== undefined && selected !== undefined) props.onMove(row);
    } else if (event.key === "Enter" && activeRow !== undefined) props.onOpen(activeRow);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      class={narrow ? "requests two" : "requests"}
      role="grid"
      tabIndex={0}
      aria-label={t("Requests")}
      aria-rowcount={feed.count + (narrow ? 0 : 1)}
      aria-activedescendant={activeRow === undefined ? undefined : rowId(activeRow.seq)}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        const now = event.currentTarget.scrollTop > AWAY;
        if (now === away.peek()) return;
        away.value = now;
        props.onAway(now);
      }}
      style={{ "--columns": layout }}
    >
      {!narrow && (
        <div class="head" role="row" aria-rowindex={1}>
          {columns.map(({ id, head, num }) => (
            <span key={id} role="columnheader" class={num ? "num right" : "cut"}>
              {head}
            </span>
          ))}
        </div>
      )}
      <div class="all" role="rowgroup" style={{ height: `${shown.height}px` }}>
        <div class="drawn" role="presentation" style={{ transform: `translateY(${shown.top}px)` }}>
          {rows.map((row, i) => {
            const index = shown.first + i;
            // Counted from the end, so that a row keeps its place when others come before it.
            const slot = (feed.count - index) % slots;
            const place = index + (narrow ? 1 : 2);
            if (row === undefined) return <Coming key={`coming${slot}`} place={place} />;
            return (
              <Line
                key={slot}
                row={row}
                place={place}
                columns={narrow ? undefined : columns}
                layout={narrow ? "" : layout}
                active={index === active.index}
                selected={row.id === selected}
                day={dayBefore(feed.rowAt(index - 1), row)}
                onOpen={() => {
                  active.set(index);
                  props.onOpen(row);
                }}
              />
            );
          })}
        </div>
      </div>
      {shown.beyond > 0 && (
        <p class="muted beyond">
          {t(
            "{0} older ones are not listed here. Filter to find them, or export.",
            format.count(shown.beyond),
          )}
        </p>
      )}
    </div>
  );
}

/** New rows are seen to come; where many do at once, there is nothing to be followed. */
function arrive(list: HTMLElement, count: number): void {
  if (count === 0 || count > MOST_ARRIVING || calm.peek()) return;
  const rows = [...list.querySelectorAll<HTMLElement>(".line")].slice(0, count);
  for (const row of rows) row.animate(ARRIVAL, { duration: ARRIVAL_MS, easing: "ease-out" });
}

interface LineProps {
  row: RequestRow;
  place: number;
  /** `undefined`: two lines. */
  columns: readonly ListColumn[] | undefined;
  /** Changes when the columns do. */
  layout: string;
  active: boolean;
  selected: boolean;
  /** Its day, where the row above it is of another one. */
  day: string | undefined;
  onOpen(): void;
}

/** Lists are in the order in which requests ended. */
function dayBefore(above: RequestRow | undefined, row: RequestRow): string | undefined {
  if (above === undefined) return undefined;
  const day = format.day(endedAt(row));
  return format.day(endedAt(above)) === day ? undefined : day;
}

const Line = memo(
  function Line({ row, place, columns, active, selected, day, onOpen }: LineProps) {
    const state = `${active ? " active" : ""}${selected ? " selected" : ""}${day === undefined ? "" : " new-day"}`;
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it has the keys
      <div
        id={rowId(row.seq)}
        class={`line${state}`}
        role="row"
        aria-rowindex={place}
        aria-selected={selected}
        data-day={day}
        onClick={onOpen}
      >
        {columns === undefined ? (
          <div role="gridcell">
            <TwoLines
              first={askedLabel(row)}
              end={<StatusWord row={row} />}
              second={`${timeLabel(endedAt(row))} · ${row.client} · ${servedBy(row)}`}
              secondEnd={`${format.took(row.durationMs)}${row.cost === undefined ? "" : ` · ${format.money(row.cost)}`}`}
            />
          </div>
        ) : (
          columns.map(({ id, num, cell, title }) => (
            <span key={id} role="gridcell" class={num ? "num right" : "cut"} title={title?.(row)}>
              {cell(row)}
            </span>
          ))
        )}
      </div>
    );
  },
  (a, b) =>
    a.row === b.row &&
    a.place === b.place &&
    a.layout === b.layout &&
    a.active === b.active &&
    a.day === b.day &&
    a.selected === b.selected,
);

/** A row that is on its way. */
function Coming({ place }: { place: number }) {
  return (
    <div class="line coming" role="row" aria-rowindex={place}>
      <span role="gridcell" class="skeleton" aria-label={t("Loading")} />
    </div>
  );
}

/** Which row is meant: the same one, wherever it moves to as others come. */
function useActive(feed: Feed, selected: string | undefined) {
  const [known, setKnown] = useState<{ index: number; id: string | undefined }>({ index: 0, id: undefined });
  const id = known.id ?? selected;
  const index = (id === undefined ? undefined : feed.indexOf(id)) ?? Math.min(known.index, feed.count - 1);
  return {
    index: Math.max(0, index),
    set: (to: number) => setKnown({ index: to, id: feed.rowAt(to)?.id }),
  };
}

function rowId(seq: number): string {
  return `request-${seq}`;
}

function keyTarget(key: string, at: number, count: number, perPage: number): number | undefined {
  if (count === 0) return undefined;
  if (key === "PageDown") return Math.min(count - 1, at + perPage);
  if (key === "PageUp") return Math.max(0, at - perPage);
  return rowTarget(key, at, count);
}
