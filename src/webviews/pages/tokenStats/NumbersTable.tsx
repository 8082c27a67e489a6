/** A table of numbers that can be sorted by each of its columns; without room, lists of them. */
import { t } from "@vscode/l10n";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button, IconButton } from "../../components/Button.tsx";
import { Select } from "../../components/Field.tsx";
import { Icon } from "../../components/Icon.tsx";
import { narrow } from "../../state/media.ts";
import { type Sort, sorted } from "./sort.ts";

/** Of a list without room, until the rest is asked for. */
const MOST_LINES = 8;

export interface NumberColumn<T> {
  id: string;
  head: string;
  /** Spoken, and on hover, where the head is short. */
  title?: string;
  /** `undefined` sorts last. */
  value(row: T): number | undefined;
  words(value: number): string;
  /** What its number leads to; `undefined`: nowhere. */
  opens?(row: T): (() => void) | undefined;
}

export interface FirstColumn<T> {
  head: string;
  value(row: T): number | string;
  cell(row: T): ComponentChildren;
}

export function NumbersTable<T>(props: {
  label: string;
  rows: readonly T[];
  keyOf(row: T): string;
  first: FirstColumn<T>;
  columns: readonly NumberColumn<T>[];
  sort?: Sort;
  /** Scrolls in itself when it is long. */
  tall?: boolean;
}) {
  const { first, columns } = props;
  const [sort, setSort] = useState<Sort>(props.sort ?? { by: "", down: false });
  const [all, setAll] = useState(false);
  const rows = sorted(props.rows, sort, first, columns);
  const heads = [{ id: "", head: first.head, title: undefined }, ...columns];
  // Numbers are most wanted where there are most.
  const change = (by: string) => setSort({ by, down: sort.by === by ? !sort.down : by !== "" });
  if (narrow.value) {
    return (
      <div class="number-lists">
        <div class="row">
          <Select
            label={t("Sorted by")}
            hideLabel
            value={sort.by}
            options={heads.map(({ id, head, title }) => ({ value: id, label: title ?? head }))}
            onChange={(by) => setSort({ by, down: by !== "" })}
          />
          <IconButton
            icon={sort.down ? "arrow-down" : "arrow-up"}
            label={sort.down ? t("Most first") : t("Least first")}
            onClick={() => setSort({ ...sort, down: !sort.down })}
          />
        </div>
        <ul class="lines" aria-label={props.label}>
          {rows.slice(0, all ? rows.length : MOST_LINES).map((row) => (
            <li key={props.keyOf(row)}>
              <span>{first.cell(row)}</span>
              <dl>
                {columns.map(({ id, head, value, words, opens }) => {
                  const number = value(row);
                  if (number === undefined || number === 0) return null;
                  return (
                    <div key={id}>
                      <dt>{head}</dt>
                      <dd class="num">
                        <Figure words={words(number)} head={head} open={opens?.(row)} />
                      </dd>
                    </div>
                  );
                })}
              </dl>
            </li>
          ))}
        </ul>
        {!all && rows.length > MOST_LINES && (
          <Button onClick={() => setAll(true)}>{t("Show all {0}", rows.length)}</Button>
        )}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section class={props.tall ? "number-table tall" : "number-table"} aria-label={props.label} tabIndex={0}>
      <table class="table" aria-label={props.label}>
        <thead>
          <tr>
            {heads.map(({ id, head, title }) => (
              <th
                key={id}
                scope="col"
                class={id === "" ? undefined : "num"}
                title={title}
                aria-sort={sort.by === id ? (sort.down ? "descending" : "ascending") : "none"}
              >
                <button type="button" class="cut" onClick={() => change(id)}>
                  {head}
                  {sort.by === id && <Icon name={sort.down ? "arrow-down" : "arrow-up"} />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.keyOf(row)}>
              <td>{first.cell(row)}</td>
              {columns.map(({ id, head, value, words, opens }) => {
                const number = value(row);
                return (
                  <td key={id} class={number === 0 ? "num muted" : "num"}>
                    {number === undefined ? (
                      <span class="muted">—</span>
                    ) : (
                      <Figure
                        words={words(number)}
                        head={head}
                        open={number === 0 ? undefined : opens?.(row)}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A number that leads to the requests it counts. */
function Figure({ words, head, open }: { words: string; head: string; open: (() => void) | undefined }) {
  if (open === undefined) return <>{words}</>;
  return (
    <Button kind="link" label={t("{0} {1}: show the requests", words, head)} onClick={open}>
      {words}
    </Button>
  );
}
