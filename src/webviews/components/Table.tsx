/** A table with room, rows of two lines without. Arrows move along rows that open; Enter opens. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { narrow } from "../state/media.ts";
import { rowTarget } from "./rows.ts";

export interface Column<T> {
  /** Also in its cells' class, as `col-model`, for their width. */
  id: string;
  head: string;
  cell(row: T): ComponentChildren;
  /** `num`: right-aligned, tabular, as wide as needed. `tight`: as wide as needed. */
  kind?: "num" | "tight";
  /** In full, on hover. */
  title?(row: T): string | undefined;
}

export interface TableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf(row: T): string;
  /** Where there is no room: what stands on which of the two lines. */
  lines(row: T): ComponentChildren;
  onOpen?: ((row: T) => void) | undefined;
}

export function Table<T>(props: TableProps<T>) {
  const rows = useRows(props.rows, (row) => props.onOpen?.(row));
  const opens = props.onOpen !== undefined;
  if (narrow.value) {
    return (
      <ul class="lines" aria-label={props.label} ref={rows.list}>
        {props.rows.map((row, i) => (
          <li key={props.keyOf(row)} {...(opens ? rows.of(i) : {})}>
            {props.lines(row)}
          </li>
        ))}
      </ul>
    );
  }
  return (
    <table class="table" aria-label={props.label}>
      <thead>
        <tr>
          <Heads columns={props.columns} />
        </tr>
      </thead>
      <tbody ref={rows.list}>
        {props.rows.map((row, i) => (
          <tr key={props.keyOf(row)} {...(opens ? rows.of(i) : {})}>
            <Cells columns={props.columns} row={row} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Heads<T>({ columns }: Pick<TableProps<T>, "columns">) {
  return (
    <>
      {columns.map(({ id, head, kind }) => (
        <th key={id} scope="col" class={`${kind ?? ""} col-${id}`}>
          {head}
        </th>
      ))}
    </>
  );
}

export function Cells<T>({ columns, row }: Pick<TableProps<T>, "columns"> & { row: T }) {
  return (
    <>
      {columns.map(({ id, kind, cell, title }) => (
        <td key={id} class={`${kind ?? ""} col-${id}`} title={title?.(row)}>
          {cell(row)}
        </td>
      ))}
    </>
  );
}

/** The first line and its end, the second and its end. */
export function TwoLines(props: {
  first: ComponentChildren;
  end?: ComponentChildren;
  second?: ComponentChildren;
  secondEnd?: ComponentChildren;
}) {
  return (
    <div class="two-lines">
      <span class="cut">{props.first}</span>
      <span class="num right">{props.end}</span>
      <span class="cut second">{props.second}</span>
      <span class="num right second">{props.secondEnd}</span>
    </div>
  );
}

/** Rows of which one is in the tab order, and arrows go to the others. */
export function useRows<T>(rows: readonly T[], onOpen: (row: T) => void) {
  const count = rows.length;
  const open = (index: number) => rows.slice(index, index + 1).forEach(onOpen);
  const list = useRef<HTMLTableSectionElement & HTMLUListElement>(null);
  const [current, setCurrent] = useState(0);
  const at = Math.min(current, Math.max(0, count - 1));
  const move = (to: number) => {
    const next = Math.min(count - 1, Math.max(0, to));
    setCurrent(next);
    const row = list.current?.children[next];
    if (row instanceof HTMLElement) row.focus();
  };
  const onKeyDown = (index: number) => (event: KeyboardEvent) => {
    // A button in the row has its own keys.
    if (event.target !== event.currentTarget) return;
    const to = rowTarget(event.key, index, count);
    if (to !== undefined) move(to);
    else if (event.key === "Enter") open(index);
    else return;
    event.preventDefault();
  };
  return {
    list,
    of: (index: number) => ({
      class: "opens",
      tabIndex: index === at ? 0 : -1,
      onFocus: () => setCurrent(index),
      onClick: () => open(index),
      onKeyDown: onKeyDown(index),
    }),
  };
}
