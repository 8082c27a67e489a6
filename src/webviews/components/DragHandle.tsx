/**
 * The order of a list changed with the pointer: a row is taken by its grip, a line shows where it would go.
 * For the keyboard and for screen readers there are buttons that do the same.
 */
import { t } from "@vscode/l10n";
import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";

export interface Dragging {
  /** To be put into each row. */
  grip(index: number): JSX.Element;
  /** Classes of a row: the one that is dragged, and the one beside which it would go. */
  classOf(index: number): string;
}

interface Drag {
  from: number;
  /** Its place if it were let go now. */
  to: number;
}

/** @param list whose children are the rows */
export function useDragging(
  list: RefObject<HTMLElement | null>,
  onMove: (from: number, to: number) => void,
): Dragging {
  const [drag, setDrag] = useState<Drag>();
  const end = useRef<() => void>(undefined);
  useEffect(() => () => end.current?.(), []);
  const latest = useRef(onMove);
  latest.current = onMove;

  const begin = (from: number, event: PointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return;
    // Nothing is marked on the way.
    event.preventDefault();
    const { pointerId } = event;
    let to = from;
    const stop = () => {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
      end.current = undefined;
      setDrag(undefined);
    };
    const listeners: [string, (event: Event) => void][] = [
      [
        "pointermove",
        (moved) => {
          if (!(moved instanceof PointerEvent) || moved.pointerId !== pointerId) return;
          to = placeAt(rowsOf(list.current), from, moved.clientY);
          rowsOf(list.current)[to]?.scrollIntoView({ block: "nearest" });
          setDrag({ from, to });
        },
      ],
      [
        "pointerup",
        (up) => {
          if (!(up instanceof PointerEvent) || up.pointerId !== pointerId) return;
          stop();
          if (to !== from) latest.current(from, to);
        },
      ],
      ["pointercancel", stop],
      ["blur", stop],
      [
        "keydown",
        (pressed) => {
          if (!(pressed instanceof KeyboardEvent) || pressed.key !== "Escape") return;
          pressed.preventDefault();
          pressed.stopPropagation();
          stop();
        },
      ],
    ];
    for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
    end.current = stop;
    setDrag({ from, to });
  };

  return {
    grip: (index) => (
      <span
        class="grip"
        aria-hidden="true"
        title={t("Drag to another place")}
        onPointerDown={(event) => begin(index, event)}
      >
        <Icon name="gripper" />
      </span>
    ),
    classOf: (index) => {
      if (drag === undefined) return "";
      if (index === drag.from) return " dragged";
      if (index !== drag.to) return "";
      return drag.to < drag.from ? " drop-before" : " drop-after";
    },
  };
}

function rowsOf(list: HTMLElement | null): Element[] {
  return list === null ? [] : [...list.children];
}

/** How many of the others have their middle above. */
function placeAt(rows: readonly Element[], from: number, y: number): number {
  return rows.filter((row, i) => {
    const { top, height } = row.getBoundingClientRect();
    return i !== from && top + height / 2 < y;
  }).length;
}
