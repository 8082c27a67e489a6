/** A table that stays quick however long it is: a longer one scrolls by itself, and draws what can be seen. */
import { useRef } from "preact/hooks";
import { narrow } from "../state/media.ts";
import { Cells, Heads, Table, type TableProps } from "./Table.tsx";
import { useVirtual } from "./virtual.ts";

/** Rows up to which all are drawn. */
const ALL = 200;
/** Pixels, as in `components.css`. */
const ROW = 31;
const TWO_LINES = 53;

export function LongTable<T>(props: Omit<TableProps<T>, "onOpen">) {
  return props.rows.length <= ALL ? <Table {...props} /> : <Scrolled {...props} />;
}

function Scrolled<T>({ label, columns, rows, keyOf, lines }: Omit<TableProps<T>, "onOpen">) {
  const scroller = useRef<HTMLDivElement>(null);
  const two = narrow.value;
  const shown = useVirtual(scroller, rows.length, two ? TWO_LINES : ROW);
  const part = rows.slice(shown.first, shown.last);
  const below = shown.height - shown.top - part.length * (two ? TWO_LINES : ROW);
  const room = (height: number) => ({ height: `${Math.max(0, height)}px` });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section class="long" ref={scroller} aria-label={label} tabIndex={0}>
      {two ? (
        <ul class="lines" aria-label={label}>
          <li class="room" aria-hidden="true" style={room(shown.top)} />
          {part.map((row, i) => (
            <li key={keyOf(row)} aria-posinset={shown.first + i + 1} aria-setsize={rows.length}>
              {lines(row)}
            </li>
          ))}
          <li class="room" aria-hidden="true" style={room(below)} />
        </ul>
      ) : (
        <table class="table" aria-label={label} aria-rowcount={rows.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <Heads columns={columns} />
            </tr>
          </thead>
          <tbody class="room" aria-hidden="true">
            <tr style={room(shown.top)} />
          </tbody>
          <tbody>
            {part.map((row, i) => (
              <tr key={keyOf(row)} aria-rowindex={shown.first + i + 2}>
                <Cells columns={columns} row={row} />
              </tr>
            ))}
          </tbody>
          <tbody class="room" aria-hidden="true">
            <tr style={room(below)} />
          </tbody>
        </table>
      )}
    </section>
  );
}
